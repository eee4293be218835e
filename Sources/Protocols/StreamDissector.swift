import Capture
import Decode

/// Reads one application protocol out of a reassembled TCP stream that a ``Recogniser`` has named.
///
/// It reports, and never judges. Stratum and DNS have ways of their own: the one for speed, the other for its queries.
protocol StreamDissector: Sendable {
  /// Reads as many whole messages as `bytes` holds, and appends what they say to `said`.
  ///
  /// What is not consumed is handed over again with what follows on it, at most 64 KiB a direction. A sender may send single
  /// bytes, so a dissector that waits for the end of something remembers how far it has looked: the cost of a stream must
  /// stay linear in its bytes.
  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress

  /// Bytes of `sender` were lost, and those of it that were not consumed are gone too.
  ///
  /// - Returns: whether reading can go on.
  mutating func lose(from sender: Role) -> Bool

  /// The flow is over, or can be read no further.
  mutating func finish(at time: Timestamp, into said: inout [Observation.Content])
}

/// What became of the bytes that a dissector was given.
struct DissectorProgress: Equatable, Sendable {
  enum Next: Equatable, Sendable {
    /// Goes on reading.
    case more
    /// Nothing more is to be learned: the flow costs only its counters from here on.
    case done
    /// What follows in both directions is another protocol: the flow is probed anew, unless ``identity`` says which.
    case handOver
  }

  var consumed: Int
  var next = Next.more
  /// The flow is better called this than what the recogniser said.
  var identity: AppProtocol?

  init(consumed: Int, next: Next = .more, identity: AppProtocol? = nil) {
    self.consumed = consumed
    self.next = next
    self.identity = identity
  }
}

/// A protocol that carries another, from here to the flow's end.
package struct Wrapper: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case httpConnect = "http-connect"
    case socks4, socks5
    case webSocket = "websocket"
  }

  package var kind: Kind
  /// Where the client asked to be connected to, as it said it: a name or an address.
  package var host: String?
  package var port: UInt16?
  /// Both ends agreed that messages may be compressed, so what is inside cannot be read.
  package var isCompressed = false

  package init(_ kind: Kind, host: String? = nil, port: UInt16? = nil) {
    self.kind = kind
    self.host = host
    self.port = port
  }
}
