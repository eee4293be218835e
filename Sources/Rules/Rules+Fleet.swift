import Capture
import Policy
import Protocols

/// Rules about what the miners of a site do together.
extension Rule {
  static let fleet: [Rule] = [
    minerSilent, minerHashrateDrop, coordinatedStop, coordinatedStart, fleetHashrateDrop, fleetOscillation,
  ]

  static let coordinatedStop: Rule = Rule(
    id: 4006, name: "fleet.coordinated-stop", level: .critical,
    title: "Many miners stopped together", category: "Fleet",
    rationale: """
      Whoever can turn off a site's miners at one moment can drop megawatts off the grid, or take the site's income. One miner \
      that stops is a fault; more that stop inside one window than chance and the site's own habit explain have a common \
      cause. Chance is computed: the rule is wrong about it less often than `false-alarms` says. Miners whose sessions \
      ended in sight and that look for a pool are given the time to reach the next one. The alarm does not wait for the \
      last of them: when more were found it is told again, with all.
      """,
    advice: """
      Look at the cause that is weighed first. If nobody here ordered it, cut the miners' management off from whoever gave \
      the command or was talked to before, keep those that still work away from it, and tell the grid operator when the \
      megawatts matter. Planned curtailment belongs into `detection.planned`: then this is info.
      """,
    falsePositives: [
      "Curtailment, maintenance or a power cut that `detection.planned` does not list.",
      "A pool or an Internet connection that is down for longer than miners need to fail over; the cause says so.",
    ],
    techniques: [
      .lossOfAvailability, .denialOfControl, .deviceRestart, .serviceStop, .manipulationOfControl,
      .unauthorizedCommandMessage,
    ],
    parameters: [.stopFraction, .stopWindow, .fleetFalseAlarms], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.stops.isEmpty else { return [] }
      let stops = analysis.fleetWatch.events.takeStops()
      return stops.compactMap { analysis.toldStop($0) }
    }
  ) { _, _ in nil }

  static let coordinatedStart: Rule = Rule(
    id: 4007, name: "fleet.coordinated-start", level: .high,
    title: "Many miners started together", category: "Fleet",
    rationale: """
      Megawatts that come back at one moment hurt a grid as much as those that go. Counted are miners that begin to hand in \
      shares after ten minutes of silence, or that were one of many that stopped; more of them inside one window than chance \
      explains were started by something. Their share is that of all miners that were seen at work before, silent ones among \
      them. The monitor's own first ten minutes do not count, nor those after it was blind.
      """,
    advice: """
      Power that is back, a curtailment that is over and a restart of the fleet look like this. If it was none of these, find out \
      who started them, and whether they stop again: see `fleet.oscillation`.
      """,
    falsePositives: [
      "The end of a curtailment or of a power cut.", "A new hall that is switched on.",
      "The Internet connection or the only pool is back.",
    ],
    techniques: [.manipulationOfControl, .unauthorizedCommandMessage],
    parameters: [.startFraction, .startWindow, .fleetFalseAlarms], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.starts.isEmpty else { return [] }
      return analysis.fleetWatch.events.takeStarts().map { analysis.toldStart($0) }
    }
  ) { _, _ in nil }

  static let fleetHashrateDrop: Rule = Rule(
    id: 4009, name: "fleet.hashrate-drop", level: .high,
    title: "The site's hashrate fell", category: "Fleet",
    rationale: """
      The shares of all miners together are held against what their habits let expect. A large stop shows here within half a \
      minute, before it is known who stopped; and this is the only sign when all miners slow down and none is silent, as when \
      somebody lowers their power. Variation beyond chance is learned from the site itself.
      """,
    advice: """
      See whether `fleet.coordinated-stop` follows and who it names. If not, look at the miners' power mode and \
      temperature, and at what managers told them last.
      """,
    falsePositives: ["A heat wave or a power limit that slows the whole site.", "A pool that is slow to take shares."],
    techniques: [.lossOfAvailability, .modifyParameter],
    parameters: [.siteDrop, .fleetFalseAlarms], hears: [.sensor],
    settle: { analysis in
      guard !analysis.fleetWatch.events.siteDrops.isEmpty else { return [] }
      return analysis.fleetWatch.events.takeSiteDrops().map { analysis.told($0) }
    }
  ) { _, _ in nil }

  static let fleetOscillation: Rule = Rule(
    id: 4010, name: "fleet.oscillation", level: .critical,
    title: "The same miners go off and on again and again", category: "Fleet",
    rationale: """
      Load that swings with a period of seconds to minutes can force a grid into oscillation, which is worse than the same load lost \
      once. The same miners stopped together, came back and stopped again within an hour: no fault does that to many at a \
      time. What swings faster than a miner's silence can show, with a period of 10 to 130 seconds, is found in the shares of \
      the site as a whole, over ten minutes: then it is not known who swings, but by how much.
      """,
    advice: """
      Cut off the management of these miners at once, and keep them off or on by hand until it is known who switches them. \
      Tell the grid operator.
      """,
    falsePositives: [
      "A breaker or a switch that trips again and again.", "Price-driven curtailment that changes its mind: plan it.",
    ],
    techniques: [.bruteForceIO, .manipulationOfControl, .damageToProperty],
    parameters: [.oscillationStops, .fleetFalseAlarms], hears: [.sensor],
    settle: { analysis in
      analysis.fleetWatch.events.takeOscillations().map { analysis.told($0) }
        + analysis.fleetWatch.events.takeSwings().map { analysis.told($0) }
    }
  ) { _, _ in nil }
}

