import Capture
import Decode

/// How much of the fleet's mining can be read: by miner, whether its latest mining session is encrypted.
package struct Readability: Sendable {
  /// Bounded by `Limits.seenMiners`; later miners are not counted.
  private var isEncrypted: [IPAddress: Bool] = [:]
  private(set) var encrypted = 0
  /// The share that was told last, and when.
  private(set) var told: (share: Double, at: Timestamp)?
  /// When it was looked at last: the fleet does not change by the second.
  private var looked: Timestamp?

  package init() {}

  var miners: Int { isEncrypted.count }
  /// 0...1.
  var share: Double { miners == 0 ? 0 : Double(encrypted) / Double(miners) }

  mutating func note(_ miner: IPAddress, isEncrypted now: Bool) {
    let before = isEncrypted[miner]
    guard before != nil || isEncrypted.count < Limits.seenMiners, before != now else { return }
    isEncrypted[miner] = now
    encrypted += (now ? 1 : 0) - (before == true ? 1 : 0)
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
