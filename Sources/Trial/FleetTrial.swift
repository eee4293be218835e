package import Rules
package import Simulator

/// Puts the watch over the fleet on trial: a modelled fleet works, and what the watch says of it is written down.
///
/// Pulses go in, not packets, so that a month takes a minute. Rows of the watch are the model's miners by number.
package struct FleetTrial {
  package var model: FleetModel
  package private(set) var watch = FleetWatch()
  private let settings = FleetSettings.standard
  /// What was said so far, each with when it was said, in seconds of the trial.
  package private(set) var events = FleetEvents()
  package private(set) var stopTimes: [Double] = []
  package private(set) var siteDropTimes: [Double] = []
  /// The capture is broken: no packet reaches the watch.
  package var isBlind = false

  private var heard = 0
  private var packets: UInt64 = 0

  /// The trial begins at this second of packet time: a full hour.
  package static let start = 1_790_002_800

  package init(_ plan: FleetModel.Plan) {
    model = FleetModel(plan)
    for index in 0..<plan.miners { _ = watch.row(of: HealthySite.miner(index).address) }
  }

  /// Seconds since the beginning.
  package var now: Double { model.now }

  package mutating func run(for seconds: Double) {
    let end = now + seconds
    while now < end { round() }
  }

  private mutating func round() {
    let time = model.now + Double(FleetWatch.roundLength)
    let (seesAny, miners) = (!isBlind, model.plan.miners)
    model.step(to: time) { miner, saying in
      guard seesAny else { return }
      switch saying {
      case .shares(let count, let last, let difficulty):
        watch.beat(
          miner, shares: count, at: Self.start + last, difficulty: difficulty, flow: UInt64(miner + 1), pool: 0)
      case .sign(let sign, let at):
        watch.note(Self.sign(sign, of: miner), of: HealthySite.miner(miner).address, at: Self.start + at)
      }
    }
    if seesAny {
      heard = Self.start + Int(time)
      packets += UInt64(miners)
    }
    watch.turn(
      at: Self.start + Int(time), look: Sight.Look(heard: heard, packets: packets), settings: settings)
    collect(at: time)
  }

  private static func sign(_ sign: FleetModel.Sign, of miner: Int) -> FleetWatch.Sign {
    switch sign {
    case .finished: .finished(flow: UInt64(miner + 1))
    case .reset: .reset(flow: UInt64(miner + 1))
    case .seeking: .seeking
    case .booted: .booted
    case .alive: .alive
    }
  }

  private mutating func collect(at time: Double) {
    events.silences += watch.events.takeSilences()
    events.slowdowns += watch.events.takeSlowdowns()
    let stops = watch.events.takeStops()
    events.stops += stops
    stopTimes += stops.map { _ in time }
    events.starts += watch.events.takeStarts()
    let drops = watch.events.takeSiteDrops()
    events.siteDrops += drops
    siteDropTimes += drops.map { _ in time }
    events.oscillations += watch.events.takeOscillations()
    events.swings += watch.events.takeSwings()
    events.blindness += watch.events.takeBlindness()
  }

  package mutating func forgetEvents() {
    (events, stopTimes, siteDropTimes) = (FleetEvents(), [], [])
  }
}
