import ArgumentParser
import Capture
import Foundation
import Policy
import Rules
import Watch

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Watch capture files instead of an interface: alerts as they come, then a summary.",
    discussion: """
      Reads pcap and pcapng, several files in a row as one stretch of time. `-` is standard input, so a compressed file \
      is read with:
        zcat site.pcap.gz | minewatch replay -

      All time is packet time: a capture gives the alerts that the wire would have given. Nothing is written to the \
      policy's logs, nor to its folder of evidence.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @OptionGroup var policy: PolicyOption

  @Option(
    help: ArgumentHelp(
      "Also write EVE JSON Lines to this file.",
      discussion: "With `-` standard output holds EVE and nothing else; progress and summary go to standard error.",
      valueName: "file"))
  var eve: String?

  @Option(help: "How alerts and the summary are printed: text, or json for EVE lines.")
  var format = Format.text

  @Option(help: ArgumentHelp("End with 1 when something of this level or worse was found.", valueName: "level"))
  var failOn: Level?

  @Option(help: ArgumentHelp("Only frames that match, in libpcap's filter syntax.", valueName: "bpf"))
  var filter = ""

  @Option(
    help: ArgumentHelp(
      "Keep what lasts in this store, and know from the start what it remembers.",
      discussion: "Without it a replay knows nothing from before and leaves nothing behind.", valueName: "file"))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "Keep a capture of each alert's packets in this folder.",
      discussion: "How many packets, and how much in all, is the policy's word.", valueName: "folder"))
  var evidence: String?

  @Argument(help: ArgumentHelp("Capture files; `-` is standard input.", valueName: "capture"))
  var captures: [String]

  func validate() throws {
    for (path, option) in [(eve, "--eve"), (store, "--store"), (evidence, "--evidence")] {
      try Usage.checkNamed(path, option)
    }
  }

  func run() throws {
    let policy = try policy.readForReplay()
    let output = ReplayOutput(
      lines: eve == "-" ? .eve : format == .json ? .json : .text,
      evePath: eve == "-" ? nil : eve, evidence: evidence.map { Policy.EvidenceSink(path: $0, as: policy.alerts) },
      isColoured: Terminal.isColoured(1), showsProgress: Terminal.movesCursor(2))
    let outcome: ReplayOutcome
    do {
      outcome = try Watch.Replay(policy: policy, filter: filter, storePath: store, output: output).run(captures)
    } catch {
      throw Failure.exit(error)
    }
    if let status = outcome.unreadable.exitStatus { throw ExitCode(status) }
    if let failOn, let worst = outcome.worstLevel, worst <= failOn { throw ExitCode(.findings) }
  }
}

extension Level: ExpressibleByArgument {}
