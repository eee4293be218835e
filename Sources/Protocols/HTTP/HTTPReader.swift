import Capture
import Decode

/// One direction of HTTP/1.x (RFC 9112): where a head ends, and where the body behind it does. What it means is for
/// ``HTTPDissector`` to say.
struct HTTPReader: Sendable {
  enum State: Equatable, Sendable {
    case startLine, fields
    case body(left: UInt64)
    case chunkSize, chunkEnd, trailers
    case chunk(left: UInt64)
    /// The body of a response that ends with the connection.
    case untilClose
    /// Bytes were lost, or nobody can tell where a body ends: lines are looked at until one starts a message.
    case seeking(inLine: Bool)
    /// As ``body(left:)``, before its first byte, when the server has answered without it: the client asked by
    /// `Expect: 100-continue` and may not send it any more (RFC 9110 §10.1.1).
    case bodyOrNext(left: UInt64)
  }

  /// What one step through the bytes came to.
  enum Step {
    /// The next line is not whole.
    case wait
    /// Read up to this offset; nothing is to be said.
    case read(to: Int)
    /// The head is whole: the caller says how long the body is.
    case head(Int)
    /// The message is over.
    case end(Int)
    /// What starts here is no HTTP.
    case foreign
  }

  var state = State.startLine
  private(set) var head = HTTPHead()
  private(set) var body: HTTPBody
  private let bodyLimit: Int
  /// The message has been told of.
  var isTold = false
  /// Bytes at the start of what was not consumed that hold no line feed.
  private var searched = 0
  /// Of a response: what it answers.
  var answered: HTTPResponse.Request?
  var answeredNumber: UInt32?

  /// - Parameter bodyLimit: bytes of a body that are kept.
  init(keeping bodyLimit: Int) {
    self.bodyLimit = bodyLimit
    body = HTTPBody(keeping: bodyLimit)
  }

  /// A head is read whose message goes on.
  var hasHead: Bool {
    switch state {
    case .startLine, .fields, .seeking: false
    default: true
    }
  }

  /// What is remembered of the request that is being read.
  var request: HTTPResponse.Request {
    HTTPResponse.Request(method: head.method, path: head.path, host: head.host)
  }

  mutating func step(_ bytes: RawSpan, from position: Int) -> Step {
    switch state {
    case .startLine: return startLine(bytes, from: position)
    case .fields, .trailers: return field(bytes, from: position)
    case .body(let left):
      let next = take(left, bytes, from: position)
      let rest = left - UInt64(next - position)
      state = rest == 0 ? .startLine : .body(left: rest)
      return rest == 0 ? .end(next) : .read(to: next)
    case .chunk(let left):
      let next = take(left, bytes, from: position)
      let rest = left - UInt64(next - position)
      state = rest == 0 ? .chunkEnd : .chunk(left: rest)
      return .read(to: next)
    case .chunkSize: return chunkSize(bytes, from: position)
    case .chunkEnd:
      guard let line = line(bytes, from: position) else { return tooLong(bytes, from: position) }
      if !line.range.isEmpty { head.note(.badChunk) }
      state = .chunkSize
      return .read(to: line.next)
    case .untilClose: return .read(to: take(.max, bytes, from: position))
    case .seeking(let inLine): return seek(bytes, from: position, inLine)
    case .bodyOrNext(let left):
      switch HTTP.probe(bytes.extracting(position..<bytes.byteCount)) {
      case .needMore: return .wait
      case .match:
        state = .startLine
        return .end(position)
      case .reject: break
      }
      state = .body(left: left)
      return .read(to: position)
    }
  }

  // MARK: Bodies

  /// A body of the length that the head says.
  mutating func beginBody() {
    if case .bytes(let count) = head.length { state = .body(left: count) }
  }

  /// A chunked body, or one that nobody can tell the end of.
  mutating func beginChunks() {
    if head.length != .unsaid { head.note(.bothLengths) }
    if head.isChunked {
      state = .chunkSize
    } else {
      head.note(.otherCoding)
      // A response then ends with the connection, a request cannot be read on (RFC 9112 §6.3).
      state = head.status == 0 ? .seeking(inLine: false) : .untilClose
    }
  }

  /// The server has answered for good: a body that was announced on condition may not come.
  mutating func mayLeaveBodyOut() {
    guard case .body(let left) = state, head.expectsContinue, body.byteCount == 0 else { return }
    state = .bodyOrNext(left: left)
  }

  /// Whether a body without announced length has passed another milestone.
  mutating func hasPassedMilestone() -> Bool {
    guard head.length == .unsaid || head.isChunked else { return false }
    return body.passesMilestone()
  }

  /// Starts over at the next line that starts a message. What was read of the one before is forgotten.
  ///
  /// - Parameter inLine: the next bytes are surely the middle of a line.
  mutating func seek(inLine: Bool = true) {
    state = .seeking(inLine: inLine)
    searched = 0
    clear()
  }

