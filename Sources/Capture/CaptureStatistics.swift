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

  /// Adds what another worker's capture of the same interface counted at the same time: its frames are others, while the
  /// interface's own counters are the same for all and count once.
  package mutating func addShare(_ other: CaptureStatistics) {
    received &+= other.received
    droppedByKernel &+= other.droppedByKernel
    droppedByInterface = max(droppedByInterface, other.droppedByInterface)
    interfaceRxDropped = max(interfaceRxDropped, other.interfaceRxDropped)
    interfaceRxMissed = max(interfaceRxMissed, other.interfaceRxMissed)
  }

  /// Adds what the next capture of the same interface counted, after this one was closed.
  package mutating func addLater(_ other: CaptureStatistics) {
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
