// What a person reads of the rule book: a page a rule, and the table in the README.

extension RuleBook {
  /// A rule in plain text, for `minewatch rules NAME`.
  ///
  /// - Parameter width: of a line, in characters.
  package static func page(_ rule: Rule, width: Int = 80) -> String {
    let reference = rule.reference
    var sections = [
      "\(rule.name)  \(rule.level.rawValue)  \(generator):\(reference.id)\n\(reference.title)",
      section("What it sees and why it matters", [rule.rationale], width),
      section("What to do now", [rule.advice], width),
      section("What else can cause it", rule.falsePositives, width, bullets: true),
    ]
    if !rule.parameters.isEmpty {
      let lines = rule.parameters.map { "\($0.name): \($0.value.text). \($0.summary)." }
      sections.append(section("Settings, under detection.rules.\(rule.name)", lines, width, bullets: true))
    }
    if !reference.techniques.isEmpty {
      let lines = reference.techniques.map { technique in
        "\(technique.identifier) \(technique.name)" + (technique.successor.map { " (\($0) in v19)" } ?? "")
      }
      sections.append(section("MITRE ATT&CK v\(Technique.matrixVersion)", lines, width, bullets: true))
    }
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// All rules, a line each, for `minewatch rules`.
  package static func list() -> String {
    let width = rules.map(\.name.count).max() ?? 0
    let lines = rules.map { rule in
      let name = rule.name.padding(toWidth: width)
      return "\(rule.reference.id)  \(name)  \(rule.level.rawValue.padding(toWidth: 8))  \(rule.reference.title)"
    }
    return lines.joined(separator: "\n") + "\n\n`minewatch rules NAME` tells what a rule sees, why, and what to do."
  }

  /// The rules as a Markdown table, by id, as README has it.
  package static func markdownTable() -> String {
    var lines = ["| id | rule | level | raised when |", "|---|---|---|---|"]
    for rule in rules {
      lines.append("| \(rule.reference.id) | `\(rule.name)` | \(rule.level.rawValue) | \(rule.reference.title) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ title: String, _ paragraphs: [String], _ width: Int, bullets: Bool = false) -> String {
    let body = paragraphs.map { wrap($0, width: width, first: bullets ? "  - " : "  ", rest: bullets ? "    " : "  ") }
    return title + "\n" + body.joined(separator: "\n")
  }

  /// Breaks text at blanks. A word longer than the line stands on its own.
  private static func wrap(_ text: String, width: Int, first: String, rest: String) -> String {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = rest
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

extension Rule.Parameter.Value {
  /// As a policy file writes it.
  package var text: String {
    switch self {
    case .duration(let value): value.shortText
    case .fraction(let value): "\(value)"
    case .count(let value): "\(value)"
    }
  }
}

extension String {
  fileprivate func padding(toWidth width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
