import Capture
import Decode

/// A WebSocket from its upgrade on, or joined in the middle: takes the frames off what both ends say. What that is, the stage
/// finds out (``ProtocolStage/readInside(_:_:_:)``), which keeps here what it needs to know.
struct WebSocketDissector: StreamDissector {
  /// What came out of frames, in order.
  enum Piece: Sendable {
    case bytes(Role, [UInt8])
    /// Bytes of this direction were lost.
    case gap(Role)
  }

  private var client = WebSocketReader()
  private var server = WebSocketReader()
  private(set) var pieces: [Piece] = []
  /// The upgrade was not seen.
  let isJoined: Bool
  /// What is inside, as far as it is known.
  var inside = WebSocketInside()

  init(isJoined: Bool) {
    self.isJoined = isJoined
  }

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    var position = 0
    var text: [UInt8] = []
    defer { if !text.isEmpty { pieces.append(.bytes(sender, text)) } }
    while position < bytes.byteCount {
      let step =
        sender == .client
        ? client.step(bytes, from: position, into: &text) : server.step(bytes, from: position, into: &text)
      switch step {
      case .wait: return DissectorProgress(consumed: position)
      case .read(let next): position = next
      case .broken:
        guard client.hasRead || server.hasRead else { return DissectorProgress(consumed: bytes.byteCount, next: .done) }
        if !text.isEmpty { pieces.append(.bytes(sender, text)) }
        text = []
        _ = lose(from: sender)
        return DissectorProgress(consumed: bytes.byteCount)
      }
    }
    return DissectorProgress(consumed: position)
  }

  mutating func lose(from sender: Role) -> Bool {
    if sender == .client { client.lose() } else { server.lose() }
    pieces.append(.gap(sender))
    return true
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {}

  mutating func takePieces() -> [Piece] {
    defer { pieces = [] }
    return pieces
  }
}

/// What is known of the bytes inside a WebSocket.
struct WebSocketInside: Sendable {
  /// Number of the Stratum session, once there is one.
  var session: StratumSessionIndex?
  /// Unfinished lines. Bounded by ``Capture/Limits/stratumLine`` and one segment.
  var client: [UInt8] = []
  var server: [UInt8] = []
  /// Bytes that said nothing that is known.
  var unknown = 0
  /// Bytes were lost before the session began.
  var isBroken = false

  /// Nobody looks at it any more.
  var isOver: Bool { session == nil && unknown > Limits.probedText }

  subscript(role: Role) -> [UInt8] {
    get { role == .client ? client : server }
    _modify { if role == .client { yield &client } else { yield &server } }
  }
}
