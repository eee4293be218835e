import Capture
import Decode

/// Tells the management of miners by the structure of its requests and answers, on any port (cgminer API-README;
/// UpstreamData/pyasic, pyasic/rpc).
enum MinerAPI {
  /// cgminer's port. It only counts for a word alone, which could be anything.
  static let port: UInt16 = 4_028
  /// The longest beginning that may still become a request in text; at cgminer's port any may.
  private static let textLimit = 512

  static func probe(_ bytes: FirstBytes) -> Probe {
    let structure = Probe.either(
      bytes.opening.isEmpty ? .reject : probeStructure(bytes.opening, isOpening: true),
      bytes.answer.isEmpty ? .reject : probeStructure(bytes.answer, isOpening: false))
    guard structure == .reject, !bytes.opening.isEmpty, let text = textRequest(bytes) else { return structure }
    if bytes.answererPort == port || isTextAnswer(bytes.answer) { return .match(opener: .client) }
    return bytes.answer.isEmpty && text == .open ? .needMore : .reject
  }

  /// One direction alone.
  private static func probeStructure(_ bytes: RawSpan, isOpening: Bool) -> Probe {
    if isTextAnswer(bytes) { return .match(opener: .server) }
    if mayBecomeTextAnswer(bytes) { return .needMore }
    if let remoteDaemon = probeRemoteDaemon(bytes) { return remoteDaemon }
    if let frame = probeFrame(bytes), isOpening || frame != .needMore { return frame }
    let start = bytes.firstMark
    guard start < bytes.byteCount else { return .reject }
    return bytes.byte(at: start) == UInt8(ascii: "{") ? probeObject(bytes, from: start) : .reject
  }

  // MARK: JSON

  /// An object with `command` or `cmd`, with what Whatsminer hides a command in (`enc` and `data`), or with a `STATUS` as only
  /// miners give it. Miners look for the key that they know and pass over the rest, so keys of JSON-RPC beside it do not matter;
  /// alone they do.
  private static func probeObject(_ bytes: RawSpan, from start: Int) -> Probe {
    var json = LooseJSON(bytes, start..<bytes.byteCount)
    var (hasHidden, hasData, isCall) = (false, false, false)
    while let leaf = json.next() {
      guard leaf.isWhole else { break }
      switch json.name() {
      case "method", "jsonrpc", "params": isCall = true
      case "command", "cmd":
        if leaf.isString, isName(bytes, leaf.range) { return .match(opener: .client) }
      case "enc": hasHidden = true
      case "data" where leaf.isString: hasData = true
      case "STATUS", "STATUS.STATUS":
        if !isCall, leaf.isString, leaf.range.count == 1, isStatus(bytes.byte(at: leaf.range.lowerBound)) {
          return .match(opener: .server)
        }
      // cgminer says {"RESTART","id":1}.
      case "" where leaf.depth == 1 && leaf.isString && words.contains(bytes.array(leaf.range, limit: 8)):
        return .match(opener: .server)
      default: break
      }
      if hasHidden, hasData { return .match(opener: .client) }
    }
    return json.isComplete ? .reject : .needMore
  }

  /// `summary+pools`, `set.miner.pools`.
  private static func isName(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    guard 2...Limits.apiText ~= range.count else { return false }
    return bytes.text(range, limit: Limits.apiText).utf8.allSatisfy(\.isNamePart)
  }

  // MARK: Text

  private enum TextRequest {
    /// More may follow.
    case open
    case ended
  }

  /// A word in small letters, as all commands are, perhaps with `|` and parameters.
  private static func textRequest(_ first: FirstBytes) -> TextRequest? {
    let bytes = first.opening
    guard bytes.byteCount <= textLimit || first.answererPort == port else { return nil }
    var offset = 0
    while offset < bytes.byteCount, bytes.byte(at: offset).isNamePart { offset += 1 }
    guard offset > 0, UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes.byte(at: 0) else { return nil }
    guard offset < bytes.byteCount else { return .open }
    switch bytes.byte(at: offset) {
    case UInt8(ascii: "|"): return bytes.looksLikeText(from: offset) ? .open : nil
    case 0, UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .ended
    default: return nil
    }
  }

