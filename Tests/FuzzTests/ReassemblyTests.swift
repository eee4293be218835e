import Testing

/// All splits, overlaps, orders and contradictions of a short stream, against the reference.
@Suite
struct ReassemblyTests {
  private static let length = 4

  /// Every stretch of the stream.
  private static let stretches: [StreamReference.Segment] = (0..<length).flatMap { offset in
    (1...length - offset).map { StreamReference.Segment(offset: offset, count: $0, twist: 0) }
  }

  /// Across the wrap of sequence numbers, too.
  @Test(arguments: [1_000, 0xffff_fffd] as [UInt32])
  func `any four segments`(initial: UInt32) {
    for first in Self.stretches {
      for second in Self.stretches {
        for third in Self.stretches {
          for fourth in Self.stretches {
            let objection = StreamReference.objection(to: [first, second, third, fourth], initial: initial)
            if let objection { Issue.record("\(objection)") }
          }
        }
      }
    }
  }

  @Test
  func `any three segments that may contradict each other`() {
    let either = Self.stretches + Self.stretches.map { .init(offset: $0.offset, count: $0.count, twist: 0x55) }
    for first in either {
      for second in either {
        for third in either {
          let objection = StreamReference.objection(to: [first, second, third], initial: 1_000)
          if let objection { Issue.record("\(objection)") }
        }
      }
    }
  }
}
