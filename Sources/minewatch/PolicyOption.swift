import ArgumentParser
import Capture
import Policy
import Store
import Watch

/// `--config`, and how a policy is read or refused.
struct PolicyOption: ParsableArguments {
  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp("The policy file.", discussion: "Default: \(Minewatch.defaultPolicyPath)", valueName: "file"))
  var path: String?

  func validate() throws {
    try Usage.checkNamed(path, "--config")
  }

  /// Reads the policy, says its warnings, and ends the program when it may not be read (77) or is not fit to be used (78).
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
      throw Failure.exit(error)
    }
  }

  /// Like ``read()`` for those who write to the policy's store, or tell whether that can be done: a file in its place that is no
  /// store ends the program, too.
  func readToRun() throws -> Policy {
    let policy = try read()
    if let refusal = StoreFailure.refusal(of: policy.store.path) {
      throw Failure.exit(.badConfiguration, refusal.sentence)
    }
    return policy
  }

  /// Like ``read()``, but a replay may do without: then private addresses are the miners and nothing is allowed.
  func readForReplay() throws -> Policy {
    if path == nil, PolicyFile.isAbsent(Minewatch.defaultPolicyPath) {
      StandardError.say(
        "no policy: every private address counts as a miner and nothing is allowed; give one with --config FILE")
      return PolicyFile.withoutFile
    }
    return try read()
  }
}
