import Capture
import Decode
package import Policy
import Rules
import Sinks
package import Store

/// The fleet as the store knows it, with those miners of the inventory that were never seen.
package struct MinerListing: Sendable {
  package enum Order: String, CaseIterable, Sendable {
    case address, name, user, pool, hashrate, seen
  }

  package struct Query: Sendable {
    package var order = Order.address
    /// Address, link-layer address or name.
    package var miner: String?
    package var pool: String?
    /// Only miners that did not mine in the window, the never seen included.
    package var isSilentOnly = false
    /// Of the hashrate, in minutes.
    package var window = 15
    /// The first so many; nil for all.
    package var limit: Int?

    package init() {}
  }

  package enum State: String, Sendable {
    case mining, silent
    case neverSeen = "never seen"
  }

  package struct Line: Sendable {
    package var state: State
    /// Nil where the inventory has only the link-layer address.
    package var miner: StoredMiner
  }

  package let lines: [Line]
  /// What "now" is: the end of the latest minute in the store.
  private let end: Timestamp

  /// - Parameter policy: for its inventory; nil when there is none.
  package init(_ store: StoreReader, policy: Policy?, query: Query) throws(StoreFailure) {
    end = try store.latestMinute() ?? Timestamp(seconds: 0)
    let stored = try store.miners(until: end, minutes: query.window)
    var lines = stored.map { miner in
      // An unknown rate is one.
      let rate = miner.hashrate.map { $0.terahashes ?? .infinity } ?? 0
      return Line(state: rate > 0 ? .mining : .silent, miner: miner)
    }
    lines += Self.absent(from: stored, policy).map { Line(state: .neverSeen, miner: $0) }
    let wanted = lines.filter { $0.isWanted(by: query) }.sorted { $0.comes(before: $1, by: query.order) }
    self.lines = query.limit.map { Array(wanted.prefix($0)) } ?? wanted
  }

  /// Miners of the inventory that are in no row, by address or link-layer address.
  private static func absent(from stored: [StoredMiner], _ policy: Policy?) -> [StoredMiner] {
    guard let inventory = policy?.miners.inventory else { return [] }
    let addresses = Set(stored.map(\.address))
    let macs = Set(stored.map(\.mac))
    return inventory.rows.filter { row in
      !(row.address.map(addresses.contains) ?? false) && !(row.mac.map(macs.contains) ?? false)
    }.map { row in
      var miner = StoredMiner(neverSeen: row.address ?? IPAddress(v4: 0))
      miner.mac = row.mac ?? .none
      miner.name = row.entry.name
      miner.model = row.entry.model
      return miner
    }
  }
}

extension MinerListing.Line {
  fileprivate func isWanted(by query: MinerListing.Query) -> Bool {
    if query.isSilentOnly, state == .mining { return false }
    if let pool = query.pool, miner.pool != pool { return false }
    guard let wanted = query.miner else { return true }
    return [address, miner.mac.description, miner.name].contains(wanted)
  }

  fileprivate func comes(before other: Self, by order: MinerListing.Order) -> Bool {
    let byAddress = (miner.address, miner.user ?? "") < (other.miner.address, other.miner.user ?? "")
    switch order {
    case .address: return byAddress
    case .name: return Self.first(miner.name, other.miner.name) ?? byAddress
    case .user: return Self.first(miner.user, other.miner.user) ?? byAddress
    case .pool: return Self.first(miner.pool, other.miner.pool) ?? byAddress
    case .hashrate:
      let (left, right) = (miner.hashrate?.terahashes ?? -1, other.miner.hashrate?.terahashes ?? -1)
      return left == right ? byAddress : left > right
    case .seen: return miner.lastSeen == other.miner.lastSeen ? byAddress : miner.lastSeen > other.miner.lastSeen
    }
  }

  /// What has no text comes last.
  private static func first(_ left: String?, _ right: String?) -> Bool? {
    switch (left, right) {
    case (let left?, let right?): left == right ? nil : left < right
    case (nil, nil): nil
    default: left != nil
    }
  }

  fileprivate var address: String { miner.address.isUnspecified ? "" : miner.address.description }
}

// MARK: - As text and as JSON

extension MinerListing {
  /// - Parameter width: of the screen; nil for any.
  package func text(width: Int?, isColoured: Bool) -> String {
    guard !lines.isEmpty else { return "no miner is known that fits" }
    var table = TextTable([
      .init(title: "MINER"), .init(title: "NAME", rank: 1), .init(title: "STATE"),
      .init(title: "HASHRATE", isNumber: true), .init(title: "±", isNumber: true, rank: 4),
      .init(title: "SHARES", isNumber: true, rank: 6), .init(title: "REJECTED", isNumber: true, rank: 7),
      .init(title: "SEEN", isNumber: true, rank: 2), .init(title: "POOL", rank: 3), .init(title: "USER", rank: 0),
      .init(title: "MODEL", rank: 8), .init(title: "AGENT", rank: 5), .init(title: "MAC", rank: 9),
    ])
    for line in lines {
      let miner = line.miner
      let (rate, error) = Figures.hashrate(miner.hashrate)
      let shares = miner.hashrate.map { "\($0.shares + $0.unknownShares)" } ?? ""
      let seen = line.state == .neverSeen ? "" : Figures.roughly(end.seconds(since: miner.lastSeen))
      table.add([
        line.address, miner.name ?? "", line.state.rawValue, rate, error, shares,
        miner.rejected > 0 ? "\(miner.rejected)" : "", seen, miner.pool ?? miner.server ?? "", miner.user ?? "",
        miner.model ?? "", miner.agent ?? "", miner.mac == .none ? "" : miner.mac.description,
      ])
    }
    return table.lines(width: width, isColoured: isColoured).joined(separator: "\n")
  }

  /// An object a line.
  package var json: String {
    lines.map { line in
      var json = JSONWriter()
      json.object { line.write(to: &$0) }
      return String(decoding: json.bytes, as: UTF8.self)
    }.joined(separator: "\n")
  }
}

extension MinerListing.Line {
  fileprivate func write(to json: inout JSONWriter) {
    if !miner.address.isUnspecified { json.field("ip", miner.address.description) }
    if miner.mac != .none { json.field("mac", miner.mac.description) }
    json.field("state", state.rawValue)
    let texts: [(String, String?)] = [
      ("name", miner.name), ("agent", miner.agent), ("model", miner.model), ("user", miner.user),
      ("account", miner.account), ("pool", miner.pool), ("server", miner.server),
    ]
    for (name, text) in texts { if let text { json.field(name, text) } }
    guard state != .neverSeen else { return }
    json.field("first_seen", CivilTime.eve(miner.firstSeen))
    json.field("last_seen", CivilTime.eve(miner.lastSeen))
    json.field("rejected", miner.rejected)
    if let hashrate = miner.hashrate { json.object("hashrate") { hashrate.write(to: &$0) } }
    if let traffic = miner.traffic { json.object("hourly") { traffic.write(to: &$0) } }
  }
}

extension Traffic.Habit {
  /// Means of an hour.
  fileprivate func write(to json: inout JSONWriter) {
    json.field("hours", Double(hours))
    let means: [(String, Float)] = [
      ("sessions", sessions), ("reconnects", reconnects), ("name_queries", nameQueries), ("time_queries", timeQueries),
      ("bytes_out", sent), ("bytes_in", received), ("unexplained_bytes_out", unexplained),
    ]
    for (name, mean) in means { json.field(name, Double(mean).significant) }
  }
}
