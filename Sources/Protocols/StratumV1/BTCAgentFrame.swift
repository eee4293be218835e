import Decode

/// A binary frame that BTCAgent and its pool put between the JSON lines (btcpool StratumSession.h and StratumMinerBitcoin.cc,
/// btcagent ExMessage.go). Numbers are little-endian.
///
///      0         1         2         3         4
///     +---------+---------+---------+---------+----
///     |  0x7F   | command | length, with header | body
///     +---------+---------+---------+---------+----
///
/// One connection carries many workers this way.
struct BTCAgentFrame {
  static let magic: UInt8 = 0x7f
  static let headerByteCount = 4
  /// No frame that is longer is waited for unless it is known to be one.
  static let plausibleLength = 1_024

  enum Command: UInt8 {
    case registerWorker = 0x01
    case submit = 0x02
    case submitWithTime = 0x03
    case unregisterWorker = 0x04
    case setDifficulty = 0x05
    case submitResponse = 0x10
    case submitWithVersion = 0x12
    case submitWithTimeAndVersion = 0x13
    /// For Ethereum.
    case submitWithMixHash = 0x14
    case getNoncePrefix = 0x21
    case setNoncePrefix = 0x22
  }

  let command: Command
  /// Bytes of the whole frame.
  let length: Int

  /// - Parameter offset: of the magic byte; at least four bytes follow from there on.
  /// - Returns: nil when the command is unknown or never that long: the length field lies.
  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount &- offset >= Self.headerByteCount, bytes.byte(at: offset) == Self.magic,
      let command = Command(rawValue: bytes.byte(at: offset &+ 1))
    else { return nil }
    self.command = command
    self.length = Int(bytes.byte(at: offset &+ 2)) | Int(bytes.byte(at: offset &+ 3)) &<< 8
    guard command.lengths.contains(length) else { return nil }
  }

  var speaker: Role {
    switch command {
    case .setDifficulty, .submitResponse, .setNoncePrefix: .server
    default: .client
    }
  }

  var method: StratumMethod {
    switch command {
    case .registerWorker: .agentRegister
    case .submit, .submitWithTime, .submitWithVersion, .submitWithTimeAndVersion, .submitWithMixHash: .agentSubmit
    default: .agentOther
    }
  }

  /// Whether the body keeps what the header promises.
  ///
  /// - Parameter offset: of the magic byte; the whole frame is there.
  func isWellFormed(_ bytes: RawSpan, at offset: Int) -> Bool {
    switch command {
    case .registerWorker: texts(bytes, at: offset) != nil
    case .setDifficulty:
      length == 7 &+ 2 &* (Int(bytes.byte(at: offset &+ 5)) | Int(bytes.byte(at: offset &+ 6)) &<< 8)
    default: true
    }
  }

  /// Where the agent and the worker of a REGISTER_WORKER stand: two strings that end with a zero byte, and nothing more.
  func texts(_ bytes: RawSpan, at offset: Int) -> (agent: Range<Int>, worker: Range<Int>)? {
    let end = offset &+ length
    guard let agentEnd = Self.zero(bytes, from: offset &+ 6, to: end),
      let workerEnd = Self.zero(bytes, from: agentEnd &+ 1, to: end), workerEnd &+ 1 == end
    else { return nil }
    return (offset &+ 6..<agentEnd, agentEnd &+ 1..<workerEnd)
  }

  /// Whether a SUBMIT_RESPONSE accepts the share: u16 index, u32 status, of which two mean yes (StratumStatus::ACCEPT, SOLVED).
  func accepts(_ bytes: RawSpan, at offset: Int) -> Bool {
    let status = bytes.uint32(at: offset &+ 6).byteSwapped
    return status == 1_798_084_231 || status == 1_422_486_894
  }

  private static func zero(_ bytes: RawSpan, from start: Int, to end: Int) -> Int? {
    var position = start
    while position < end {
      if bytes.byte(at: position) == 0 { return position }
      position &+= 1
    }
    return nil
  }
}

extension BTCAgentFrame.Command {
  /// How long a frame with this command can be, header included.
  fileprivate var lengths: ClosedRange<Int> {
    switch self {
    case .registerWorker: 8...256  // two names; btcpool cuts them at 30 and 20 characters
    case .submit: 15...15
    case .submitWithTime, .submitWithVersion: 19...19
    case .submitWithTimeAndVersion: 23...23
    case .submitWithMixHash: 15...128
    case .unregisterWorker: 6...6
    case .setDifficulty: 7...65_535  // two bytes a worker
    case .submitResponse: 10...10
    case .getNoncePrefix, .setNoncePrefix: 6...64
    }
  }
}
