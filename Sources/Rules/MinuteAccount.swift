package import Capture
import Decode
import Policy
package import Protocols

/// What a minute's shares came to: for the events of type miner and fleet, and for the store.
package struct MinuteAccount: Sendable {
  /// The minute's end.
  package var time: Timestamp
  package var seconds: Double
  package var workers: [WorkerLine]
  package var site: GroupLine
  /// By name. ``Hashrates/elsewhere`` is what goes to no pool of the policy.
  package var pools: [GroupLine]
  package var accounts: [GroupLine]
  /// Miners seen so far.
  package var minersSeen: Int

  /// A miner under one user name. It stands here for an hour after its last share.
  package struct WorkerLine: Sendable {
    package var miner: Finding.Miner
    package var model: String?
    package var user: String?
    package var pool: String?
    package var server: Endpoint
    /// In this minute, and how much of it was watched.
    package var work: ShareWork
    package var seconds: Double
    package var estimates: [HashrateEstimate]
  }

  /// A pool, an account or the site.
  package struct GroupLine: Sendable {
    package var name: String
    /// Workers with a share in this minute, or a session that cannot be read.
    package var workers: Int
    /// Those with such a session: their work is in no number here.
    package var unreadable: Int
    package var work: ShareWork
    package var estimates: [HashrateEstimate]
  }
}

extension Analysis {
  /// - Returns: how long the minute was, in seconds; nil when it was not watched throughout.
  mutating func closeMinute(at now: Timestamp) -> Double? {
    let (policy, bindings) = (policy, bindings)
    let seconds = fleet.hashrates.close(at: now) { policy.poolName(at: $0, bindings) }
    if seconds != nil { closeSwitches(at: now) }
    closeTraffic(at: now, isWatched: seconds != nil)
    return seconds
  }

  func account(seconds: Double, at now: Timestamp) -> MinuteAccount {
    var models = ModelNames(policy: policy)
    return MinuteAccount(
      time: now, seconds: seconds, workers: fleet.hashrates.rows.map { line($0, &models) },
      site: Self.line(fleet.hashrates.site, named: policy.site),
      pools: Self.lines(fleet.hashrates.pools), accounts: Self.lines(fleet.hashrates.accounts),
      minersSeen: fleet.miners.count)
  }

  private func line(_ row: Hashrates.Row, _ models: inout ModelNames) -> MinuteAccount.WorkerLine {
    let seen = fleet.miners[row.worker.miner]
    let mac = seen?.mac ?? MACAddress.none
    let server = fleet.hashrates.server(of: row)
    let entry = policy.miners.inventory.entry(for: row.worker.miner, mac: mac)
    return MinuteAccount.WorkerLine(
      miner: Finding.Miner(address: row.worker.miner, mac: mac, name: entry?.name, agent: seen?.agent),
      model: models.name(of: entry, agent: seen?.agent), user: row.worker.user,
      pool: policy.poolName(at: server, bindings), server: server,
      work: row.minute, seconds: fleet.hashrates.watched(row), estimates: row.window.estimates)
  }

  private static func lines(_ groups: HashrateGroups) -> [MinuteAccount.GroupLine] {
    groups.groups.sorted { $0.name < $1.name }.map { line($0, named: $0.name) }
  }

  private static func line(_ group: Hashrates.Group, named name: String) -> MinuteAccount.GroupLine {
    MinuteAccount.GroupLine(
      name: name, workers: group.workers, unreadable: group.unreadable, work: group.work,
      estimates: group.window.estimates)
  }
}

extension Policy {
  /// The name of the pool that has an endpoint at a place; nil where none has.
  func poolName(at server: Endpoint, _ bindings: Bindings) -> String? {
    guard case .endpoint(let pool, _) = pool(at: server.address, port: server.port, bindings) else { return nil }
    return pool.name
  }
}
