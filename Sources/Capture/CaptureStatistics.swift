/// What an interface delivered and what was lost on the way, in frames since the capture was opened.
package struct CaptureStatistics: Equatable, Sendable {
  /// Frames that reached the capture's socket, the dropped ones included, after the filter.
  package var received: UInt64 = 0
  /// Frames lost because the ring was full: this program was too slow, or `capture.buffer` is too small.
  package var droppedByKernel: UInt64 = 0
  /// Frames that libpcap says the interface or its driver lost; Linux counts them only in promiscuous mode.
  package var droppedByInterface: UInt64 = 0
  /// /sys/class/net/IF/statistics/rx_dropped: frames that the kernel refused for any reason, also those of no use to
  /// anybody, so not every one of them is a loss.
  package var interfaceRxDropped: UInt64 = 0
  /// /sys/class/net/IF/statistics/rx_missed_errors: frames that the card had no room for.
  package var interfaceRxMissed: UInt64 = 0

  package init() {}

  /// Adds what another capture of the same interface counted: sums of its own counters, while the interface's are the same for all
  /// and count once.
  package mutating func join(_ other: CaptureStatistics) {
    received &+= other.received
    droppedByKernel &+= other.droppedByKernel
    droppedByInterface = max(droppedByInterface, other.droppedByInterface)
    interfaceRxDropped = max(interfaceRxDropped, other.interfaceRxDropped)
    interfaceRxMissed = max(interfaceRxMissed, other.interfaceRxMissed)
  }

  /// Adds what the next capture of the same interface counted, after this one was closed.
  package mutating func add(_ other: CaptureStatistics) {
    received &+= other.received
    droppedByKernel &+= other.droppedByKernel
    droppedByInterface &+= other.droppedByInterface
    interfaceRxDropped &+= other.interfaceRxDropped
    interfaceRxMissed &+= other.interfaceRxMissed
  }

  /// What came in addition since `earlier`, which must be of the same capture.
  package func since(_ earlier: CaptureStatistics) -> CaptureStatistics {
    var difference = CaptureStatistics()
    difference.received = received &- earlier.received
    difference.droppedByKernel = droppedByKernel &- earlier.droppedByKernel
    difference.droppedByInterface = droppedByInterface &- earlier.droppedByInterface
    difference.interfaceRxDropped = interfaceRxDropped &- earlier.interfaceRxDropped
    difference.interfaceRxMissed = interfaceRxMissed &- earlier.interfaceRxMissed
    return difference
  }
}

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
  /// ``total`` when a difference was last asked for.
  private var reported = CaptureStatistics()
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

  /// The difference to the last call of this method.
  package mutating func takeDifference() -> CaptureStatistics {
    defer { reported = total }
    return total.since(reported)
  }

  private static func advance(_ last: inout UInt64?, to now: UInt64?) -> UInt64 {
    guard let now else { return 0 }
    defer { last = now }
    guard let before = last else { return 0 }
    // An interface that was made anew under the old name counts from 0.
    return now >= before ? now - before : now
  }
}
