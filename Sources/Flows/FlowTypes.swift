/// A flow's place in the ``FlowTable``. Valid from the packet that made the flow until it is released.
@frozen
public struct FlowIndex: Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// No flow: the packet was no IP, or a fragment that waits.
  @inlinable public static var none: FlowIndex { FlowIndex(rawValue: .max) }
}

/// One of the two ends of a flow. `a` has the lower address and port; which of them is the client is another question.
@frozen
public enum End: UInt8, Sendable, BitwiseCopyable {
  case a, b

  @inlinable public var other: End { self == .a ? .b : .a }
}

/// Why we believe that one end is the client. Later cases are stronger and replace earlier ones.
@frozen
public enum DirectionBasis: UInt8, Comparable, Sendable, BitwiseCopyable {
  /// Nothing but the order in which ports are usually given out.
  case guess
  /// One port is a well-known server's.
  case port
  /// What was said: only a client says it.
  case content
  /// The SYN, or the SYN and ACK, was seen.
  case handshake

  @inlinable
  public static func < (left: DirectionBasis, right: DirectionBasis) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Why a flow is no longer followed.
@frozen
public enum FlowEnd: UInt8, Sendable, BitwiseCopyable {
  /// Both sides sent FIN.
  case finished
  case reset
  /// Nothing was heard for the timeout of its kind.
  case idle
  /// The table was full and this flow was worth least.
  case evicted
  /// The ports were used again for a new connection.
  case replaced
  /// The monitor stopped.
  case shutdown
}

/// Packets that cannot all be meant: what their receiver makes of them may not be what a monitor makes of them.
package struct StreamConflict: Equatable, Sendable {
  package enum Kind: Sendable {
    /// Two different payloads for the same bytes of a TCP stream.
    case bytes
    /// Two different payloads for the same bytes of a datagram, in IP fragments.
    case fragments
    /// A connection goes on that was over by a FIN or RST: one of its ends never sent that, or never got it.
    case goesOn
    /// Bytes marked as urgent, of which a receiver takes the last out of its stream (RFC 6093 §2).
    case urgent
  }

  package var kind: Kind
  /// Of the first byte that differs, as sequence number; else of the segment that gave the game away. 0 for fragments.
  package var sequence: UInt32
  /// Up to 64 bytes from the difference on, as they were delivered first.
  package var first: [UInt8]
  /// The same place in the segment that came later; without a difference, how that segment begins.
  package var second: [UInt8]

  package init(kind: Kind = .bytes, sequence: UInt32, first: [UInt8], second: [UInt8]) {
    self.kind = kind
    self.sequence = sequence
    self.first = first
    self.second = second
  }
}

/// Packets and bytes that one end sent. Bytes are those of the IP packets' claimed length, headers included.
@frozen
public struct FlowCounters: Equatable, Sendable, BitwiseCopyable {
  public var packets: UInt64 = 0
  public var bytes: UInt64 = 0

  @inlinable public init() {}
}
