/// The counters of an open capture, followed past the end of their 32 bits.
///
/// At 400,000 frames a second libpcap's counters wrap in three hours, so they must be asked more often than that.
package struct CaptureCounters {
  /// libpcap's counters as they stood last.
  package struct Reading: Equatable {
    let received: UInt32
    let droppedByKernel: UInt32
    let droppedByInterface: UInt32

    package init(received: UInt32 = 0, droppedByKernel: UInt32 = 0, droppedByInterface: UInt32 = 0) {
      self.received = received
      self.droppedByKernel = droppedByKernel
      self.droppedByInterface = droppedByInterface
    }
  }

  package private(set) var total = CaptureStatistics()
  private var last = Reading()
  private var lastRxDropped: UInt64?
  private var lastRxMissed: UInt64?

  package init() {}

  /// Adds what libpcap counted since the last reading.
  package mutating func update(_ reading: Reading) {
    total.received &+= UInt64(reading.received &- last.received)
    total.droppedByKernel &+= UInt64(reading.droppedByKernel &- last.droppedByKernel)
    total.droppedByInterface &+= UInt64(reading.droppedByInterface &- last.droppedByInterface)
    last = reading
  }

  /// Adds what the system counted on the interface since the last reading. The first reading only sets where counting
  /// begins, and `nil` (the interface is gone) changes nothing.
  package mutating func update(rxDropped: UInt64?, rxMissed: UInt64?) {
    total.interfaceRxDropped &+= Self.advance(&lastRxDropped, to: rxDropped)
    total.interfaceRxMissed &+= Self.advance(&lastRxMissed, to: rxMissed)
  }

  private static func advance(_ last: inout UInt64?, to now: UInt64?) -> UInt64 {
    guard let now else { return 0 }
    defer { last = now }
    guard let before = last else { return 0 }
    // An interface that was made anew under the old name counts from 0.
    return now >= before ? now - before : now
  }
}
