import ArgumentParser
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

  /// Where the policy is when nobody says otherwise.
  static let defaultPolicyPath = "/etc/minewatch/minewatch.yaml"
}
