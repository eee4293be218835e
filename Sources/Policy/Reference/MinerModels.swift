/// What a kind of miner does at its nameplate.
package struct MinerModel: Equatable, Sendable {
  package var name: String
  /// Hashes a second, in 10^12. Nil where only the power is known.
  package var terahashes: Double?
  /// At the wall.
  package var watts: Double
  /// When its line was written.
  package var date: DataDate

  /// Joules for 10^12 hashes.
  package var joulesPerTerahash: Double? { terahashes.map { watts / $0 } }
}

/// The kinds of miners of `models.csv`, found by what a miner calls itself or by what the site calls it.
package struct MinerModels: Sendable {
  package private(set) var models: [MinerModel] = []
  package private(set) var dates = DataSpan()
  /// Texts that stand in a model's agent, in lower case; the longest first, so that the most exact one decides.
  private var agents: [(text: String, model: Int)] = []
  private var byName: [String: Int] = [:]

  package init() {}

  package var count: Int { models.count }

  func contains(named name: String) -> Bool { byName[Self.normalised(name)] != nil }

  mutating func add(_ model: MinerModel, agents texts: [String]) {
    byName[Self.normalised(model.name)] = models.count
    agents += texts.map { ($0.lowercased(), models.count) }
    agents.sort { $0.text.utf8.count > $1.text.utf8.count }
    models.append(model)
    dates.include(model.date)
  }

  /// - Parameter agent: what the miner said in `mining.subscribe`: `bmminer/2.0.0/Antminer S21/4210`. Firmware that does not
  ///   name its hardware is no model.
  package func model(agent: String) -> MinerModel? {
    let agent = agent.lowercased()
    return agents.first { agent.contains($0.text) }.map { models[$0.model] }
  }

  /// - Parameter name: as an inventory has it: `Antminer S21 Pro`, `s21 pro`, `S21 Pro 234T`.
  package func model(named name: String) -> MinerModel? {
    let name = Self.normalised(name)
    if let index = byName[name] { return models[index] }
    // What an inventory adds is mostly the nameplate: "234T", "234 TH".
    var words = name.split(separator: " ")
    while let last = words.last, last == "th" || last.first?.isNumber == true { words.removeLast() }
    return byName[words.joined(separator: " ")].map { models[$0] }
  }

  /// Lower case, one space between words, without the maker: nobody writes both S21s.
  private static func normalised(_ name: String) -> String {
    let words = name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "+") }
    return words.filter { !["antminer", "whatsminer", "bitmain", "microbt"].contains($0) }.joined(separator: " ")
  }
}

extension Policy {
  /// The kind of a miner by its inventory, else by what it calls itself; nil when neither tells.
  package func model(of miner: Inventory.Entry?, agent: String?) -> MinerModel? {
    miner?.model.flatMap(models.model(named:)) ?? agent.flatMap(models.model(agent:))
  }

  package func model(agent: String) -> MinerModel? {
    models.model(agent: agent)
  }
}
