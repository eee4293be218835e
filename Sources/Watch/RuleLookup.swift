package import Policy
package import Rules

extension RuleBook {
  /// The rule that somebody asks for by its name or its number.
  ///
  /// - Throws: with the nearest name, where there is none.
  package static func asked(_ name: String) throws(WrongValue) -> Rule {
    if let rule = RuleBook[name] ?? Int(name).flatMap({ id in rules.first { $0.reference.id == id } }) { return rule }
    let nearest = nearestName(to: name).map { "; did you mean \($0)?" } ?? ""
    throw WrongValue("no rule is called \(name)\(nearest) (`minewatch rules` lists them)")
  }
}
