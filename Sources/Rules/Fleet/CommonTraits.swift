/// What those who did something together have in common, where chance does not explain it.
enum CommonTraits {
  /// What is asked of a miner; the raw value is how a sentence says it.
  enum Kind: String, CaseIterable, Sendable {
    case pool, model, firmware, subnet, rack
  }

  struct Key: Hashable, Sendable {
    var kind: Kind
    var value: String
  }

  struct Trait: Equatable, Sendable {
    var key: Key
    /// Of those who did it, and of all.
    var affected: Int
    var all: Int
    /// That chance alone picks so many who have it; times the number of traits that were tried.
    var probability: Double
  }

  /// What fewer of the affected have is not common to them.
  private static let coverage = 0.8
  private static let significance = 0.01
  /// Values looked at; a site has a few hundred.
  private static let limit = 8_192

  /// The strongest trait of each kind, strongest first: Fisher's exact test, corrected for every value that was tried
  /// (Bonferroni).
  static func find<Member: Hashable>(
    _ affected: Set<Member>, of population: [Member], traits: (Member) -> [Key]
  ) -> [Trait] {
    var counts: [Key: (affected: Int, all: Int)] = [:]
    for member in population {
      let isAffected = affected.contains(member)
      for key in traits(member) where counts.count < limit || counts[key] != nil {
        counts[key, default: (0, 0)].all += 1
        if isAffected { counts[key, default: (0, 0)].affected += 1 }
      }
    }
    let drawn = population.count { affected.contains($0) }
    let tried = Double(counts.count { $0.value.affected > 0 })
    var best: [Kind: Trait] = [:]
    for (key, count) in counts where Double(count.affected) >= coverage * Double(drawn) && count.all < population.count
    {
      let chance = Chance.ofDraw(atLeast: count.affected, marked: count.all, drawn: drawn, all: population.count)
      let trait = Trait(key: key, affected: count.affected, all: count.all, probability: min(chance * tried, 1))
      guard trait.probability < significance, trait.probability < best[key.kind]?.probability ?? 1 else { continue }
      best[key.kind] = trait
    }
    return best.values.sorted { ($0.probability, $0.key.kind.rawValue) < ($1.probability, $1.key.kind.rawValue) }
  }
}
