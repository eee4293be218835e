import Foundation
import Testing
import Trial

@testable import Rules

/// What `make prove` shows at length, in short: the fleet's rules keep their promises.
struct ProofTests {
  @Test func `a day of a fleet at work has no more false alarms than stated`() {
    var plan = Proof.Plan()
    plan.miners = 150
    plan.days = 2
    let alarms = Proof(plan).falseAlarms()
    // 0.3 are expected at the most of each of these, and four come by chance once in 4,000 times.
    #expect(alarms.silences <= 3 && alarms.slowdowns <= 3)
    #expect(alarms.stops + alarms.starts + alarms.siteDrops + alarms.oscillations == 0)
    #expect(alarms.curtailments == 1 && alarms.planned >= 2)
  }

  @Test func `a fifth that stops within a minute is seen, and soon`() throws {
    var plan = Proof.Plan()
    plan.miners = 300
    plan.repetitions = 2
    // Smaller ones are missed at times, and of a ramp of ten minutes a part is told, or each miner alone.
    for detection in Proof(plan).detections() where detection.fraction >= 0.2 && detection.seconds <= 60 {
      #expect(detection.power == 1, "\(detection)")
      let worst = try #require(detection.worst)
      #expect(worst <= 150 + detection.seconds, "\(detection)")
    }
  }

  /// The rate that silences are told at is that of the rule, with what is not known about the pace.
  @Test func `gaps are as rare as they are said to be`() {
    // With thirty events the pace is uncertain, and the law of the next gap has a heavier tail.
    for (events, probability) in [(30.0, 1e-3), (1_000, 1e-5), (30, 1e-6)] {
      let gap = Chance.gap(exceededWith: probability, mean: 10, events: events)
      #expect(abs(Chance.ofGap(gap, mean: 10, events: events) / probability - 1) < 1e-9)
      #expect(gap > -10 * log(probability))
    }
    #expect(abs(Chance.ofGap(138, mean: 10, events: 1e9) / 1e-6 - 1) < 0.02)
  }

  @Test func `counts follow Poisson, and clusters have heavier tails`() {
    // By adding the terms up.
    #expect(abs(Chance.ofCount(atLeast: 10, mean: 2) / 4.649808e-05 - 1) < 1e-4)
    #expect(abs(Chance.ofCount(atMost: 5, mean: 20) / 7.190884e-05 - 1) < 1e-4)
    #expect(Chance.ofCount(atLeast: 10, mean: 2, dispersion: 3) > 20 * Chance.ofCount(atLeast: 10, mean: 2))
    #expect(Chance.count(below: 1e-6, mean: 2) == 13)

    #expect(abs(Chance.ofDraw(atLeast: 3, marked: 10, drawn: 5, all: 100) / 0.006637913 - 1) < 1e-3)
  }
}
