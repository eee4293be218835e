import Capture

/// How much of the fleet's mining can be read: by miner, whether its latest mining session is encrypted.
package struct Readability: Sendable {
  private enum Session: UInt8 {
    case none, readable, encrypted
  }

  /// By a miner's place in the fleet.
  private var sessions: [Session] = []
  private(set) var miners = 0
  private(set) var encrypted = 0
  /// The share that was told last, and when.
  private(set) var told: (share: Double, at: Timestamp)?
  /// When it was looked at last: the fleet does not change by the second.
  private var looked: Timestamp?

  package init() {}

  /// 0...1.
  var share: Double { miners == 0 ? 0 : Double(encrypted) / Double(miners) }

  /// A miner has a mining session.
  ///
  /// - Parameter miner: its place among ``Fleet/miners``; nil for one that is not remembered, which is not counted.
  mutating func note(_ miner: Int?, isEncrypted: Bool) {
    guard let miner else { return }
    while sessions.count <= miner { sessions.append(.none) }
    let (before, now) = (sessions[miner], isEncrypted ? Session.encrypted : .readable)
    sessions[miner] = now
    miners += before == .none ? 1 : 0
    encrypted += (now == .encrypted ? 1 : 0) - (before == .encrypted ? 1 : 0)
  }

  /// Whether a minute has gone by since this was asked.
  mutating func isDue(at now: Timestamp) -> Bool {
    if let looked, looked <= now, looked.advanced(by: .seconds(60)) > now { return false }
    looked = now
    return true
  }

  mutating func tell(at now: Timestamp) {
    told = (share, now)
  }
}
