import Capture
import Decode
import Protocols

/// When each miner called each place outside that the policy does not explain, so that calls by the clock are seen.
///
/// Bounded by `Limits.beaconPairs`; when it is full, pairs that were quiet for a day go.
package struct Beacons: Sendable {
  struct Pair: Hashable, Sendable {
    var miner: IPAddress
    var server: IPAddress
    var port: UInt16
    var ipProtocol: UInt8
  }

  private struct Calls: Sendable {
    /// Start of the latest.
    var last: Timestamp
    /// The latest gaps in seconds, a ring; less what would be one call still.
    var gaps = InlineArray<64, Float>(repeating: 0)
    var count: UInt32 = 0
    var told: Timestamp?

    func latest(_ length: Int) -> [Float] {
      (0..<length).map { gaps[(Int(count) &- 1 &- $0) & 63] }
    }
  }

  /// Calls by the clock.
  struct Beacon: Sendable {
    /// How many gaps were looked at.
    let gaps: Int
    /// Seconds from one call to the next.
    let shortest: Double
    let mean: Double
    let longest: Double
    let chance: Double
  }

  private var pairs: [Pair: Calls] = [:]
  private var nextSweep = Timestamp(nanoseconds: .min)
  private(set) var missed: UInt64 = 0

  /// A second connection so soon belongs to the same call: an attempt again, a page and its pictures.
  static let oneCall = Duration.seconds(5)
  /// The same pair is told again after a day.
  private static let silence = Duration.seconds(86_400)
  /// One false alarm in a million calls, shared out among the four lengths that each call is looked at in.
  static let chance = 1e-6 / Double(GapTest.lengths.count)

  package init() {}

  /// Takes in a small connection.
  ///
  /// - Parameters:
  ///   - start: when it began.
  ///   - least: calls before anything is told.
  /// - Returns: what its gaps tell, the first time that it is beyond chance.
  mutating func note(_ pair: Pair, at start: Timestamp, least: Int) -> Beacon? {
    guard var calls = pairs[pair] else {
      if pairs.count >= Limits.beaconPairs { sweep(start) }
      guard pairs.count < Limits.beaconPairs else {
        missed &+= 1
        return nil
      }
      pairs[pair] = Calls(last: start)
      return nil
    }
    let gap = start.nanoseconds(since: calls.last)
    guard gap >= Self.oneCall.saturatedNanoseconds else { return nil }
    calls.last = start
    calls.gaps[Int(calls.count) & 63] = Float(Double(gap - Self.oneCall.saturatedNanoseconds) / 1e9)
    calls.count &+= 1
    defer { pairs[pair] = calls }
    if let told = calls.told, told.advanced(by: Self.silence) > start { return nil }
    for length in GapTest.lengths where length <= Int(calls.count) && length + 1 >= least {
      let gaps = calls.latest(length)
      let chance = GapTest.chance(of: gaps)
      guard chance < Self.chance else { continue }
      calls.told = start
      let dead = Self.oneCall.inSeconds
      return Beacon(
        gaps: length, shortest: Double(gaps.min() ?? 0) + dead,
        mean: gaps.reduce(0) { $0 + Double($1) } / Double(length) + dead, longest: Double(gaps.max() ?? 0) + dead,
        chance: chance)
    }
    return nil
  }

  private mutating func sweep(_ now: Timestamp) {
    guard now >= nextSweep else { return }
    nextSweep = now.advanced(by: .seconds(60))
    pairs = pairs.filter { $0.value.last.advanced(by: Self.silence) >= now }
  }

  /// Time was set back: no gap means anything any more.
  mutating func forget() { self = Beacons() }
}
