import ArgumentParser
import Capture
import Foundation
import Policy
import Watch

struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Watch a site and propose a policy for it, for a person to review.",
    discussion: """
      Standard output gets the proposal: miners, pools with the very URLs and accounts seen, resolvers, time servers, \
      managers. What looked odd (one miner's destination, second sessions, indicators) is listed in comments and never \
      allowed.
        minewatch learn --interface span0 --for 24h > proposed.yaml
        minewatch learn site.pcap > proposed.yaml

      With --config standard error tells how the proposal differs from the policy in force. Ctrl-C ends the watch early \
      and keeps what was learned.
      """)

  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp("The policy in force, to compare with.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long to watch an interface: 30m, 24h, 7d. Default: 24h.", valueName: "duration"))
  var duration: String?

  @Option(
    name: [.customLong("interface"), .customShort("i")],
    help: ArgumentHelp("Watch this interface; may be repeated.", valueName: "if"))
  var interfaces: [String] = []

  @Option(help: ArgumentHelp("Only frames that match, in libpcap's filter syntax.", valueName: "bpf"))
  var filter = ""

  @Argument(help: ArgumentHelp("Capture files; `-` is standard input.", valueName: "capture"))
  var captures: [String] = []

  func validate() throws {
    guard interfaces.isEmpty != captures.isEmpty else {
      throw ValidationError("learn from an interface (--interface IF) or from captures, one of both")
    }
    guard duration == nil || captures.isEmpty else {
      throw ValidationError("--for is for an interface; a capture has its own length")
    }
    _ = try seconds()
    try Usage.checkNamed(config, "--config")
    try Usage.checkInterfaces(interfaces)
  }

  func run() throws {
    let standing = try config.map { try PolicyOption.read($0) }
    let learning = Learning(standing: standing, filter: filter)
    let outcome: Learning.Outcome
    do {
      outcome = captures.isEmpty ? try learning.over(interfaces, for: seconds()) : try learning.overFiles(captures)
    } catch let failure as WatchFailure {
      throw Failure.exit(failure)
    }
    for error in outcome.unreadable { StandardError.say(error.sentence) }
    let worst = outcome.unreadable.exitStatus
    // Of nothing no policy can be proposed; a capture that breaks off has something to say.
    if let worst, outcome.frames == 0 { throw ExitCode(worst) }
    try Output.write(outcome.text)
    tell(outcome)
    if let worst { throw ExitCode(worst) }
  }

  private func tell(_ outcome: Learning.Outcome) {
    if let differences = outcome.differences {
      StandardError.say(differences.isEmpty ? "no difference to \(config ?? "")" : "differences to \(config ?? ""):")
      for line in differences { StandardError.write("  \(line)\n") }
    }
    guard let raised = outcome.raised?.filter({ !$0.rule.hasPrefix("monitor.") }) else { return }
    let list = raised.map { "\($0.rule) (\($0.count))" }.joined(separator: ", ")
    StandardError.say("under the proposal the same capture raises " + (list.isEmpty ? "nothing" : list))
  }

  private func seconds() throws -> Duration {
    guard let duration else { return .seconds(86_400) }
    do {
      return try SettingText.duration(duration)
    } catch {
      throw ValidationError("--for: \(error.why)")
    }
  }
}
