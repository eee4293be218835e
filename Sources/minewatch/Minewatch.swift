import ArgumentParser
import Capture
import Watch

/// The command line. One file a subcommand; what they do stands in `Watch`.
@main
struct Minewatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minewatch",
    abstract:
      "Watches every packet of a Bitcoin-mining site and speaks up when a miner does anything but mine for its pools.",
    discussion: """
      Start with a capture, which needs no privileges and no daemon:
        minewatch replay --config minewatch.yaml site.pcap

      Then check the policy, and watch an interface:
        minewatch check --config minewatch.yaml
        minewatch run --config minewatch.yaml --interface eth0

      What an alert means and what to do about it:
        minewatch rules pool.unlisted
      """,
    version: Version.text,
    subcommands: [
      Run.self, Replay.self, Learn.self, Check.self, Rules.self, Alerts.self, Status.self, Miners.self, Top.self,
      Drill.self,
    ])

  static func main() {
    StandardStreams.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end(with: error)
    }
  }

  /// Wrong usage is one line, as every failure is, where the parser would print the whole usage.
  private static func end(with error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure, !(error is ExitCode) else { exit(withError: error) }
    let word = CommandLine.arguments.dropFirst().first
    let command = configuration.subcommands.compactMap { $0.configuration.commandName }.first { $0 == word }
    StandardError.say(
      UsageSentence.text(
        message(for: error), command: ["minewatch", command].compactMap(\.self).joined(separator: " ")))
    exit(withError: ExitCode.validationFailure)
  }

  /// Where the policy is when nobody says otherwise.
  static let defaultPolicyPath = "/etc/minewatch/minewatch.yaml"
}
