import Capture
import Decode
import Flows

/// Tells from the first bytes of a stream's direction whether mining is spoken there.
///
/// It looks at structure, not for words: whole JSON messages whose method some mining dialect has, or replies of a shape that
/// only mining gives. It remembers how far it has read, so that asking again after every segment costs no more than asking once.
package struct StratumProbe: Zeroable {
  package enum Verdict: Equatable, Sendable {
    /// Mining, and who says such a thing, when that can be told.
    case match(speaker: Role?)
    case needMore
    case reject
  }

  /// Bytes looked at before giving up.
  package static var byteLimit: Int { 64 << 10 }
  /// Whole messages looked at before giving up: a pool's answers alone tell nothing, its next job does.
  package static var messageLimit: Int { 8 }
  private static var whitespace: ClosedRange<UInt8> { 0x09...0x0d }

  /// Where the line that is being looked at starts.
  private var lineStart: UInt32 = 0
  /// Bytes from there on that hold no line feed.
  private var searched: UInt32 = 0
  private var messages: UInt8 = 0
  /// The half line at the start is behind.
  private var isAligned = false

  package init() {}

  /// Looks at all of `prefix` at once.
  package static func probe(_ prefix: RawSpan, midstream: Bool = false) -> Verdict {
    var probe = StratumProbe()
    return probe.read(prefix, midstream: midstream)
  }

  /// Looks at what is new.
  ///
  /// - Parameters:
  ///   - prefix: the direction's bytes from the first one seen, every time; longer than the last time.
  ///   - midstream: the first byte may be in the middle of a message.
  package mutating func read(_ prefix: RawSpan, midstream: Bool) -> Verdict {
    var position = Int(lineStart)
    while position < prefix.byteCount {
      let first = prefix.byte(at: position)
      if first == 0x20 || Self.whitespace.contains(first) {
        position &+= 1
        if first == UInt8(ascii: "\n") { isAligned = true }
        lineStart = UInt32(truncatingIfNeeded: position)
        continue
      }
      switch step(prefix, from: position, first, midstream: midstream) {
      case .verdict(let verdict): return verdict
      case .wait: return prefix.byteCount >= Self.byteLimit ? .reject : .needMore
      case .next(let next):
        position = next
        lineStart = UInt32(truncatingIfNeeded: next)
        searched = 0
      }
    }
    return prefix.byteCount >= Self.byteLimit ? .reject : .needMore
  }

  private enum Step {
    case verdict(Verdict)
    case wait
    case next(Int)
  }

  private mutating func step(_ bytes: RawSpan, from start: Int, _ first: UInt8, midstream: Bool) -> Step {
    if first == BTCAgentFrame.magic { return frame(bytes, from: start) }
    if first == 0xef, start == 0, !midstream {
      let mark = bytes.paddedWord(from: 0, to: 3)
      if mark == 0xbf_bbef { return .next(3) }
      return mark == 0xef || mark == 0xbbef ? .wait : .verdict(.reject)
    }
    if first == UInt8(ascii: "{") { return message(bytes, from: start, isHalf: midstream && !isAligned) }
    if midstream, !isAligned { return halfLine(bytes, from: start) }
    guard first == UInt8(ascii: "P"), messages == 0 else { return .verdict(.reject) }
    return proxyLine(bytes, from: start)
  }

  private func frame(_ bytes: RawSpan, from start: Int) -> Step {
    let left = bytes.byteCount &- start
    guard left >= BTCAgentFrame.headerByteCount else { return .wait }
    guard let frame = BTCAgentFrame(bytes, at: start), frame.length <= BTCAgentFrame.plausibleLength else {
      return .verdict(.reject)
    }
    guard left >= frame.length else { return .wait }
    guard frame.isWellFormed(bytes, at: start) else { return .verdict(.reject) }
    if left > frame.length {
      let next = bytes.byte(at: start &+ frame.length)
      guard next == BTCAgentFrame.magic || next == UInt8(ascii: "{") else { return .verdict(.reject) }
    }
    return .verdict(.match(speaker: frame.speaker))
  }

  /// `PROXY TCP4 192.0.2.1 192.0.2.2 40000 3333` in front of everything (proxy-protocol.txt §2.1).
  private func proxyLine(_ bytes: RawSpan, from start: Int) -> Step {
    let beginning: UInt64 = 0x2059_584f_5250  // "PROXY "
    let left = bytes.byteCount &- start
    let known: UInt64 = left >= 6 ? .max : (1 << UInt64(left * 8)) - 1
    guard bytes.paddedWord(from: start, to: start &+ 6) == beginning & known else { return .verdict(.reject) }
    guard let line = bytes.lineFeed(from: start) else {
      return left > StratumSessionState.proxyLineLimit ? .verdict(.reject) : .wait
    }
    return Self.isProxyLine(bytes, start..<line) ? .next(line &+ 1) : .verdict(.reject)
  }

  /// - Parameter line: without its line feed.
  static func isProxyLine(_ bytes: RawSpan, _ line: Range<Int>) -> Bool {
    guard line.count < StratumSessionState.proxyLineLimit, line.count > 6, bytes.byte(at: line.upperBound &- 1) == 0x0d
    else {
      return false
    }
    let word = bytes.paddedWord(from: line.lowerBound, to: line.upperBound)
    let family = bytes.paddedWord(from: line.lowerBound &+ 6, to: line.lowerBound &+ 10)
    guard word & 0xffff_ffff_ffff == 0x2059_584f_5250 else { return false }
    return family == 0x3450_4354 || family == 0x3650_4354 || family == 0x4e4b_4e55  // TCP4, TCP6, UNKN(OWN)
  }

  /// The rest of a message whose start we did not see: nothing but text until its line feed.
  private mutating func halfLine(_ bytes: RawSpan, from start: Int) -> Step {
    var position = start &+ min(Int(searched), bytes.byteCount &- start)
    while position < bytes.byteCount {
      let byte = bytes.byte(at: position)
      if byte == UInt8(ascii: "\n") {
        isAligned = true
        return .next(position &+ 1)
      }
      // Binary protocols are not waited for.
      if byte < 0x20 && byte != 0x09 && byte != 0x0d { return .verdict(.reject) }
      position &+= 1
    }
    searched = UInt32(truncatingIfNeeded: bytes.byteCount &- start)
    return .wait
  }

  private mutating func message(_ bytes: RawSpan, from start: Int, isHalf: Bool) -> Step {
    // A message without its end is scanned once; after that only the line feed is looked for.
    if searched > 0, bytes.lineFeed(from: start &+ min(Int(searched), bytes.byteCount &- start)) == nil {
      searched = UInt32(truncatingIfNeeded: bytes.byteCount &- start)
      return .wait
    }
    let message = JSONScanner.scan(bytes, from: start)
    switch message.outcome {
    case .unfinished:
      searched = UInt32(truncatingIfNeeded: bytes.byteCount &- start)
      return .wait
    case .broken:
      guard isHalf else { return .verdict(.reject) }
      searched = 0
      return halfLine(bytes, from: start)
    case .complete: break
    }
    if let verdict = judge(message, bytes, from: start) { return .verdict(verdict) }
    if isHalf {
      // It may have been an inner object of the message that we joined in.
      searched = 0
      return halfLine(bytes, from: start)
    }
    messages &+= 1
    return Int(messages) >= Self.messageLimit ? .verdict(.reject) : .next(message.end)
  }

  private func judge(_ message: borrowing JSONMessage, _ bytes: RawSpan, from start: Int) -> Verdict? {
    guard message.method.kind == .string else {
      return isMiningReply(message, bytes) ? .match(speaker: .server) : nil
    }
    let name =
      message.method.hasEscapes
      ? PackedName(unescaping: bytes, message.method.range) : PackedName(bytes, message.method.range)
    guard let match = StratumMethod.find(name) else {
      // Nothing else names its methods like that, so a method that we do not know is mining all the same.
      return name.lowercased.hasPrefix(PackedName("mining.")) ? .match(speaker: nil) : nil
    }
    let speaker = match.entry.speaker.role
    let params = message.params
    switch match.entry.method {
    case .login: return bytes.member("login", of: params).kind == .string ? .match(speaker: speaker) : nil
    case .job, .beamSubmit:
      // Beam puts beside the method what others put into `params`.
      let whole = JSONValue(.object, from: start, to: message.end)
      let isBeams =
        bytes.member("input", of: whole).kind == .string || bytes.member("output", of: whole).kind == .string
      return isBeams || bytes.member("job_id", of: params).kind != .missing ? .match(speaker: speaker) : nil
    case .grinJobRequest: return nil
    case .cryptoNoteSubmit:
      let isShare =
        bytes.member("job_id", of: params).kind != .missing && bytes.member("nonce", of: params).kind != .missing
      return isShare ? .match(speaker: speaker) : nil
    case .other where !match.entry.isTelling: return nil
    default: return .match(speaker: speaker)
    }
  }

  /// The reply to `mining.subscribe`, `[[..."mining.notify"...], "extranonce1", size]`, or CryptoNote's to `login`.
  private func isMiningReply(_ message: borrowing JSONMessage, _ bytes: RawSpan) -> Bool {
    switch message.result.kind {
    case .object: return bytes.member("job_id", of: bytes.member("job", of: message.result)).kind != .missing
    case .array:
      let size = bytes.element(2, of: message.result)
      let subscriptions = bytes.element(0, of: message.result)
      let extranonce = bytes.element(1, of: message.result)
      guard extranonce.kind == .string else { return false }
      if size.kind == .number, bytes.isHexBytes(extranonce) {
        return subscriptions.kind == .array || subscriptions.kind == .null
      }
      return bytes.equals(bytes.element(0, of: subscriptions), "mining.notify")
    default: return false
    }
  }
}

extension StratumMethod.Entry {
  /// The name belongs to mining alone: `mining.ping` does, `ping` and `status` do not.
  fileprivate var isTelling: Bool {
    let spelling = name.text
    return spelling.hasPrefix("mining.") || spelling.hasPrefix("client.") || spelling.hasPrefix("eth_submit")
      || spelling == "agent.get_capabilities"
  }
}
