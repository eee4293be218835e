package import Capture

/// What one packet meant for its flow.
///
/// The caller delivers, in this order: the gap if ``gapBefore``, the payload if there is any, what
/// ``FlowTable/nextHeld(_:_:)`` gives if ``hasHeld``; then it reads the conflict and the ended flows.
@frozen
public struct FlowUpdate: Sendable, BitwiseCopyable {
  /// ``FlowIndex/none`` when the packet belongs to no flow, or to one that is over.
  public var flow = FlowIndex.none
  /// What ``FlowTable/applicationState(_:)`` was when the packet came, so that nobody has to look it up.
  public var application: UInt32 = 0
  /// Payload that may be delivered now, in the frame. Empty for flows that are ignored.
  public var payloadOffset = 0
  public var payloadLength = 0
  /// Bytes that ``gapBefore`` stands for; 0 when nobody can tell.
  public var missing: UInt32 = 0
  public var sender = End.a
  /// What is out of the ordinary, all in one byte: empty for nearly every packet, and that is one question.
  public var specials: Specials = []

  @frozen
  public struct Specials: OptionSet, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inlinable public static var isNew: Specials { Specials(rawValue: 1) }
    @inlinable public static var gapBefore: Specials { Specials(rawValue: 2) }
    @inlinable public static var hasHeld: Specials { Specials(rawValue: 4) }
    @inlinable public static var conflict: Specials { Specials(rawValue: 8) }
    @inlinable public static var hasEnded: Specials { Specials(rawValue: 16) }
    @inlinable public static var isLocal: Specials { Specials(rawValue: 32) }
  }

  @inlinable public init() {}

  @inline(__always)
  init(_ slot: Int, _ sender: End, application: UInt32) {
    flow = FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot))
    self.application = application
    self.sender = sender
  }

  /// This packet made the flow.
  @inlinable public var isNew: Bool {
    get { specials.contains(.isNew) }
    set { set(.isNew, newValue) }
  }

  /// A gap comes before the payload.
  @inlinable public var gapBefore: Bool {
    get { specials.contains(.gapBefore) }
    set { set(.gapBefore, newValue) }
  }

  /// Bytes held back can be delivered: call ``FlowTable/nextHeld(_:_:)`` until it gives nil, for the sender and then for the
  /// other end, whose hole this packet may have acknowledged.
  @inlinable public var hasHeld: Bool {
    get { specials.contains(.hasHeld) }
    set { set(.hasHeld, newValue) }
  }

  /// A ``StreamConflict`` waits in ``FlowTable/takeConflict()``.
  @inlinable public var conflict: Bool {
    get { specials.contains(.conflict) }
    set { set(.conflict, newValue) }
  }

  /// Flows wait in ``FlowTable/nextEnded()``, or may once the held bytes are delivered.
  @inlinable public var hasEnded: Bool {
    get { specials.contains(.hasEnded) }
    set { set(.hasEnded, newValue) }
  }

  /// Hosts tell their link something by this packet, whatever its flow: ARP, neighbour discovery, a redirect.
  @inlinable public var isLocal: Bool {
    get { specials.contains(.isLocal) }
    set { set(.isLocal, newValue) }
  }

  @inlinable
  mutating func set(_ special: Specials, _ isSet: Bool) {
    if isSet { specials.insert(special) } else { specials.remove(special) }
  }
}

/// A run of bytes that was held behind a hole and comes next in its stream.
package struct HeldChunk: Sendable, BitwiseCopyable {
  package let flow: FlowIndex
  package let sender: End
  /// When the last packet came: the time of delivery.
  package let timestamp: Timestamp
  package let gapBefore: Bool
  /// Bytes that ``gapBefore`` stands for; 0 when nobody can tell.
  package let missing: UInt32
  /// Read it with ``FlowTable/heldBytes(_:)``, then give it back with ``FlowTable/release(_:)-(HeldChunk)``.
  let buffer: BufferIndex
}
