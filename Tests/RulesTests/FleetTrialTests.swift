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
}
