import ArgumentParser
import Foundation
import Policy
import Watch

/// `--config`, and how a policy is read or refused.
struct PolicyOption: ParsableArguments {
  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp("The policy file.", discussion: "Default: \(Minewatch.defaultPolicyPath)", valueName: "file"))
  var path: String?

  /// Reads the policy, says its warnings, and ends the program with 78 when it is not fit to be used.
  func read() throws -> Policy {
    try Self.read(path ?? Minewatch.defaultPolicyPath)
  }

  /// Like ``read()`` for a path that another option names.
  static func read(_ path: String) throws -> Policy {
    do {
      let policy = try PolicyFile.read(path)
      for warning in policy.warnings { StandardError.say("warning: \(warning)") }
      return policy
    } catch {
      for problem in error.problems { StandardError.say("\(problem)") }
      throw ExitCode(Failure.badConfiguration)
    }
  }

  /// Like ``read()``, but a replay may do without: then private addresses are the miners and nothing is allowed.
  func readForReplay() throws -> Policy {
    if path == nil, !FileManager.default.fileExists(atPath: Minewatch.defaultPolicyPath) {
      StandardError.say(
        "no policy: every private address counts as a miner and nothing is allowed; give one with --config FILE")
      return PolicyFile.withoutFile
    }
    return try read()
  }
}
