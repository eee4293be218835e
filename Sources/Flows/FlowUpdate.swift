package import Capture

/// What one packet meant for its flow.
///
/// The caller delivers, in this order: the gap if ``gapBefore``, the payload if there is any, what
/// ``FlowTable/nextHeld(_:_:)`` gives if ``hasHeld``; then it reads the conflict and the ended flows.
@frozen
public struct FlowUpdate: Sendable, BitwiseCopyable {
  /// ``FlowIndex/none`` when the packet belongs to no flow, or to one that is over.
  public var flow = FlowIndex.none
  /// Bytes that ``gapBefore`` stands for; 0 when nobody can tell.
  public var missing: UInt32 = 0
  /// Payload that may be delivered now, in the frame. Empty for flows that are ignored.
  public var payloadOffset = 0
  public var payloadLength = 0
  public var sender = End.a
  /// This packet made the flow.
  public var isNew = false
  /// A gap comes before the payload.
  public var gapBefore = false
  /// Bytes held back can be delivered: call ``FlowTable/nextHeld(_:_:)`` until it gives nil, for the sender and then for the
  /// other end, whose hole this packet may have acknowledged.
  public var hasHeld = false
  /// A ``StreamConflict`` waits in ``FlowTable/takeConflict()``.
  public var conflict = false
  /// Flows wait in ``FlowTable/nextEnded()``, or may once the held bytes are delivered.
  public var hasEnded = false

  @inlinable public init() {}

  init(flow: FlowIndex, sender: End) {
    self.flow = flow
    self.sender = sender
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
