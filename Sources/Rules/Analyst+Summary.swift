package import Decode
import Policy
import Protocols

/// What a run saw and said, in numbers: for the summary at its end and for statistics on the way.
package struct AnalystSummary: Sendable {
  /// Miners seen, and their mining sessions.
  package var miners: Int
  package var sessions: UInt64
  package var openSessions: Int
  /// Where miners mined, pools of the policy first, by name.
  package var pools: [PoolLine]
  /// Findings neither suppressed nor off, by rule id; with how many of each level.
  package var findings: [FindingLine]
  package var book: AlertBook.Counters
  /// What exemptions hid, in alphabetical order.
  package var exemptions: [(summary: String, count: UInt64)]
  /// What each suppression of the policy hid. One that hid nothing stands here too: perhaps it is no longer needed.
  package var suppressions: [(label: String, count: UInt64)]
  /// Redirects that miners followed, and those that they did not.
  package var redirectsFollowed: UInt64
  package var redirectsIgnored: UInt64
  /// Names bound to addresses.
  package var bindings: Int

  package struct PoolLine: Sendable {
    /// Nil for a place that is no pool of the policy.
    package var pool: String?
    package var address: IPAddress?
    package var port: UInt16?
    package var miners: Int
    package var work: Fleet.Work
  }

  package struct FindingLine: Equatable, Sendable {
    package var rule: String
    package var level: Level
    package var count: UInt64
  }
}

extension Analyst {
  package var summary: AnalystSummary {
    AnalystSummary(
      miners: analysis.fleet.miners.count, sessions: analysis.jobs.seen,
      openSessions: analysis.jobs.count, pools: analysis.poolLines, findings: findingLines,
      book: book.counters,
      exemptions: analysis.exemptions.map { ($0.key.summary, $0.value) }.sorted { $0.0 < $1.0 },
      suppressions: suppressionLines, redirectsFollowed: analysis.redirects.followed,
      redirectsIgnored: analysis.redirects.ignored, bindings: analysis.bindings.count)
  }

  private var findingLines: [AnalystSummary.FindingLine] {
    RuleBook.rules.flatMap { rule in
      Level.allCases.compactMap { level in
        book.counters.byRule[.init(rule: rule.name, level: level)].map {
          AnalystSummary.FindingLine(rule: rule.name, level: level, count: $0)
        }
      }
    }
  }

  private var suppressionLines: [(label: String, count: UInt64)] {
    var hidden = book.counters.suppressed
    var lines: [(label: String, count: UInt64)] = []
    for suppression in analysis.policy.detection.suppressions
    where !lines.contains(where: { $0.label == suppression.label }) {
      lines.append((suppression.label, hidden.removeValue(forKey: suppression.label) ?? 0))
    }
    // Those of a policy that was replaced.
    return lines + hidden.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension Analysis {
  /// Work by pool, and by endpoint where no pool is listed.
  fileprivate var poolLines: [AnalystSummary.PoolLine] {
    var lines: [AnalystSummary.PoolLine] = []
    var lineOfPool: [String: Int] = [:]
    // Of each server.
    var places: [Int] = []
    for server in fleet.servers.rows {
      let line = line(of: server)
      let place = line.pool.flatMap { lineOfPool[$0] } ?? lines.count
      if let pool = line.pool { lineOfPool[pool] = place }
      if place == lines.count { lines.append(line) } else { lines[place].work.add(server.work) }
      places.append(place)
    }
    for (place, miners) in minersAtWork(at: places, of: lines.count).enumerated() { lines[place].miners = miners }
    return lines.sorted { left, right in
      if (left.pool == nil) != (right.pool == nil) { return right.pool == nil }
      if let a = left.pool, let b = right.pool { return a < b }
      return (left.address ?? IPAddress(v4: 0), left.port ?? 0) < (right.address ?? IPAddress(v4: 0), right.port ?? 0)
    }
  }

  private func line(of server: Fleet.Server) -> AnalystSummary.PoolLine {
    let (address, port) = (server.address.address, server.address.port)
    if case .endpoint(let pool, _) = policy.pool(at: address, port: port, bindings) {
      return AnalystSummary.PoolLine(pool: pool.name, miners: 0, work: server.work)
    }
    return AnalystSummary.PoolLine(address: address, port: port, miners: 0, work: server.work)
  }

  /// How many miners worked at each place.
  ///
  /// - Parameters:
  ///   - places: of each server.
  ///   - count: of places.
  private func minersAtWork(at places: [Int], of count: Int) -> [Int] {
    // Sets of them would take as much as a table of theirs, at the end of a run, when the most is in use.
    let workers = fleet.workers.rows
    let key = { (worker: UInt32) in (places[Int(workers[Int(worker)].server)], workers[Int(worker)].miner) }
    let order = workers.indices.map { UInt32(truncatingIfNeeded: $0) }.sorted { key($0) < key($1) }
    var miners = [Int](repeating: 0, count: count)
    var last: (place: Int, miner: IPAddress)?
    for (place, miner) in order.lazy.map(key) {
      if last?.place != place || last?.miner != miner { miners[place] += 1 }
      last = (place, miner)
    }
    return miners
  }
}
