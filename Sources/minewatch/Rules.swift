import ArgumentParser
import Rules

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
      print(format == .markdown ? RuleBook.markdownTable() : RuleBook.list())
      return
    }
    print(RuleBook.page(try Self.named(name)))
  }

  /// The rule of a name or a number.
  static func named(_ name: String) throws -> Rule {
    if let rule = RuleBook[name] ?? Int(name).flatMap({ id in RuleBook.rules.first { $0.reference.id == id } }) {
      return rule
    }
    let nearest = RuleBook.nearestName(to: name).map { "; did you mean \($0)?" } ?? ""
    throw ValidationError("no rule is called \(name)\(nearest) (`minewatch rules` lists them)")
  }
}
