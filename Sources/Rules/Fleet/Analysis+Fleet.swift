import Capture
import Decode
import Policy
import Protocols

/// What the fleet's rules say.
extension Analysis {
  /// - Returns: nil when it is the monitor that is blind, which is told instead.
  mutating func toldStop(_ stop: FleetEvents.Wave) -> Judgement? {
    var consequence = consequence(of: stop)
    consequence.causes = CauseWeighing.weigh(evidence(of: stop, lead: consequence.lead))
    let cause = consequence.causes.first?.cause
    if cause == .blindMonitor, 10 * stop.rows.count >= 9 * stop.population {
      fleetWatch.events.blindness.append(
        .init(since: stop.first, rate: 0, rows: stop.rows, onlyMiners: true))
      return nil
    }
    let seconds = max(stop.last - stop.first, 1)
    let share = Double(stop.rows.count) / Double(max(stop.population, stop.rows.count))
    let grown = stop.told.map { ", after \($0) at first" } ?? ""
    let judgement = Judgement(
      "stopped within \(lasting(Double(seconds))): \(percent(share)) of the fleet\(grown), \(consequence.brief)",
      message: "\(stop.rows.count) of \(stop.population) miners stopped within \(lasting(Double(seconds)))\(grown); "
        + "by chance it would be \(amount(stop.expected)). \(consequence.message)",
      subject: "stop \(stop.first) \(stop.rows.count)",
      // An outage is no stop that somebody ordered.
      level: cause == .poolOutage || cause == .internetOutage ? .high : nil,
      miners: crowd(stop.rows), section: "fleet", facts: facts(of: stop, seconds) + consequence.facts)
    lower(judgement, for: addresses(of: stop.rows), at: stop.first, loss: stop.loss)
    return judgement
  }

  func toldStart(_ start: FleetEvents.Wave) -> Judgement {
    let seconds = max(start.last - start.first, 1)
    let share = Double(start.rows.count) / Double(max(start.population, start.rows.count))
    let consequence = consequence(of: start)
    let judgement = Judgement(
      "started within \(lasting(Double(seconds))): \(percent(share)) of the fleet, \(consequence.brief)",
      message: "\(start.rows.count) miners began to hash within \(lasting(Double(seconds))); "
        + "by chance it would be \(amount(start.expected)). \(consequence.message)",
      subject: "start \(start.first)", miners: crowd(start.rows), section: "fleet",
      facts: facts(of: start, seconds) + consequence.facts)
    lower(judgement, for: addresses(of: start.rows), at: start.first, loss: start.loss)
    return judgement
  }

  func told(_ drop: FleetEvents.SiteDrop) -> Judgement {
    let judgement = Judgement(
      "the site's hashrate is \(percent(drop.share)) lower than usual, over \(lasting(Double(drop.seconds)))",
      message:
        "\(drop.population) miners handed in \(amount(drop.observed)) shares in \(lasting(Double(drop.seconds))), "
        + "where their habits let expect \(amount(drop.expected)).",
      subject: "site", section: "fleet",
      facts: [
        ("drop", .number(drop.share)), ("shares", .number(drop.observed)),
        ("expected_shares", .number(drop.expected.rounded())), ("seconds", .count(UInt64(drop.seconds))),
        ("probability", .number(drop.probability)), ("fleet", .count(UInt64(drop.population))),
      ])
    lower(judgement, for: [], at: fleetWatch.now, loss: drop.loss)
    return judgement
  }

  func told(_ oscillation: FleetEvents.Oscillation) -> Judgement {
    let share = Double(oscillation.rows.count) / Double(max(oscillation.population, oscillation.rows.count))
    let consequence = consequence(
      of: addresses(of: oscillation.rows), population: oscillation.population, at: oscillation.last)
    let judgement = Judgement(
      "stopped \(oscillation.stops) times in \(lasting(Double(oscillation.seconds))): \(percent(share)) of the fleet, \(consequence.brief)",
      message: "\(oscillation.rows.count) miners stopped together \(oscillation.stops) times in "
        + "\(lasting(Double(oscillation.seconds))), and started again in between. \(consequence.message)",
      subject: "oscillation", miners: crowd(oscillation.rows), section: "fleet",
      facts: [
        ("stops", .count(UInt64(oscillation.stops))), ("seconds", .count(UInt64(max(oscillation.seconds, 0)))),
        ("share", .number(share)), ("fleet", .count(UInt64(oscillation.population))),
      ] + consequence.facts)
    lower(judgement, for: addresses(of: oscillation.rows), at: fleetWatch.now, loss: oscillation.loss)
    return judgement
  }

