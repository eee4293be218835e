import Capture
import Flows

/// What the coinbases of the latest jobs pay, by a keyed hash of their bytes. A pool gives the same ones to all miners of a
/// site, so each is read once and then found.
struct CoinbaseReadings: ~Copyable {
  struct Reading: Zeroable {
    /// Keyed hash of both pieces and of the extranonce's length that the session knew.
    var key: UInt64 = 0
    /// See ``MiningWork/payees``; 0 when no length of the extranonce makes sense of it.
    var payees: UInt64 = 0
    /// The length of the extranonce that does.
    var extranonce: UInt8 = 0
    /// It is not the length that the session knew: others were tried.
    var isGuess = false
  }

  private var readings = Slab<Reading>(count: Limits.coinbaseReadings)
  /// What some of them pay, spelled out, each with its reading's key: with a new block every session of a site tells the same.
  private var payouts = [(key: UInt64, payout: MiningPayout)?](repeating: nil, count: Limits.coinbasePayouts)

  func find(_ key: UInt64) -> Reading? {
    let reading = readings[place(of: key)]
    return reading.key == key && key != 0 ? reading : nil
  }

  /// Keeps a reading in the place of an older one.
  mutating func keep(_ reading: Reading) {
    readings[place(of: reading.key)] = reading
  }

  /// What a coinbase pays.
  ///
  /// - Parameter key: as a reading's.
  mutating func payout(_ coinbase: Coinbase, _ key: UInt64) -> MiningPayout {
    let place = Int(truncatingIfNeeded: key % UInt64(payouts.count))
    if let known = payouts[place], known.key == key { return known.payout }
    let payout = MiningPayout(coinbase)
    payouts[place] = (key, payout)
    return payout
  }

  private func place(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: key & UInt64(truncatingIfNeeded: readings.count &- 1))
  }
}
