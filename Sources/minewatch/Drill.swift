import ArgumentParser
import Capture
import Foundation
import Policy
import Rules
import Simulator
import Watch

struct Drill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drill",
    abstract: "A fire drill: a healthy fleet's traffic with one attack in it, to prove that alerts reach the pager.",
    discussion: """
      Without a scenario, lists them all by the rule that each raises. With one, plays it through the engine that watches \
      the wire and prints the alerts, as `replay` would. Nothing is sent to any network.

        minewatch drill pool-switch            shows what the alert looks like
        minewatch drill pool.unlisted          plays every scenario of a rule
        minewatch drill all                    plays all of them
        minewatch drill pool-switch --write drill.pcap

      With --config the alerts also go where that policy sends them: its log, eve.json and syslog, and whatever reads \
      those. The policy's levels, thresholds and rules that are off count; its miners and pools do not, since the \
      traffic is made up. Time is now. Every alert begins with DRILL, its site is "DRILL" and the policy's site, and its \
      miner is of 10.20.0.0/16. Tell whoever is on duty before you do it, and run it as the daemon's user, so that files \
      that it makes belong to the daemon:

        sudo -u minewatch minewatch drill redirect -c /etc/minewatch/minewatch.yaml

      Ends with 0 when every rule that was drilled has raised its alert and all was written, with 1 when one has not.
      """)

  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp("Send the alerts where this policy sends its own, marked as a drill.", valueName: "file"))
  var path: String?

  @Option(
    help: ArgumentHelp(
      "Write the scenario's traffic to this pcap file.", discussion: "Plays it only when --config is given as well.",
      valueName: "file"))
  var write: String?

  @Argument(help: "A scenario, a rule, or `all`.")
  var scenario: String?

  func validate() throws {
    try Usage.checkNamed(path, "--config")
    try Usage.checkNamed(write, "--write")
  }

  func run() throws {
    guard let scenario else {
      try Output.line(DrillList.text)
      return
    }
    let scenarios = try Self.scenarios(named: scenario)
    let ground = try DrillGround.read()
    if let write {
      guard scenarios.count == 1 else {
        throw ValidationError(
          "--write takes one scenario, and \(scenario) has \(scenarios.count): "
            + scenarios.map(\.name).joined(separator: ", "))
      }
      try Self.write(scenarios[0], to: write)
      try Output.line("wrote    \(write): minewatch replay --config \(ground.path) \(write)")
      if path == nil { return }
    }
    let site = try path.map { try PolicyOption.read($0) }
    let drill = Watch.Drill(ground: ground.policy, site: site, isColoured: Terminal.isColoured(1))
    var failed: [String] = []
    for scenario in scenarios where !(try Self.play(scenario, drill)) { failed.append(scenario.name) }
    if !drill.destinations.isEmpty {
      try Output.line(
        "written  to \(drill.destinations.joined(separator: ", ")): look for DRILL there, and at the pager")
    }
    if scenarios.count > 1 {
      try Output.line(
        "played   \(scenarios.count) scenarios, \(failed.isEmpty ? "each raised its rule" : "\(failed.count) in vain")")
    }
    if !failed.isEmpty { throw ExitCode(.findings) }
  }

  /// What somebody means by a word: a scenario, a rule, or all.
  private static func scenarios(named word: String) throws -> [Scenario] {
    if word == "all" { return Scenario.all }
    let found = Scenario.named(word)
    guard found.isEmpty else { return found }
    if RuleBook[word] != nil {
      throw ValidationError("\(word) is not raised by traffic but by the monitor itself, so there is no drill for it")
    }
    let words = Scenario.all.map(\.name) + Scenario.all.map(\.rule)
    let nearest = Nearest.word(to: word, in: words).map { "; did you mean \($0)?" } ?? ""
    throw ValidationError("no scenario or rule is called \(word)\(nearest) (`minewatch drill` lists them)")
  }

  /// - Returns: whether the rule was raised, or is off.
  private static func play(_ scenario: Scenario, _ drill: Watch.Drill) throws -> Bool {
    try Output.line("drill    \(scenario.name): \(scenario.summary)")
    let level = drill.expectedLevel(of: scenario.rule)
    let expected = level.map { "\($0) \(scenario.rule)" } ?? "nothing: the policy turns \(scenario.rule) off"
    try Output.line("expect   \(expected)")
    let capture = FileManager.default.temporaryDirectory
      .appendingPathComponent("minewatch-drill-\(UUID().uuidString).pcap").path
    defer { try? FileManager.default.removeItem(atPath: capture) }
    try write(scenario, to: capture)
    let raised: Set<String>
    do {
      raised = try drill.play(capture)
    } catch {
      throw Failure.exit(error)
    }
    let asExpected = level == nil || raised.contains(scenario.rule)
    if !asExpected { try Output.line("missing  \(scenario.rule) was not raised") }
    try Output.line("")
    return asExpected
  }

  /// The attack happens now, whatever led up to it.
  private static func write(_ scenario: Scenario, to path: String) throws {
    let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    let lead = scenario.lead.components.seconds
    do {
      try scenario.drill(start: Timestamp(seconds: now.seconds - lead)).write(to: path)
    } catch let error as CaptureWriter.Failure {
      throw Failure.exit(.ioError, error.sentence)
    } catch {
      throw Failure.exit(.ioError, "cannot write \(path): is there room on the disk?")
    }
  }
}

/// The policy that belongs to the drills' traffic.
private struct DrillGround {
  let path: String
  let policy: Policy

  static func read() throws -> DrillGround {
    guard let path = SharedData.path(of: "demo.yaml") else {
      throw Failure.exit(
        .noInput, "cannot find demo.yaml, which drills need, in /usr/share/minewatch: install the program again")
    }
    return DrillGround(path: path, policy: try PolicyOption.read(path))
  }
}

/// All scenarios, by rule, for a person who looks for one.
private enum DrillList {
  static var text: String {
    let width = Scenario.all.map(\.name.count).max() ?? 0
    var lines: [String] = []
    for rule in RuleBook.rules {
      let scenarios = Scenario.all.filter { $0.rule == rule.name }
      if scenarios.isEmpty { continue }
      lines.append("\(rule.name)  \(rule.level.rawValue)")
      for scenario in scenarios {
        let gap = String(repeating: " ", count: width - scenario.name.count + 2)
        lines.append("  \(scenario.name)\(gap)\(scenario.summary)")
      }
    }
    lines += [
      "", "`minewatch drill NAME` plays one; `minewatch drill --help` tells how to send its alert to the pager.",
    ]
    return lines.joined(separator: "\n")
  }
}
