import Capture
import Decode

/// Stratum V2 for a connection's life: frames in the clear are read, and behind Noise their sizes.
struct StratumV2Dissector: StreamDissector {
  /// How one direction's bytes are cut into frames.
  private struct Reading {
    /// Bytes of a frame that is too long to be read.
    var toSkip = 0
    /// Bytes were lost: the next frame must be found again.
    var isLost = false
  }

  private var fromClient = Reading()
  private var fromServer = Reading()
  private var session = StratumV2Session()
  /// Nil in the clear, or as long as the client has said nothing.
  private var shape: StratumV2Shape?
  private var hasBegun = false

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    if !hasBegun, bytes.byteCount > 0 {
      if sender == .client, bytes.byteCount < 3, bytes.byte(at: 0) == 0 { return DissectorProgress(consumed: 0) }
      hasBegun = true
      session.begin(at: time)
      // SetupConnection begins with three zeros; random bytes do in one of 16 million.
      let isStart =
        sender == .client && bytes.byteCount >= 3 && bytes.byte(at: 0) | bytes.byte(at: 1) | bytes.byte(at: 2) == 0
      if !isStart, StratumV2Frame.speaker(ofFrameBeginning: bytes) == sender {
        // Joined in the middle: where the other end's frames begin nobody knows, and this one's are soon found.
        _ = lose(from: sender)
        _ = lose(from: sender.other)
      } else if !isStart {
        shape = StratumV2Shape()
        session.dialect = .stratumV2Noise
      }
    }
    if shape != nil {
      shape?.take(bytes.byteCount, from: sender, &session, at: time, into: &said)
      session.tick(at: time, into: &said)
      return DissectorProgress(consumed: bytes.byteCount)
    }
    var position = 0
    while position < bytes.byteCount {
      guard let next = readFrame(bytes, from: position, sender, at: time, into: &said) else { break }
      position = next
    }
    session.tick(at: time, into: &said)
    return DissectorProgress(consumed: position)
  }

  /// - Returns: the offset behind what was read, or nil when more bytes are needed.
  private mutating func readFrame(
    _ bytes: RawSpan, from start: Int, _ sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> Int? {
    var reading = sender == .client ? fromClient : fromServer
    defer { if sender == .client { fromClient = reading } else { fromServer = reading } }
    let left = bytes.byteCount &- start
    if reading.toSkip > 0 {
      let skipped = min(reading.toSkip, left)
      reading.toSkip -= skipped
      return start &+ skipped
    }
    guard left >= StratumV2Frame.headerByteCount else { return nil }
    let frame = StratumV2Frame(bytes, at: start)
    if reading.isLost {
      guard frame.isPlausible(from: sender), left >= StratumV2Frame.headerByteCount &+ frame.length else {
        return start &+ 1
      }
      reading.isLost = false
    }
    guard frame.length <= StratumV2Frame.lengthLimit else {
      if frame.message?.mayBeHuge != true { session.report(.lineTooLong, from: sender, at: time, into: &said) }
      reading.toSkip = StratumV2Frame.headerByteCount &+ frame.length
      return start
    }
    let payload = start &+ StratumV2Frame.headerByteCount..<start &+ StratumV2Frame.headerByteCount &+ frame.length
    guard payload.upperBound <= bytes.byteCount else { return nil }
    session.interpret(frame, bytes, payload, from: sender, at: time, into: &said)
    return payload.upperBound
  }

  mutating func takeWork() -> (user: String?, work: ShareWork)? { session.takeWork() }

  mutating func lose(from sender: Role) -> Bool {
    session.lose()
    if sender == .client { fromClient = Reading(isLost: true) } else { fromServer = Reading(isLost: true) }
    return true
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    session.finish(at: time, into: &said)
  }
}

extension StratumV2Message {
  /// Lists of transactions may be longer than anything that is read.
  fileprivate var mayBeHuge: Bool {
    switch self {
    case .provideMissingTransactionsSuccess, .declareMiningJob, .requestTransactionDataSuccess, .submitSolution: true
    default: false
    }
  }
}