extension Rule.Parameter {
  static let fleetFalseAlarms = Rule.Parameter(
    "false-alarms", .fraction(0.001), "How often chance alone may raise it in a day: 0.001 is once in a thousand days")
  static let stopFraction = Rule.Parameter(
    "fraction", .fraction(0.005), "Share of the miners at work that must stop together; three at the least")
  static let stopWindow = Rule.Parameter(
    "window", .duration(.seconds(60)), "Window in which they stop; ten times as long is tried, too, for slow ramps")
  static let startFraction = Rule.Parameter(
    "fraction", .fraction(0.05), "Share of the miners that must start together; three at the least")
  static let startWindow = Rule.Parameter(
    "window", .duration(.seconds(60)), "Window in which they start; ten times as long is tried, too")
  static let siteDrop = Rule.Parameter(
    "drop", .fraction(0.1), "Share of the expected hashrate that must be missing, in a minute or in ten")
  static let oscillationStops = Rule.Parameter(
    "stops", .count(3), "How often a miner must have stopped together with others, within an hour of each other")
}

extension FleetSettings {
  /// What holds where a policy says nothing of it.
  package static var standard: FleetSettings {
    Analysis(policy: Policy(), start: Timestamp(seconds: 0)).fleetSettings
  }
}

extension Analysis {
  /// The fleet rules' parameters as they are now.
  var fleetSettings: FleetSettings {
    FleetSettings(
      silenceRate: fraction(.minerFalseAlarms, of: .minerSilent),
      slowdownRate: fraction(.minerFalseAlarms, of: .minerHashrateDrop),
      slowdownDrop: fraction(.minerDrop, of: .minerHashrateDrop),
      stopRate: fraction(.fleetFalseAlarms, of: .coordinatedStop),
      startRate: fraction(.fleetFalseAlarms, of: .coordinatedStart),
      siteRate: fraction(.fleetFalseAlarms, of: .fleetHashrateDrop),
      swingRate: fraction(.fleetFalseAlarms, of: .fleetOscillation),
      stopFraction: fraction(.stopFraction, of: .coordinatedStop),
      startFraction: fraction(.startFraction, of: .coordinatedStart),
      siteDrop: fraction(.siteDrop, of: .fleetHashrateDrop),
      stopWindow: seconds(.stopWindow, of: .coordinatedStop),
      startWindow: seconds(.startWindow, of: .coordinatedStart),
      oscillationStops: max(2, Int(clamping: count(.oscillationStops, of: .fleetOscillation))),
      blindAfter: seconds(.blindAfter, of: .monitorBlind))
  }

  /// At least one, and at most a day.
  private func seconds(_ parameter: Rule.Parameter, of rule: Rule) -> Int {
    min(max(Int(clamping: duration(parameter, of: rule).components.seconds), 1), 86_400)
  }
}
