import Capture
import Decode

/// How often each miner asks each time server, by the minute.
///
/// Bounded by `Limits.timePairs`; when full, those that were silent for a while go.
struct TimeTraffic: Sendable {
  struct Pair: Hashable, Sendable {
    var miner: IPAddress
    var server: IPAddress
  }

  private struct Rate {
    /// Minutes since 1970.
    var minute: Int64
    var packets: UInt64 = 0
    /// Minutes in a row, up to the one before this, that had too many.
    var busy = 0
  }

  private var rates: [Pair: Rate] = [:]
  private var nextSweep: Int64 = .min
  /// Packets that were not counted because the table was full.
  private(set) var missed: UInt64 = 0

  /// Counts packets.
  ///
  /// - Parameter limit: packets of a minute that are not too many.
  /// - Returns: for how many minutes in a row there have been too many, this one included.
  mutating func count(_ packets: UInt64, of pair: Pair, at now: Timestamp, limit: Double) -> Int {
    let minute = now.seconds / 60
    if rates[pair] == nil, rates.count >= Limits.timePairs { sweep(minute) }
    guard rates[pair] != nil || rates.count < Limits.timePairs else {
      missed &+= packets
      return 0
    }
    var rate = rates[pair] ?? Rate(minute: minute)
    if minute != rate.minute {
      let wasBusy = Double(rate.packets) > limit && minute == rate.minute &+ 1
      rate = Rate(minute: minute, busy: wasBusy ? rate.busy + 1 : 0)
    }
    rate.packets &+= packets
    rates[pair] = rate
    return rate.busy + (Double(rate.packets) > limit ? 1 : 0)
  }

  private mutating func sweep(_ minute: Int64) {
    guard minute >= nextSweep else { return }
    nextSweep = minute + 1
    rates = rates.filter { (minute &- $0.value.minute).magnitude <= 2 }
  }
}
