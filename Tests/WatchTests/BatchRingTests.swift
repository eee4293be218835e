import Capture
import Foundation
import Policy
import Protocols
import Simulator
import Synchronization
import Testing
import Watch

/// What stands between a worker and the analyst: bounded, and what does not fit is counted.
@Suite
struct BatchRingTests {
  @Test
  func `gives batches back in order, up to its bound`() {
    let ring = BatchRing(capacity: 3)
    #expect(ring.take() == nil)
    for round in 0..<5 {
      for number in 0..<3 { #expect(ring.offer(Self.batch(frames: UInt64(round * 3 + number)))) }
      #expect(!ring.offer(Self.batch(frames: 99)), "there is no fourth place")
      for number in 0..<3 { #expect(ring.take()?.counts.frames == UInt64(round * 3 + number)) }
      #expect(ring.take() == nil)
    }
  }

  @Test
  func `holds so many observations in all batches together, and one batch of any size`() {
    let ring = BatchRing(capacity: 8, observations: 10)
    #expect(ring.offer(Self.batch(observations: 20)))
    #expect(!ring.offer(Self.batch(observations: 1)))
    #expect(ring.take()?.observations.count == 20)
    for _ in 0..<2 { #expect(ring.offer(Self.batch(observations: 5))) }
    #expect(!ring.offer(Self.batch(observations: 1)))
  }

  @Test
  func `of minutes that nobody takes one is kept, and the next is told when it was taken`() {
    var worker = PacketWorker(seed: 1, share: .whole)
    let question = FrameBytes.udp(
      from: HealthySite.miner(0), port: 1_024, to: HealthySite.resolver, port: 53,
      payload: DNSBytes.query("pool.example.com", id: 1))
    Tape.TimedFrame.lend(question, at: WorkerSplit.start) { worker.receive($0) }
    var taken: [Int] = []
    for minutes in [1...3, 4...4] {
      for minute in minutes { worker.tick(at: WorkerSplit.start.advanced(by: .seconds(60 * minute))) }
      worker.handOver { batch in
        taken.append(batch.moments.count { $0.second?.minute != nil })
        return true
      }
    }
    #expect(taken == [1, 1])
  }

  @Test
  func `a worker that is not heard keeps its bound, counts what it loses, and goes on when it is heard`() throws {
    var worker = PacketWorker(seed: 1, share: .whole)
    var site = SiteAnalyst(policy: try Bench.policy(), workers: 1)
    var frames = 0
    // Names that miners ask for: an observation each.
    let questions = Limits.handedObservations + 1_000
    for number in 0..<questions {
      let time = WorkerSplit.start.advanced(byNanoseconds: Int64(number) * 1_000_000)
      let bytes = FrameBytes.udp(
        from: HealthySite.miner(0), port: UInt16(1_024 + number % 60_000), to: HealthySite.resolver, port: 53,
        payload: DNSBytes.query("n\(number).example.com", id: UInt16(truncatingIfNeeded: number)))
      Tape.TimedFrame.lend(bytes, at: time) { worker.receive($0) }
      frames += 1
      if number % 100 == 0 { worker.handOver { _ in false } }
    }
    var batch = WorkerBatch()
    worker.handOver {
      batch = $0
      return true
    }
    #expect(batch.observations.count <= Limits.handedObservations)
    #expect(batch.counts.spilled >= 1_000)
    #expect(batch.counts.frames == UInt64(frames))
    site.take(batch, from: 0)
    site.judge()
    let spilled = site.counts.sum(\.spilled)
    #expect(spilled == batch.counts.spilled)

    worker.finish()
    worker.handOver {
      site.take($0, from: 0)
      return true
    }
    site.finish()
    let isOver = site.isOver
    #expect(isOver)
  }

  @Test
  func `an idle worker holds the others up to where it has come, but not when its clock was set back`() throws {
    var site = SiteAnalyst(policy: try Bench.policy(), workers: 2)
    let busy = Self.passing(WorkerSplit.start, seconds: 30)
    site.take(busy, from: 0)
    site.judge()
    var now = site.now
    #expect(now == nil, "the other has said nothing yet")
    var idle = WorkerBatch()
    idle.began = WorkerSplit.start
    idle.watermark = WorkerSplit.start.advanced(by: .seconds(20))
    site.take(idle, from: 1)
    site.judge()
    now = site.now
    var isUsedUp = site.isWaiting(for: 0)
    #expect(now == idle.watermark)
    #expect(!isUsedUp, "ten seconds of it must wait")

    // Somebody sets the machine's clock; this worker noticed, the other has not told yet.
    idle.watermark = WorkerSplit.start.advanced(by: .seconds(-3_600))
    site.take(idle, from: 1)
    site.judge()
    (now, isUsedUp) = (site.now, site.isWaiting(for: 0))
    #expect(isUsedUp)
    #expect(now == idle.watermark)
  }

  /// A worker and an analyst on threads of their own lose nothing and mix nothing up.
  ///
  /// The worker's is a thread: a task that gave way to the other would stand behind all other tests each time.
  @Test
  func `hands over between threads`() {
    let ring = BatchRing(capacity: 4)
    let count = 2_000
    Thread.detachNewThread {
      for number in 0..<count {
        while !ring.offer(Self.batch(frames: UInt64(number))) { sched_yield() }
      }
    }
    var next = 0
    while next < count {
      guard let batch = ring.take() else {
        sched_yield()
        continue
      }
      #expect(batch.counts.frames == UInt64(next))
      next += 1
    }
  }

  private static func batch(frames: UInt64 = 0, observations: Int = 0) -> WorkerBatch {
    var batch = WorkerBatch()
    batch.counts.frames = frames
    let observation = Observation(
      time: WorkerSplit.start, flow: nil, content: .sensor(.stopped(reason: "test")))
    batch.observations = Array(repeating: observation, count: observations)
    return batch
  }

  /// Seconds of a worker in which nothing was said.
  private static func passing(_ start: Timestamp, seconds: Int) -> WorkerBatch {
    var worker = PacketWorker(seed: 1, share: WorkerShare(index: 0, of: 2))
    var passed = WorkerBatch()
    for second in 0...seconds { worker.tick(at: start.advanced(by: .seconds(second))) }
    worker.handOver {
      passed = $0
      return true
    }
    return passed
  }
}
