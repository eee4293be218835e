import ArgumentParser
import Policy
import Rules
import Watch

struct Rules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "The catalogue of rules, or one rule in plain language.",
    discussion: "A rule's page tells what it sees, why that matters, what to do now and what else can cause it.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, markdown
  }

  @Argument(help: "A rule's name or number, such as pool.unlisted or 1001.")
  var rule: String?

  @Option(help: "text, or markdown for the table in the README.")
  var format = Format.text

  func run() throws {
    guard let name = rule else {
      try Output.line(format == .markdown ? RuleBook.markdownTable() : RuleBook.list())
      return
    }
    try Output.line(RuleBook.page(try Self.named(name)))
  }

  /// The rule of a name or a number.
  static func named(_ name: String) throws -> Rule {
    do throws(WrongValue) {
      return try RuleBook.asked(name)
    } catch {
      throw ValidationError(error.why)
    }
  }
}