  /// Ready for the next message.
  mutating func clear() {
    head = HTTPHead()
    body = HTTPBody(keeping: bodyLimit)
    answered = nil
    answeredNumber = nil
    isTold = false
  }

  private mutating func take(_ limit: UInt64, _ bytes: RawSpan, from position: Int) -> Int {
    let count = Int(min(limit, UInt64(bytes.byteCount - position)))
    body.append(bytes, position..<position + count)
    return position + count
  }
}

// MARK: - Lines

extension HTTPReader {
  private struct Line {
    /// Without its end.
    var range: Range<Int>
    var next: Int
    var hasReturn: Bool
  }

  /// The next line, if it is whole.
  private mutating func line(_ bytes: RawSpan, from position: Int) -> Line? {
    guard let feed = bytes.lineFeed(from: position + min(searched, bytes.byteCount - position)) else {
      searched = bytes.byteCount - position
      return nil
    }
    searched = 0
    let hasReturn = feed > position && bytes.byte(at: feed - 1) == 0x0d
    return Line(range: position..<(hasReturn ? feed - 1 : feed), next: feed + 1, hasReturn: hasReturn)
  }

  /// Waits for the rest of a line, or gives up on one that is too long.
  private mutating func tooLong(_ bytes: RawSpan, from position: Int) -> Step {
    guard bytes.byteCount - position > Limits.httpLine else { return .wait }
    seek()
    head.note(.lineTooLong)
    return .read(to: bytes.byteCount)
  }

  private mutating func startLine(_ bytes: RawSpan, from position: Int) -> Step {
    // What cannot become HTTP any more need not be waited for.
    let first = bytes.byte(at: position)
    guard HTTPStartLine.mayStart(first) || first == 0x0d || first == 0x0a else { return .foreign }
    guard let line = line(bytes, from: position) else {
      return bytes.byteCount - position > Limits.httpLine ? .foreign : .wait
    }
    // A robust server skips an empty line or two before a request (RFC 9112 §2.2).
    if line.range.isEmpty { return .read(to: line.next) }
    switch HTTPStartLine(bytes, line.range) {
    case .request(let method, let target, let isOdd):
      head.setRequest(bytes, method: method, target: target)
      if isOdd { head.note(.oddStartLine) }
    case .status(let status): head.status = status
    case .preface, nil: return .foreign
    }
    if !line.hasReturn { head.note(.bareLineFeed) }
    state = .fields
    return .read(to: line.next)
  }

  /// A field line of the head, or of the trailers behind a chunked body, which may not say anything that matters here
  /// (RFC 9110 §6.5.1).
  private mutating func field(_ bytes: RawSpan, from position: Int) -> Step {
    guard let line = line(bytes, from: position) else { return tooLong(bytes, from: position) }
    if !line.hasReturn { head.note(.bareLineFeed) }
    guard head.count(line.range.count) else {
      seek()
      head.note(.headTooLong)
      return .read(to: line.next)
    }
    if line.range.isEmpty {
      let isTrailer = state == .trailers
      state = .startLine
      return isTrailer ? .end(line.next) : .head(line.next)
    }
    if state == .fields { head.add(bytes, line.range) }
    return .read(to: line.next)
  }

  /// `1a3f;extension` (RFC 9112 §7.1).
  private mutating func chunkSize(_ bytes: RawSpan, from position: Int) -> Step {
    guard let line = line(bytes, from: position) else { return tooLong(bytes, from: position) }
    if !line.hasReturn { head.note(.bareLineFeed) }
    var size: UInt64 = 0
    var digits = 0
    for index in line.range {
      guard let digit = bytes.byte(at: index).hexDigit else { break }
      size = size << 4 | UInt64(digit)
      digits += 1
    }
    let end = line.range.lowerBound + digits
    let isClean = end == line.range.upperBound || [0x20, 0x09, UInt8(ascii: ";")].contains(bytes.byte(at: end))
    guard 1...15 ~= digits, isClean else {
      head.note(.badChunk)
      state = .seeking(inLine: false)
      return .end(line.next)
    }
    state = size == 0 ? .trailers : .chunk(left: size)
    return .read(to: line.next)
  }

  private mutating func seek(_ bytes: RawSpan, from position: Int, _ inLine: Bool) -> Step {
    if inLine || !HTTPStartLine.mayStart(bytes.byte(at: position)) {
      guard let feed = bytes.lineFeed(from: position) else {
        state = .seeking(inLine: true)
        return .read(to: bytes.byteCount)
      }
      state = .seeking(inLine: false)
      return .read(to: feed + 1)
    }
    guard let line = line(bytes, from: position) else {
      guard bytes.byteCount - position > Limits.httpLine else { return .wait }
      seek()
      return .read(to: bytes.byteCount)
    }
    guard HTTPStartLine(bytes, line.range) != nil else { return .read(to: line.next) }
    head.note(.afterLoss)
    state = .startLine
    return .read(to: position)
  }
}
