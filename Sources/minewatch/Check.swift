import ArgumentParser
import Watch

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate a policy and print what it comes to.",
    discussion: """
      Every error is told at once, as file:line:column, what is wrong and the nearest right word. Exit code 78 means \
      that `run` would refuse the policy.
      """)

  @OptionGroup var policy: PolicyOption

  func run() throws {
    let policy = try policy.readToRun()
    try Output.line(PolicyFile.report(policy))
  }
}
