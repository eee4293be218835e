import Decode
import Policy

/// What a fleet alarm says beside how many and when: power, cause, what they have in common, what came before.
struct FleetConsequence: Sendable {
  var watts: Double
  /// Of so many miners is the power known.
  var known: Int
  var miners: Int
  /// Empty for what has no cause to be weighed.
  var causes: [(cause: Cause, share: Double)] = []
  var common: [CommonTraits.Trait] = []
  var lead: Exchanges.Lead?

  /// `0.03 MW`, `at least 1.2 MW (power of 300 of 400 known)`, `power unknown`.
  var power: String {
    guard known > 0 else { return "power unknown" }
    let text = Self.megawatts(watts)
    return known == miners ? text : "at least \(text) (power of \(known) of \(miners) known)"
  }

  private static func megawatts(_ watts: Double) -> String {
    if watts < 100_000 { return "\(amount(watts / 1_000)) kW" }
    return watts < 10_000_000 ? "\((watts / 10_000).rounded() / 100) MW" : "\(Int((watts / 1e6).rounded())) MW"
  }

  /// `remote stop (83 %)`: the cause that weighs most; nil where none was weighed.
  var likeliest: String? {
    causes.first.map { "\($0.cause.rawValue) (\(percent(($0.share * 100).rounded() / 100)))" }
  }

  /// The clause of the readable line.
  var brief: String {
    var parts = [power]
    if let likeliest { parts.append("likely \(likeliest)") }
    if let lead { parts.append("after \(lead.text)") }
    if let trait = common.first { parts.append("\(trait.key.kind.rawValue) \(quoted(trait.key.value))") }
    return parts.joined(separator: "; ")
  }

  /// Sentences.
  var message: String {
    var text = "Power: \(power)."
    if let likeliest {
      text += " Likely cause: \(likeliest)"
      let others = causes.dropFirst().filter { $0.share >= 0.1 }
      if !others.isEmpty {
        let names = others.map { "\($0.cause.rawValue) (\(percent(($0.share * 100).rounded() / 100)))" }
        text += ", else \(names.joined(separator: ", "))"
      }
      text += "."
    }
    if let lead {
      text +=
        " Before it, within \(lasting(Double(lead.before))): \(lead.text), at \(lead.affected) of them and "
        + "\(lead.others) others (lift \(amount(lead.lift)))."
    }
    if !common.isEmpty {
      let traits = common.map {
        "\($0.key.kind.rawValue) \(quoted($0.key.value)) (\($0.affected) of them, \($0.all) in all)"
      }
      text += " They have in common: \(traits.joined(separator: ", "))."
    }
    return text
  }

  var facts: [(name: String, value: Finding.FactValue)] {
    var facts: [(name: String, value: Finding.FactValue)] = []
    if known > 0 { facts.append(("megawatts", .number(watts / 1e6))) }
    facts.append(("power_known", .count(UInt64(known))))
    if let first = causes.first {
      facts.append(("cause", .text(first.cause.rawValue)))
      facts.append(("causes", .list(causes.map { "\($0.cause.rawValue) \(percent($0.share))" })))
    }
    if !common.isEmpty {
      facts.append(("common", .list(common.map { "\($0.key.kind.rawValue) \($0.key.value)" })))
    }
    if let lead {
      facts.append(("before", .text(lead.text)))
      facts.append(("before_affected", .count(UInt64(lead.affected))))
      facts.append(("before_others", .count(UInt64(lead.others))))
      facts.append(("lift", .number(lead.lift)))
    }
    return facts
  }
}

extension Analysis {
  /// What is said of every change of many miners: power, what they have in common, what came before.
  ///
  /// - Parameters:
  ///   - population: how many miners there are, these among them.
  ///   - time: of the last one's change, in seconds.
  ///   - comesBefore: see ``Exchanges/lead(to:of:at:comesBefore:)``.
  func consequence(
    of miners: [IPAddress], population: Int, at time: Int,
    comesBefore: (_ miner: IPAddress, _ time: Int) -> Bool = { _, _ in true }
  ) -> FleetConsequence {
    let (watts, known) = power(of: miners)
    let affected = Set(miners)
    var consequence = FleetConsequence(watts: watts, known: known, miners: miners.count)
    consequence.lead = exchanges.lead(
      to: affected, of: max(population, affected.count), at: time, comesBefore: comesBefore)
    consequence.common = commonTraits(of: affected)
    return consequence
  }

  /// Of a stop or a start.
  func consequence(of wave: FleetEvents.Wave) -> FleetConsequence {
    consequence(of: addresses(of: wave.rows), population: wave.population, at: wave.last)
  }
}
