import ArgumentParser
import Capture
import Foundation
import Policy
import Watch

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "The daemon: watch interfaces until SIGTERM.",
    discussion: """
      Needs CAP_NET_RAW and nothing else; opens no IP socket. SIGHUP reads the policy again and reopens the logs; a \
      policy that is refused leaves the old one standing. Under systemd it tells when it is ready, how it is, and that \
      it lives.
      """)

  @OptionGroup var policy: PolicyOption

  @Option(
    name: [.customLong("interface"), .customShort("i")],
    help: ArgumentHelp("Watch this interface; may be repeated. Default: those of the policy.", valueName: "if"))
  var interfaces: [String] = []

  func validate() throws {
    try Usage.checkInterfaces(interfaces)
  }

  func run() throws {
    let path = policy.path ?? Minewatch.defaultPolicyPath
    let read = try policy.readToRun()
    let watched = interfaces.isEmpty ? read.capture.interfaces : interfaces
    guard !watched.isEmpty else {
      throw Failure.exit(
        .badConfiguration,
        "no interface to watch: name one with --interface, or under capture.interfaces in \(path)")
    }
    do {
      try LiveWatch(policy: read, policyPath: path, interfaces: watched).runToTheEnd()
    } catch {
      throw Failure.exit(error)
    }
  }
}
