/// What the monitor has to say about itself: an input like any other, so that the rules for it are rules.
package enum SensorEvent: Sendable {
  case started(version: String, policyDigest: String)
  case reloaded(policyDigest: String, changes: [String])
  case stopped(reason: String)
  /// A reload failed; the old policy stands. One line an error.
  case configRejected(errors: [String])
  /// Packets lost in one interval.
  case captureLoss(CaptureLoss)
  /// Bounds that were hit in one interval.
  case overload([OverloadCount])
  /// An interface stopped (`isUp` false) or came back.
  case interface(name: String, isUp: Bool, reason: String)

  /// Losses of one interval.
  package struct CaptureLoss: Sendable {
    package var interface: String
    package var seconds: Double
    package var received: UInt64
    /// Dropped because the kernel's ring was full.
    package var kernelDropped: UInt64
    /// Dropped by the interface or its driver.
    package var interfaceDropped: UInt64
    /// Stream bytes that were acknowledged and never seen.
    package var missedStreamBytes: UInt64
    /// Bytes that were seen, of all interfaces and with their headers: what the missed ones are a share of.
    package var seenBytes: UInt64

    package init(
      interface: String, seconds: Double, received: UInt64, kernelDropped: UInt64, interfaceDropped: UInt64,
      missedStreamBytes: UInt64, seenBytes: UInt64
    ) {
      self.interface = interface
      self.seconds = seconds
      self.received = received
      self.kernelDropped = kernelDropped
      self.interfaceDropped = interfaceDropped
      self.missedStreamBytes = missedStreamBytes
      self.seenBytes = seenBytes
    }
  }

  /// How often one bound was hit.
  package struct OverloadCount: Equatable, Sendable {
    /// The bound's name, as in `Limits`: "flows", "held bytes".
    package var bound: String
    package var count: UInt64

    package init(bound: String, count: UInt64) {
      self.bound = bound
      self.count = count
    }
  }
}
