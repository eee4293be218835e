import Decode

/// What a new policy's data has that the old one's had not, and the other way round: what ``PolicyReport`` only counts.
package struct PolicyDifference: CustomStringConvertible {
  /// A line for each kind of data that differs.
  package let lines: [String]

  package init(from old: Policy, to new: Policy) {
    lines = [
      Self.line("inventory", old.miners.inventory.byLabel, new.miners.inventory.byLabel),
      Self.line("indicators", old.detection.indicators.byLabel, new.detection.indicators.byLabel),
      Self.line("commands", old.commands.byLabel, new.commands.byLabel),
      Self.line("known pools", old.knownPools.byLabel, new.knownPools.byLabel),
      Self.line("models", old.models.byLabel, new.models.byLabel),
      Self.line("resolvers", old.publicResolvers.byLabel, new.publicResolvers.byLabel),
    ].compactMap { $0 }
  }

  package var description: String { lines.joined(separator: "\n") }

  /// Labels named of each kind of difference; the rest is counted.
  private static let shown = 5

  /// `inventory: 1 added (10.20.0.9 r3-u12), 2 changed (…)`; nil when both are the same.
  private static func line<Value: Equatable>(
    _ what: String, _ old: [String: Value], _ new: [String: Value]
  ) -> String? {
    let added = new.keys.filter { old[$0] == nil }
    let removed = old.keys.filter { new[$0] == nil }
    let changed = new.filter { label, value in old[label].map { $0 != value } ?? false }.map(\.key)
    let parts = [("added", added), ("removed", removed), ("changed", changed)].filter { !$0.1.isEmpty }
      .map { verb, labels in
        let names = labels.sorted().prefix(shown).joined(separator: ", ")
        let more = labels.count > shown ? " and \(labels.count - shown) more" : ""
        return "\(labels.count) \(verb) (\(names)\(more))"
      }
    return parts.isEmpty ? nil : "\(what): \(parts.joined(separator: ", "))"
  }
}

extension Inventory {
  /// A row by the addresses that it is for.
  fileprivate var byLabel: [String: Entry] {
    let labelled = rows.map { row in
      ([row.address?.description, row.mac?.description].compactMap { $0 }.joined(separator: " "), row.entry)
    }
    return Dictionary(labelled) { $1 }
  }
}

extension KnownPools {
  fileprivate var byLabel: [String: KnownPool] {
    Dictionary(pools.map { ($0.name, $0) }) { first, _ in first }
  }
}

extension MinerModels {
  fileprivate var byLabel: [String: MinerModel] {
    Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
  }
}
