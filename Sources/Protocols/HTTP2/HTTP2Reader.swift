import Capture
import Decode

/// One direction of HTTP/2: cuts it into frames and puts header blocks together.
struct HTTP2Reader: Sendable {
  enum Step {
    /// The next frame's header, or the preface, is not whole.
    case wait
    case read(to: Int)
    /// A block of fields is whole, of this stream; perhaps the last that it says.
    case fields([HPACKTable.Entry], stream: UInt32, isLast: Bool, next: Int)
    /// Bytes of a body; perhaps the last of their stream.
    case data(Range<Int>, stream: UInt32, isLast: Bool, next: Int)
    /// What comes cannot be read any more.
    case lost
  }

  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private var awaitsPreface: Bool
  /// The frame that is being read, and how much of its payload is to come.
  private var frame: HTTP2Frame?
  private var left = 0
  /// Bytes at the end of a DATA frame that are padding; nil before its first byte told so.
  private var padding: Int?
  /// Payload of the frame, where it is of interest.
  private var payload: [UInt8] = []
  /// Fragments of the header block so far, and whether its stream ends with it.
  private var block: [UInt8] = []
  private var endsStream = false
  private var decoder = HPACKDecoder()
  /// Bodies of all streams together.
  var data = HTTPBody()
  /// Frames cannot be made out any more.
  var isDeaf = false
  /// Something was read, so that a loss is one inside what is being read.
  private(set) var hasBegun = false
  /// The connection was joined in its middle.
  private(set) var isJoined = false

  init(awaitsPreface: Bool) {
    self.awaitsPreface = awaitsPreface
  }

  mutating func step(_ bytes: RawSpan, from position: Int) -> Step {
    if isDeaf { return .read(to: bytes.byteCount) }
    if !hasBegun, !isStart(bytes, at: position) { join() }
    hasBegun = true
    if awaitsPreface { return readPreface(bytes, from: position) }
    guard let frame else {
      guard let next = HTTP2Frame(bytes, at: position) else { return .wait }
      frame = next
      left = next.length
      payload.removeAll()
      padding = next.isPadded ? nil : 0
      let behind = position + HTTP2Frame.byteCount
      return left == 0 ? end(of: next, at: behind) : .read(to: behind)
    }
    let end = position + min(left, bytes.byteCount - position)
    if frame.kind == .data { return readData(frame, bytes, position..<end) }
    left -= end - position
    switch frame.kind {
    case .headers, .pushPromise, .continuation:
      guard block.count + payload.count + (end - position) <= Limits.httpHead else { return .lost }
      for index in position..<end { payload.append(bytes.byte(at: index)) }
    default: break
    }
    return left == 0 ? self.end(of: frame, at: end) : .read(to: end)
  }

  /// DATA (RFC 9113 §6.1): the length of the padding in front where there is some, the body, the padding.
  private mutating func readData(_ frame: HTTP2Frame, _ bytes: RawSpan, _ range: Range<Int>) -> Step {
    var start = range.lowerBound
    if padding == nil, start < range.upperBound {
      padding = Int(bytes.byte(at: start))
      start += 1
      left -= 1
    }
    let body = start..<start + min(max(left - (padding ?? 0), 0), range.upperBound - start)
    left -= range.upperBound - start
    data.count(body.count)
    let isLast = left == 0 && frame.endsStream
    if left == 0 { self.frame = nil }
    return .data(body, stream: frame.stream, isLast: isLast, next: range.upperBound)
  }

  /// Whether what is seen first is what a connection starts with: the client's preface, the server's SETTINGS (RFC 9113 §3.4).
  private func isStart(_ bytes: RawSpan, at position: Int) -> Bool {
    guard awaitsPreface else {
      guard let frame = HTTP2Frame(bytes, at: position) else { return true }
      return frame.kind == .settings
    }
    let count = min(bytes.byteCount - position, Self.preface.count)
    return (0..<count).allSatisfy { bytes.byte(at: position + $0) == Self.preface[$0] }
  }

  /// Reads on from the middle of a connection, where a frame starts.
  private mutating func join() {
    awaitsPreface = false
    isJoined = true
    decoder.isJoined = true
  }

  private mutating func readPreface(_ bytes: RawSpan, from position: Int) -> Step {
    let count = min(bytes.byteCount - position, Self.preface.count)
    for index in 0..<count where bytes.byte(at: position + index) != Self.preface[index] { return .lost }
    guard count == Self.preface.count else { return .wait }
    awaitsPreface = false
    return .read(to: position + count)
  }

  private mutating func end(of frame: HTTP2Frame, at position: Int) -> Step {
    self.frame = nil
    switch frame.kind {
    case .data: return .data(position..<position, stream: frame.stream, isLast: frame.endsStream, next: position)
    case .headers, .pushPromise, .continuation:
      if frame.kind != .continuation {
        block.removeAll()
        endsStream = frame.kind == .headers && frame.endsStream
      }
      guard let fragment = frame.fragment(of: payload) else { return .lost }
      block.append(contentsOf: fragment)
      guard frame.endsHeaders else { return .read(to: position) }
      defer { block.removeAll() }
      guard let fields = decoder.decode(block) else { return .lost }
      // What is promised is no answer yet.
      if frame.kind == .pushPromise { return .read(to: position) }
      return .fields(fields, stream: frame.stream, isLast: endsStream, next: position)
    default: return .read(to: position)
    }
  }
}
