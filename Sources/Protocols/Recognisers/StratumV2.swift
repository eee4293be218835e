import Decode

/// Tells Stratum V2 in the clear by its first message or, joined in the middle, by frames of shares and jobs, and behind Noise by the shape of the handshake.
///
/// Sources: stratum-mining/sv2-spec 03-Protocol-Overview.md and 04-Protocol-Security.md; sizes from
/// stratum-mining/stratum sv2/noise-sv2/src/lib.rs.
enum StratumV2 {
  /// Act 1: the client's ElligatorSwift key.
  private static let firstAct = 64
  /// Act 2: a key, an encrypted key (64 + 16) and an encrypted signature message (74 + 16).
  private static let secondAct = 234
  /// Act 2 as the specification's text still has it.
  private static let staleSecondAct = 170
  /// Distinct byte values that random bytes have at the very least: 57 of 64 and 153 of 234 are usual, and both bounds
  /// are over five standard deviations off.
  private static let distinctInFirstAct = 44
  private static let distinctInSecondAct = 110

  static func probe(_ bytes: FirstBytes) -> Probe {
    guard !bytes.opening.isEmpty else { return .reject }
    if !bytes.sawStart, case .match(let opener) = bytes.probeEither(probeFrames) { return .match(opener: opener) }
    let clear = probeSetupConnection(bytes.opening)
    return clear == .reject ? probeNoise(bytes) : clear
  }

  /// Joined in the middle: frames to the end of what was seen, of which the last may be cut, and the first is one that tells.
  private static func probeFrames(_ bytes: RawSpan) -> Probe {
    guard let speaker = StratumV2Frame.speaker(ofFrameBeginning: bytes) else { return .reject }
    var position = 0
    while bytes.byteCount - position >= StratumV2Frame.headerByteCount {
      let frame = StratumV2Frame(bytes, at: position)
      guard frame.isPlausible(from: speaker) else { return .reject }
      position += StratumV2Frame.headerByteCount + frame.length
    }
    return .match(opener: speaker)
  }

  /// SetupConnection, which a client must send first:
  ///
  ///     00 00      extension type, core
  ///     00         message type
  ///     ll ll ll   length, little endian
  ///     00...02    protocol: mining, job declaration, template distribution
  ///     02 00      lowest version
  ///     02 00      highest version
  private static func probeSetupConnection(_ bytes: RawSpan) -> Probe {
    // Flags, port and five texts of up to 255 bytes, each behind its length byte.
    let lengths = 16...1_291
    for offset in 0..<min(bytes.byteCount, 11) {
      let byte = bytes.byte(at: offset)
      switch offset {
      case 0...2, 5, 8, 10: guard byte == 0 else { return .reject }
      case 4: guard byte <= 5 else { return .reject }
      case 6: guard byte <= 2 else { return .reject }
      case 7, 9: guard byte == 2 else { return .reject }
      default: continue
      }
    }
    guard bytes.byteCount >= 11 else { return .needMore }
    let length = Int(bytes.byte(at: 3)) | Int(bytes.byte(at: 4)) << 8
    return lengths.contains(length) ? .match(opener: .client) : .reject
  }

  /// The client sends exactly 64 random bytes and waits; the server answers with exactly 234 random ones and waits.
  private static func probeNoise(_ bytes: FirstBytes) -> Probe {
    guard bytes.sawStart, bytes.firstFlight <= firstAct, bytes.opening.byteCount >= bytes.firstFlight else {
      return .reject
    }
    guard bytes.firstFlight == firstAct else {
      return bytes.answer.isEmpty && !bytes.opening.isText ? .needMore : .reject
    }
    guard bytes.opening.distinctBytes(in: 0..<firstAct) >= distinctInFirstAct else { return .reject }
    guard bytes.secondFlight <= secondAct, bytes.answer.byteCount >= bytes.secondFlight else { return .reject }
    switch bytes.secondFlight {
    case secondAct:
      let isRandom = bytes.answer.distinctBytes(in: 0..<secondAct) >= distinctInSecondAct
      return isRandom ? .match(opener: .client) : .reject
    case staleSecondAct where bytes.hasThirdFlight:
      let isRandom = bytes.answer.distinctBytes(in: 0..<firstAct) >= distinctInFirstAct
      return isRandom ? .match(opener: .client) : .reject
    default:
      return bytes.hasThirdFlight ? .reject : .needMore
    }
  }
}

extension RawSpan {
  /// Nothing but visible ASCII and line ends, and enough of it that random bytes would not do that (1 in 2,700).
  fileprivate var isText: Bool {
    guard byteCount >= 8 else { return false }
    for offset in 0..<byteCount {
      switch byte(at: offset) {
      case 0x20...0x7e, 0x09, 0x0a, 0x0d: continue
      default: return false
      }
    }
    return true
  }

  /// How many byte values occur in `range`.
  fileprivate func distinctBytes(in range: Range<Int>) -> Int {
    var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for offset in range {
      let bit = UInt64(1) << UInt64(byte(at: offset) & 63)
      switch byte(at: offset) >> 6 {
      case 0: seen.0 |= bit
      case 1: seen.1 |= bit
      case 2: seen.2 |= bit
      default: seen.3 |= bit
      }
    }
    return seen.0.nonzeroBitCount + seen.1.nonzeroBitCount + seen.2.nonzeroBitCount + seen.3.nonzeroBitCount
  }
}
