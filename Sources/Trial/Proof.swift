import Rules
import Simulator

/// Proves what the fleet's rules promise, on a modelled fleet: how often they cry for nothing, and how soon they see a stop.
package struct Proof {
  package struct Plan: Sendable {
    package var miners = 1_000
    package var days = 30.0
    package var seed: UInt64 = 1
    /// Stops of each kind.
    package var repetitions = 20

    package init() {}
  }

  /// What was raised while nothing was wrong.
  package struct FalseAlarms: Equatable, Sendable {
    package var minerDays = 0.0
    package var siteDays = 0.0
    package var silences = 0
    package var slowdowns = 0
    package var stops = 0
    package var starts = 0
    package var siteDrops = 0
    package var oscillations = 0
    /// Stops and starts of the curtailment that is in the plan: told as info.
    package var planned = 0
    /// Curtailments that there were.
    package var curtailments = 0
  }

  /// How stops, or swings, of one size and length were seen.
  package struct Detection: Equatable, Sendable {
    package var fraction: Double
    /// In which the miners stop; or from one stop to the next.
    package var seconds: Double
    package var runs = 0
    /// From the first miner's stop to the alarm, in seconds, of those that were seen; in order.
    package var delays: [Double] = []

    package var power: Double { runs == 0 ? 0 : Double(delays.count) / Double(runs) }
    package var median: Double? { delays.isEmpty ? nil : delays[delays.count / 2] }
    package var worst: Double? { delays.last }
  }

  package static let fractions = [0.01, 0.02, 0.05, 0.2]
  package static let lengths = [1.0, 10, 60, 600]
  /// Of what goes off and on, for half an hour.
  package static let swingFractions = [0.05, 0.1, 0.2]
  package static let periods = [20.0, 60, 120, 300]

  private let plan: Plan

  package init(_ plan: Plan) {
    self.plan = plan
  }

  private var model: FleetModel.Plan {
    var model = FleetModel.Plan()
    model.miners = plan.miners
    model.seed = plan.seed
    return model
  }

  // MARK: False alarms

  /// Curtailment: each second day two fifths of the site are off for two hours. How long the plan reaches beyond, as policies count
  /// it, in seconds.
  private static let curtailed = 2.0 / 5
  private static let curtailment = 7_200.0
  private static let planTail = 900.0

  /// Days of a fleet at work with all that is usual, and nothing that is wrong.
  package func falseAlarms() -> FalseAlarms {
    var trial = FleetTrial(model)
    var sum = FalseAlarms()
    let some = 0..<Int(Self.curtailed * Double(plan.miners))
    var day = 0.0
    while day < plan.days {
      let length = min(plan.days - day, 1)
      let isCurtailed = Int(day) % 2 == 1 && length == 1
      trial.run(for: isCurtailed ? 61_200 : 86_400 * length)
      sum.take(trial.events, isPlanned: false)
      trial.forgetEvents()
      if isCurtailed {
        sum.curtailments += 1
        trial.model.stop(some, over: 60)
        trial.run(for: Self.curtailment)
        trial.model.start(some, over: 60)
        trial.run(for: Self.planTail)
        sum.take(trial.events, isPlanned: true)
        trial.forgetEvents()
        trial.run(for: 86_400 - 61_200 - Self.curtailment - Self.planTail)
        sum.take(trial.events, isPlanned: false)
        trial.forgetEvents()
      }
      day += length
    }
    sum.minerDays = plan.days * Double(plan.miners)
    sum.siteDays = plan.days
    return sum
  }

  // MARK: Detection

  /// Every size and length of a stop, several times each.
  package func detections() -> [Detection] {
    let trial = practised
    return Self.fractions.flatMap { fraction in
      Self.lengths.map { detection(of: fraction, over: $0, in: trial) }
    }
  }

  /// A fleet that was watched for two hours, so that its habits are known.
  package var practised: FleetTrial {
    var trial = FleetTrial(model)
    trial.run(for: 2 * 3_600)
    return trial
  }

  /// Stops of one size and length. The same each time, whatever else is tried.
  package func detection(of fraction: Double, over length: Double, in practised: FleetTrial) -> Detection {
    detection(of: fraction, seconds: length, in: practised) { Self.delay(in: $0, of: fraction, over: length) }
  }

  private func detection(
    of fraction: Double, seconds: Double, in practised: FleetTrial, _ delay: (FleetTrial) -> Double?
  ) -> Detection {
    var trial = practised
    var detection = Detection(fraction: fraction, seconds: seconds)
    for _ in 0..<plan.repetitions {
      // Another minute each time, and so other luck.
      trial.run(for: 60)
      trial.forgetEvents()
      detection.runs += 1
      if let delay = delay(trial) { detection.delays.append(delay) }
    }
    detection.delays.sort()
    return detection
  }

  /// How long it takes until a stop is told; nil when it is not.
  private static func delay(in fleet: FleetTrial, of fraction: Double, over length: Double) -> Double? {
    var trial = fleet
    let count = Int((fraction * Double(trial.model.plan.miners)).rounded())
    let begin = trial.now
    trial.model.stop(0..<count, over: length)
    while trial.now < begin + length + patience {
      trial.run(for: 5)
      if !trial.events.stops.isEmpty || !trial.events.siteDrops.isEmpty { return trial.now - begin }
    }
    return nil
  }

  /// Every size and period of a swing, several times each: on for half of the time, and off for the other half.
  package func swings() -> [Detection] {
    let trial = practised
    return Self.swingFractions.flatMap { fraction in
      Self.periods.map { swing(of: fraction, every: $0, in: trial) }
    }
  }

  package func swing(of fraction: Double, every period: Double, in practised: FleetTrial) -> Detection {
    detection(of: fraction, seconds: period, in: practised) { Self.delay(in: $0, ofSwing: fraction, every: period) }
  }

  private static func delay(in fleet: FleetTrial, ofSwing fraction: Double, every period: Double) -> Double? {
    var trial = fleet
    let some = 0..<Int((fraction * Double(trial.model.plan.miners)).rounded())
    let begin = trial.now
    while trial.now < begin + swingLength {
      trial.model.stop(some, over: 1)
      trial.run(for: period / 2)
      trial.model.start(some, over: 1)
      trial.run(for: period / 2)
      if !trial.events.oscillations.isEmpty || !trial.events.swings.isEmpty { return trial.now - begin }
    }
    return nil
  }

  /// How long it goes off and on, in seconds.
  private static let swingLength = 1_800.0

  /// A stop that is not told so long after its end has not been seen, in seconds.
  private static let patience = 900.0

  // MARK: In words

  /// The trial as the README shows it.
  package func markdown() -> String {
    """
    \(Int(plan.days)) days of \(plan.miners) modelled miners, \(plan.repetitions) stops and swings of each kind, seed \(plan.seed).

    \(Self.table(falseAlarms()))

    Delay until a stop is told (median, and the longest), and how many were:

    \(table("stop of", Self.lengths.map { "within \(Self.words($0))" }, Self.fractions, detections()))

    The same of miners that go off and on again and again:

    \(table("swing of", Self.periods.map { "every \(Self.words($0))" }, Self.swingFractions, swings()))
    """
  }

  private static func table(_ alarms: FalseAlarms) -> String {
    """
    | false alarms | allowed | counted |
    |---|---|---|
    | `miner.silent` | \(bound(1e-3 * alarms.minerDays)) | \(alarms.silences) |
    | `miner.hashrate-drop` | \(bound(1e-3 * alarms.minerDays)) | \(alarms.slowdowns) |
    | `fleet.coordinated-stop` | \(bound(1e-3 * alarms.siteDays)) | \(alarms.stops) |
    | `fleet.coordinated-start` | \(bound(1e-3 * alarms.siteDays)) | \(alarms.starts) |
    | `fleet.hashrate-drop` | \(bound(1e-3 * alarms.siteDays)) | \(alarms.siteDrops) |
    | `fleet.oscillation` | \(bound(1e-3 * alarms.siteDays)) | \(alarms.oscillations) |
    """
  }

  private func table(
    _ title: String, _ columns: [String], _ fractions: [Double], _ detections: [Detection]
  ) -> String {
    var lines = [
      "| \(title) | \(columns.joined(separator: " | ")) |", "|" + String(repeating: "---|", count: columns.count + 1),
    ]
    for fraction in fractions {
      let cells = detections.filter { $0.fraction == fraction }.map(Self.cell)
      let miners = Int((fraction * Double(plan.miners)).rounded())
      lines.append("| \(Int((fraction * 100).rounded())) % (\(miners) miners) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ seconds: Double) -> String {
    seconds < 120 ? "\(Int(seconds)) s" : "\(Int(seconds) / 60) min"
  }

  private static func bound(_ expected: Double) -> String {
    "\((expected * 100).rounded() / 100)"
  }

  /// `85 s (115), 100 %`: median, worst, power.
  package static func cell(_ detection: Detection) -> String {
    guard let median = detection.median, let worst = detection.worst else { return "0 %" }
    return "\(Int(median)) s (\(Int(worst))), \(Int((detection.power * 100).rounded())) %"
  }
}

extension Proof.FalseAlarms {
  fileprivate mutating func take(_ events: FleetEvents, isPlanned: Bool) {
    if isPlanned {
      planned += events.stops.count + events.starts.count
      // A curtailment is nothing that goes on and off.
      oscillations += events.oscillations.count + events.swings.count
      return
    }
    silences += events.silences.count
    slowdowns += events.slowdowns.count
    stops += events.stops.count
    starts += events.starts.count
    siteDrops += events.siteDrops.count
    oscillations += events.oscillations.count + events.swings.count
  }
}