  func told(_ swing: FleetEvents.Swing) -> Judgement {
    let all = fleetWatch.rows.filter { $0.state == .hashing }.map(\.address)
    let site = power(of: all)
    let power = FleetConsequence(watts: site.watts * swing.share, known: site.known, miners: all.count).power
    let judgement = Judgement(
      "\(percent(swing.share)) of the site goes off and on every \(lasting(swing.period)): \(power)",
      message: "The shares of \(swing.population) miners swing by \(percent(swing.share)), with a period of "
        + "\(lasting(swing.period)), for \(lasting(Double(swing.seconds))). Each is silent too briefly for it to be known "
        + "who. Power: \(power).",
      subject: "swing", section: "fleet",
      facts: [
        ("period", .number(swing.period)), ("share", .number(swing.share)), ("seconds", .count(UInt64(swing.seconds))),
        ("probability", .number(swing.probability)), ("fleet", .count(UInt64(swing.population))),
      ] + (site.known > 0 ? [("megawatts", .number(site.watts * swing.share / 1e6))] : []))
    lower(judgement, for: [], at: fleetWatch.now, loss: swing.loss)
    return judgement
  }

  private func facts(of wave: FleetEvents.Wave, _ seconds: Int) -> [(name: String, value: Finding.FactValue)] {
    [
      ("miners", .count(UInt64(wave.rows.count))), ("fleet", .count(UInt64(wave.population))),
      ("share", .number(Double(wave.rows.count) / Double(max(wave.population, wave.rows.count)))),
      ("seconds", .count(UInt64(seconds))), ("expected", .number(wave.expected)),
      ("probability", .number(wave.probability)),
    ]
  }

  /// Some of the miners, in the order of their addresses.
  private func crowd(_ rows: [Int]) -> Finding.Crowd {
    Finding.Crowd(count: rows.count, some: Array(addresses(of: rows).sorted().prefix(FoldWindow.exampleLimit)))
  }

  func addresses(of rows: [Int]) -> [IPAddress] { rows.map { fleetWatch.rows[$0].address } }

  // MARK: Why it may matter less

  /// A plan that covers it makes it info, and packets that were lost make it low: both are said.
  ///
  /// - Parameter miners: none for the whole site.
  func lower(_ judgement: Judgement, for miners: [IPAddress], at time: Int, loss: Double? = nil) {
    if let plan = plan(for: miners, at: time) {
      judgement.level = .info
      judgement.brief += ", as planned: \(quoted(plan.name))"
      judgement.message += " It is planned: \(quoted(plan.name))."
      judgement.facts.append(("planned", .text(plan.name)))
    } else if let loss {
      if loss >= Self.lossThatMatters, judgement.level != .info { judgement.level = .low }
      judgement.brief += ", while \(percent(loss)) of packets were lost"
      judgement.message +=
        " The monitor lost \(percent(loss)) of the packets at the time, so part of it may be its own."
      judgement.facts.append(("lost", .number(loss)))
    }
  }

  /// Below, a loss cannot hide so many shares that it looks like a stop.
  private static let lossThatMatters = 0.01
  /// How long after a plan's end its miners may start again, in seconds.
  private static let planTail: Int64 = 900

  /// The plan that a change of these miners at a time belongs to.
  private func plan(for miners: [IPAddress], at time: Int) -> Policy.PlannedWindow? {
    let time = Timestamp(seconds: Int64(time))
    return policy.detection.planned.first { plan in
      guard plan.from <= time, time < plan.to.advanced(by: .seconds(Self.planTail)) else { return false }
      // A few others may happen to fall silent.
      let strangers = plan.miners.isEmpty ? 0 : miners.count { !plan.miners.contains($0) }
      return strangers == 0 || (miners.count >= 3 && strangers < max(3, miners.count / 20))
    }
  }
}

/// A number of seconds in words: `45 s`, `6 min`, `2.5 h`.
func lasting(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "an unknown time" }
  if seconds < 120 { return "\(max(Int(seconds.rounded()), 1)) s" }
  if seconds < 7_200 { return "\(Int((seconds / 60).rounded())) min" }
  return "\(amount(seconds / 3_600)) h"
}

/// A number with one decimal below ten, and none above; `under 0.1` for what is nearly none.
func amount(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "an unknown number" }
  if value >= 10 { return "\(Int(value.rounded()))" }
  if value > 0, value < 0.1 { return "under 0.1" }
  let tenths = Int((value * 10).rounded())
  return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
}
