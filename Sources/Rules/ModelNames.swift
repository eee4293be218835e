import Policy

/// What kind of miner each is: as the inventory has it, or else as its agent tells (`models.csv`). Each agent is looked up once.
struct ModelNames {
  let policy: Policy
  private var known: [String: String?] = [:]

  init(policy: Policy) { self.policy = policy }

  mutating func name(of entry: Inventory.Entry?, agent: String?) -> String? {
    if let model = entry?.model { return model }
    guard let agent else { return nil }
    if let known = known[agent] { return known }
    let name = policy.models.model(agent: agent)?.name
    known[agent] = .some(name)
    return name
  }
}
