/// What became of a frame.
@frozen
public enum Outcome: Equatable, Sendable, BitwiseCopyable {
  /// A packet of IP or ARP was read: something for Flows.
  case packet
  /// The frame is whole as far as it was read, and carries nothing for Flows.
  case ignored(Ignored)
  /// A header is broken. What was read before it must not be used.
  case fault(Fault)
}

extension Outcome {
  /// Whether there is something for Flows. Cheaper than `==`, which is a call from other modules.
  @inlinable public var isPacket: Bool {
    if case .packet = self { true } else { false }
  }
}
