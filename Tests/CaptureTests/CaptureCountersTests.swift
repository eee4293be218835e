import Capture
import Testing

@Suite struct CaptureCountersTests {
  @Test func `counts on when libpcap's 32 bits wrap`() {
    var counters = CaptureCounters()
    counters.update(.init(received: .max - 4, droppedByKernel: .max, droppedByInterface: 1))
    counters.update(.init(received: 5, droppedByKernel: 0, droppedByInterface: 1))
    counters.update(.init(received: 4, droppedByKernel: 0, droppedByInterface: 0))
    #expect(counters.total.received == 2 * (1 << 32) + 4)
    #expect(counters.total.droppedByKernel == 1 << 32)
    #expect(counters.total.droppedByInterface == 1 << 32)
  }

  @Test func `counts what the interface lost since the start only`() {
    var counters = CaptureCounters()
    counters.update(rxDropped: 1_000, rxMissed: nil)
    counters.update(rxDropped: 1_003, rxMissed: 50)
    #expect(counters.total.interfaceRxDropped == 3)
    #expect(counters.total.interfaceRxMissed == 0)
    counters.update(rxDropped: nil, rxMissed: 51)  // the interface is away
    counters.update(rxDropped: 2, rxMissed: 51)  // and back, counting from 0
    #expect(counters.total.interfaceRxDropped == 5)
    #expect(counters.total.interfaceRxMissed == 1)
  }
}
