import Capture
import Decode
import Foundation
import Protocols
import Rules
import Simulator
import Testing

@testable import Watch

/// Hashrates of the whole pipeline, held against what the simulated miners really do.
@Suite struct HashrateAccuracyTests {
  /// A share of difficulty 233,000 each ten seconds on average, as ``HealthySite`` has it.
  private static let truth = 233_000 * 4_294_967_296.0 / 10 / 1e12

  private static func minutes(of tape: Tape) throws -> [MinuteAccount] {
    var pipeline = Pipeline(policy: try Bench.policy(), seed: 1, readers: .init(wantMinutes: true))
    for frame in tape.frames { pipeline.receive(frame) }
    pipeline.finish()
    return pipeline.judging.takeMinutes()
  }

  @Test func `95 percent of miners and windows are inside the stated error`() throws {
    var plan = HealthySite.Plan()
    plan.miners = 60
    var site = HealthySite(plan)
    let minutes = try Self.minutes(of: site.tape(until: plan.start.advanced(by: .seconds(20 * 60))))
    var tried = 0
    var inside = 0
    // The minute of the logins is partly before them.
    for minute in minutes.dropFirst(2).dropLast() {
      #expect(minute.workers.count == plan.miners)
      for estimate in minute.workers.flatMap(\.estimates) {
        tried += 1
        if estimate.range?.contains(Self.truth) == true { inside += 1 }
      }
    }
    #expect(tried > 3_000)
    #expect(Double(inside) / Double(tried) >= 0.95)
    let site15 = try #require(minutes.dropLast().last?.site.estimates[2].terahashes)
    #expect(abs(site15 / (Self.truth * Double(plan.miners)) - 1) < 0.05)
  }

  @Test func `shares behind TLS are counted, and are no hashrate`() throws {
    let plan = HealthySite.Plan()
    let end = plan.start.advanced(by: .seconds(1_200))
    let tape = HealthyHour.tape(miners: 2, seed: 2, start: plan.start)
    var beginning = Tape()
    for frame in tape.frames where frame.time < end { beginning.append(frame.bytes, at: frame.time) }
    let hidden = try Self.minutes(of: beginning).dropLast().compactMap { minute in
      minute.workers.first { $0.miner.address == HealthySite.miner(2).address }
    }
    let last = try #require(hidden.last)
    // Six a minute, as soon as five minutes have told what they are.
    #expect((5...7).contains(last.work.unknown))
    #expect((28...32).contains(last.estimates[1].unknownShares))
    #expect(last.estimates.allSatisfy { $0.terahashes == nil })
  }

  @Test func `a session joined in the middle has no rate until its difficulty is known`() throws {
    var plan = HealthySite.Plan()
    plan.miners = 5
    var site = HealthySite(plan)
    let tape = site.tape(until: plan.start.advanced(by: .seconds(240)))
    var late = Tape()
    for frame in tape.frames where frame.time > plan.start.advanced(by: .seconds(60)) {
      late.append(frame.bytes, at: frame.time)
    }
    let workers = try Self.minutes(of: late).flatMap(\.workers)
    #expect(!workers.isEmpty)
    #expect(workers.allSatisfy { $0.estimates.allSatisfy { $0.terahashes == nil } })
    #expect(workers.contains { $0.estimates[0].unknownShares > 0 })
  }
}
