import Capture
import Decode
import Policy
import Rules
import Store
import Watch

/// The miners of the site, counted once each, whatever the number of users that they mine for.
struct FleetCount {
  var mining = 0
  /// Mined before, and do not.
  var silent = 0
  /// In the inventory, and never heard of.
  var neverSeen = 0
  /// What the mining ones draw, in watts: the inventory's, else their hashrate times what their model needs for it.
  var watts = 0.0
  /// Of the mining ones, those whose power nothing tells.
  var withoutPower = 0

  /// Long enough that a miner with four shares a minute has one, and short enough to see a stop soon.
  static let window = 5

  init(_ store: StoreReader, _ policy: Policy?) throws(StoreFailure) {
    var query = MinerListing.Query()
    query.window = Self.window
    let lines = try MinerListing(store, policy: policy, query: query).lines
    for lines in Dictionary(grouping: lines, by: \.miner.address).values {
      if lines.contains(where: { $0.state == .mining }) {
        mining += 1
        let draws = lines.compactMap { $0.watts(policy) }
        if draws.isEmpty { withoutPower += 1 } else { watts += lines[0].plate(policy) ?? draws.reduce(0, +) }
      } else if lines.contains(where: { $0.state == .neverSeen }) {
        neverSeen += lines.count
      } else if lines.contains(where: { $0.miner.lastMinute != nil }) {
        silent += 1
      }
    }
  }
}

extension MinerListing.Line {
  /// The inventory's word for the whole miner.
  fileprivate func plate(_ policy: Policy?) -> Double? {
    policy?.miners.inventory.entry(for: miner.address, mac: miner.mac)?.watts
  }

  /// What a miner draws for one of its users; nil when nothing tells.
  fileprivate func watts(_ policy: Policy?) -> Double? {
    guard state == .mining else { return nil }
    if let plate = plate(policy) { return plate }
    let entry = policy?.miners.inventory.entry(for: miner.address, mac: miner.mac)
    guard let model = policy?.model(of: entry, agent: miner.agent) else { return nil }
    guard let rate = miner.hashrate?.terahashes, let joules = model.joulesPerTerahash else { return model.watts }
    return rate * joules
  }
}
