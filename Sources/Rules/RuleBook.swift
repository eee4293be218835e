package import Policy

/// All rules: the one list that a new rule is added to.
package enum RuleBook {
  package static let rules: [Rule] =
    (Rule.pools + Rule.tunnels + Rule.destinations + Rule.names + Rule.channels + Rule.identities + Rule.stratum
    + Rule.control + Rule.firmware + Rule.behaviour + Rule.switches + Rule.fleet + Rule.lan + Rule.monitor)
    .sorted { $0.reference.id < $1.reference.id }

  /// EVE's `gid`: ours, so that ids never meet another engine's.
  package static let generator = 3_333

  private static let byName = Dictionary(rules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  package static subscript(name: String) -> Rule? { byName[name] }

  /// The rule that somebody meant who typed `name`; nil when nothing comes close.
  package static func nearestName(to name: String) -> String? {
    Nearest.word(to: name, in: rules.map(\.name))
  }

  /// What the reader of policies must know of the rules.
  package static var catalogue: RuleCatalogue {
    let entries = rules.map { rule in
      RuleCatalogue.Entry(name: rule.name, parameters: rule.parameters.map { ($0.name, $0.value.kind) })
    }
    return RuleCatalogue(entries: entries, levels: Level.allCases.map(\.rawValue))
  }
}

extension Rule.Parameter.Value {
  fileprivate var kind: RuleCatalogue.ParameterKind {
    switch self {
    case .duration: .duration
    case .fraction: .fraction
    case .count: .count
    }
  }
}
