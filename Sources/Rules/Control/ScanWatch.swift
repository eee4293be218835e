import Capture
import Decode

/// Who tries how many miners, and how many ports of one: within a window that moves with time.
package struct ScanWatch: Sendable {
  enum Scan: Equatable, Sendable {
    /// So many miners.
    case miners(Int)
    /// So many ports of one miner.
    case ports(Int)
  }

  private struct Pair: Hashable, Sendable {
    var source: IPAddress
    var miner: IPAddress
  }

  /// Things that were tried, each with when it was tried last.
  private struct Tries<Target: Hashable & Sendable>: Sendable {
    private(set) var latest: Timestamp
    private var targets: [Target: Timestamp] = [:]

    init(at time: Timestamp) {
      latest = time
    }

    /// - Returns: how many targets there are now within `window`, when these are `limit` or more; counting starts anew then.
    mutating func note(_ target: Target, at time: Timestamp, window: Duration, limit: Int) -> Int? {
      latest = max(latest, time)
      targets[target] = time
      guard targets.count >= limit else { return nil }
      targets = targets.filter { $0.value.advanced(by: window) >= time }
      guard targets.count >= limit else { return nil }
      defer { targets = [:] }
      return targets.count
    }
  }

  private var miners: [IPAddress: Tries<IPAddress>] = [:]
  private var ports: [Pair: Tries<UInt32>] = [:]
  private var swept = Timestamp(nanoseconds: 0)
  /// Tries that could not be counted, because too many hosts tried at once.
  private(set) var missed: UInt64 = 0

  package init() {}

  /// Counts that `source` tried a port of `miner`; a ping is port 0.
  mutating func note(
    _ source: IPAddress, _ miner: IPAddress, ipProtocol: UInt8, port: UInt16, at time: Timestamp,
    _ thresholds: (window: Duration, miners: Int, ports: Int)
  ) -> Scan? {
    sweep(time, thresholds.window)
    let limits = (
      miners: min(max(thresholds.miners, 2), Limits.scanTargets),
      ports: min(max(thresholds.ports, 2), Limits.scanTargets)
    )
    if let count = noteMiner(source, miner, at: time, thresholds.window, limits.miners) { return .miners(count) }
    let port = UInt32(ipProtocol) << 16 | UInt32(port)
    return notePort(Pair(source: source, miner: miner), port, at: time, thresholds.window, limits.ports)
      .map(Scan.ports)
  }

  private mutating func noteMiner(
    _ source: IPAddress, _ miner: IPAddress, at time: Timestamp, _ window: Duration, _ limit: Int
  ) -> Int? {
    guard miners[source] != nil || miners.count < Limits.scanSources else {
      missed &+= 1
      return nil
    }
    return miners[source, default: Tries(at: time)].note(miner, at: time, window: window, limit: limit)
  }

  private mutating func notePort(
    _ pair: Pair, _ port: UInt32, at time: Timestamp, _ window: Duration, _ limit: Int
  ) -> Int? {
    guard ports[pair] != nil || ports.count < Limits.scanSources else {
      missed &+= 1
      return nil
    }
    return ports[pair, default: Tries(at: time)].note(port, at: time, window: window, limit: limit)
  }

  /// Forgets whoever tried nothing for a window, a few times a window at the most.
  private mutating func sweep(_ now: Timestamp, _ window: Duration) {
    guard now >= swept.advanced(by: .seconds(10)) || now < swept else { return }
    swept = now
    miners = miners.filter { $0.value.latest.advanced(by: window) >= now }
    ports = ports.filter { $0.value.latest.advanced(by: window) >= now }
  }
}
