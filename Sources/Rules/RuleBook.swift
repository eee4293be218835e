/// All rules: the one list that a new rule is added to.
package enum RuleBook {
  package static let rules: [Rule] = (Rule.pools + Rule.destinations + Rule.names + Rule.stratum + Rule.monitor)
    .sorted { $0.reference.id < $1.reference.id }

  /// EVE's `gid`: ours, so that ids never meet another engine's.
  package static let generator = 3_333

  private static let byName = Dictionary(rules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  package static subscript(name: String) -> Rule? { byName[name] }
}
