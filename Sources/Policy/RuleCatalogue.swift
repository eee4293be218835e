/// What a policy may say about rules: their names, and the parameters of each. The rule book hands it in as plain data,
/// as Policy stands left of Rules.
package struct RuleCatalogue: Sendable {
  package enum ParameterKind: Equatable, Sendable {
    case duration
    /// 0...1; read as `0.05` or `5%`.
    case fraction
    /// A whole number from 0.
    case count
  }

  package struct Entry: Sendable {
    package var name: String
    package var parameters: [(name: String, kind: ParameterKind)]

    package init(name: String, parameters: [(name: String, kind: ParameterKind)] = []) {
      self.name = name
      self.parameters = parameters
    }
  }

  package var entries: [Entry]
  /// Names of the levels, worst first.
  package var levels: [String]

  package init(entries: [Entry], levels: [String]) {
    self.entries = entries
    self.levels = levels
  }

  func entry(named name: String) -> Entry? {
    entries.first { $0.name == name }
  }
}
