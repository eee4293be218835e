import Rules
import Simulator
import Testing
import Trial

struct FleetTrialTests {
  @Test func `a day of a fleet at work raises nothing`() {
    var plan = FleetModel.Plan()
    plan.miners = 100
    var trial = FleetTrial(plan)
    trial.run(for: 86_400)
    #expect(trial.events.stops.isEmpty)
    #expect(trial.events.starts.isEmpty)
    #expect(trial.events.siteDrops.isEmpty)
    #expect(trial.events.silences.isEmpty)
    #expect(trial.events.slowdowns.isEmpty)
  }

  @Test(arguments: [1.0, 60]) func `a stop of a fifth is told`(seconds: Double) {
    var plan = FleetModel.Plan()
    plan.miners = 100
    var trial = FleetTrial(plan)
    trial.run(for: 3_600)
    trial.forgetEvents()
    trial.model.stop(0..<20, over: seconds)
    trial.run(for: 1_800)
    #expect(!trial.events.stops.isEmpty)
  }

  /// Whoever is between two sessions is not expected to hand in anything, and whoever is back only from then on. The last shares of
  /// a session are counted up after its end was seen.
  @Test func `all miners that lose their pool and find it again are no drop`() {
    var plan = FleetModel.Plan()
    plan.miners = 300
    plan.failoverEvery = 1_500
    var trial = FleetTrial(plan)
    trial.run(for: 4 * 3_600)
    #expect(trial.events.siteDrops == [])
    #expect(trial.events.stops == [])
  }

  @Test func `a drop is told once, while the long window remembers it`() {
    var plan = FleetModel.Plan()
    plan.miners = 200
    var trial = FleetTrial(plan)
    trial.run(for: 3_600)
    trial.model.stop(0..<60, over: 30)
    trial.run(for: 3_600)
    #expect(trial.events.siteDrops.count == 1)
    #expect(trial.events.stops.count <= 2)
  }

  /// Twelve in ten minutes: no window of a minute has many, and most were told as silent, each alone, before they are too many.
  @Test func `a slow ramp is found among those who were told alone`() throws {
    var plan = FleetModel.Plan()
    plan.miners = 300
    var trial = FleetTrial(plan)
    trial.run(for: 2 * 3_600)
    trial.forgetEvents()
    trial.model.stop(0..<12, over: 600)
    trial.run(for: 1_500)
    let stop = try #require(trial.events.stops.first)
    #expect(stop.rows.allSatisfy { $0 < 12 } && stop.rows.count >= 3)
    #expect(trial.events.silences.count >= 1)
  }

  /// The first alarm does not wait for the last of them, and nobody is left out in the end.
  @Test func `all who stopped are told, and so is of how many some start again`() throws {
    var plan = FleetModel.Plan()
    plan.miners = 30
    var trial = FleetTrial(plan)
    trial.run(for: 2 * 3_600)
    trial.forgetEvents()
    trial.model.stop(0..<30, over: 60)
    trial.run(for: 1_500)
    let (first, last) = try (#require(trial.events.stops.first), #require(trial.events.stops.last))
    #expect(last.rows.count + trial.events.silences.count == 30 && first.population == 30)
    #expect(trial.events.stops.count <= 3)
    trial.model.start(0..<10, over: 30)
    trial.run(for: 900)
    let start = try #require(trial.events.starts.first)
    #expect(start.population == 30 && start.rows.count == 10)
  }

  /// A minute is too short for anybody to be missed, and the site's shares tell all the same.
  @Test func `a tenth that goes off and on each minute is found in the site's shares`() throws {
    var plan = FleetModel.Plan()
    plan.miners = 500
    var trial = FleetTrial(plan)
    trial.run(for: 3_600)
    trial.forgetEvents()
    for _ in 0..<20 {
      trial.model.stop(0..<75, over: 1)
      trial.run(for: 30)
      trial.model.start(0..<75, over: 1)
      trial.run(for: 30)
    }
    let swing = try #require(trial.events.swings.first)
    #expect((50...70).contains(swing.period))
    #expect((0.05...0.25).contains(swing.share))
    #expect(trial.events.swings.count == 1)
  }

  @Test func `one dip and one stop are no swing`() {
    var plan = FleetModel.Plan()
    plan.miners = 200
    var trial = FleetTrial(plan)
    trial.run(for: 3_600)
    trial.model.stop(0..<80, over: 1)
    trial.run(for: 60)
    trial.model.start(0..<80, over: 1)
    trial.run(for: 1_200)
    trial.model.stop(0..<40, over: 10)
    trial.run(for: 1_200)
    #expect(trial.events.swings == [])
  }
}