  private static let statusPrefix = Array("STATUS=".utf8)
  private static let words = ["BYE", "RESTART"].map { Array($0.utf8) }

  private static func isTextAnswer(_ bytes: RawSpan) -> Bool {
    if case .match = bytes.probe(for: statusPrefix) {
      return bytes.byteCount > statusPrefix.count && isStatus(bytes.byte(at: statusPrefix.count))
    }
    return words.contains { word in
      bytes.byteCount <= word.count + 1 && bytes.probe(for: word) == .match(opener: nil)
    }
  }

  /// Whether it is the beginning of an answer in text, and no more.
  private static func mayBecomeTextAnswer(_ bytes: RawSpan) -> Bool {
    bytes.byteCount <= statusPrefix.count && bytes.byteCount > 0
      && ([statusPrefix] + words).contains { bytes.byteCount <= $0.count && bytes.starts($0, bytes.byteCount) }
  }

  private static func isStatus(_ byte: UInt8) -> Bool {
    "SIWEF".utf8.contains(byte)
  }

  // MARK: Whatsminer

  /// `MT` and two digits, alone or before something that is neither letter nor digit, or before `pool1::`.
  private static func probeRemoteDaemon(_ bytes: RawSpan) -> Probe? {
    guard bytes.byteCount > 0, bytes.byte(at: 0) == UInt8(ascii: "M") else { return nil }
    if bytes.byteCount > 1, bytes.byte(at: 1) != UInt8(ascii: "T") { return nil }
    guard bytes.byteCount >= 4 else { return .needMore }
    guard RemoteDaemon.isCommand((0..<4).map { bytes.byte(at: $0) }) else { return nil }
    guard bytes.byteCount > 4 else { return .match(opener: .client) }
    let next = bytes.byte(at: 4)
    return next == UInt8(ascii: "p") || !(next.isNamePart && next != UInt8(ascii: ".")) ? .match(opener: .client) : nil
  }

  /// A length under 16 MiB, little endian, and an object with `cmd`, or with `code` for an answer; zeros are heartbeats.
  private static func probeFrame(_ bytes: RawSpan) -> Probe? {
    var start = 0
    while bytes.byteCount - start >= 8, bytes.uint32(at: start) == 0 { start += 4 }
    let head = bytes.byteCount - start
    guard head >= 5 else {
      // Too few bytes for any other reading, and the length's high byte is zero as far as it is there.
      return head < 4 || bytes.byte(at: start + 3) == 0 ? .needMore : nil
    }
    let length = bytes.uint32(at: start).byteSwapped
    guard 2..<(16 << 20) ~= length, bytes.byte(at: start + 4) == UInt8(ascii: "{") else { return nil }
    return probeFrame(bytes, from: start + 4, to: min(bytes.byteCount, start + 4 + Int(length)))
  }

  private static func probeFrame(_ bytes: RawSpan, from start: Int, to end: Int) -> Probe? {
    if case .match(let role) = probeObject(bytes.extracting(0..<end), from: start) { return .match(opener: role) }
    var json = LooseJSON(bytes, start..<end)
    var (hasCode, hasMessage) = (false, false)
    while let leaf = json.next(), leaf.isWhole {
      hasCode = hasCode || json.name() == "code"
      hasMessage = hasMessage || json.name().hasPrefix("msg")
    }
    return hasCode && hasMessage ? .match(opener: .server) : json.isComplete ? nil : .needMore
  }
}

extension UInt8 {
  /// What names of commands are made of.
  fileprivate var isNamePart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+"): true
    default: false
    }
  }
}

extension RawSpan {
  /// Whether the first `count` bytes are those of `text`; both must have so many.
  fileprivate func starts(_ text: [UInt8], _ count: Int) -> Bool {
    (0..<count).allSatisfy { byte(at: $0) == text[$0] }
  }

  /// The first byte that is no blank.
  fileprivate var firstMark: Int {
    var offset = 0
    while offset < byteCount, byte(at: offset) <= 0x20 { offset += 1 }
    return offset
  }
}
