import Capture
import Decode

/// What each miner asks below each domain, so that data that travels in names stands out.
///
/// Only what is out of the ordinary is kept: names that the policy does not explain, long or random ones, and bulky answers.
/// A miner that is content keeps nothing here. Bounded by `Limits.nameAskers` miners of `Limits.domainsPerAsker` domains.
struct NameTraffic: Sendable {
  /// Sums of one miner and domain within a window.
  struct Sums: Sendable {
    var since: Timestamp
    var queries: UInt64 = 0
    /// Different names, and those among them that are long or random. Counted by a sketch: a few hundred look like fewer.
    var names = 0
    var oddNames = 0
    /// Bytes of answers of types that carry anything.
    var bulk: UInt64 = 0
    /// That this is a tunnel was told within the window.
    var isTold = false
    /// The longest name.
    var example = ""
    private var sketch: InlineArray<16, UInt64> = .init(repeating: 0)

    init(since: Timestamp) {
      self.since = since
    }

    mutating func ask(_ name: String, isOdd: Bool) {
      queries &+= 1
      if name.utf8.count > example.utf8.count { example = name }
      // FNV-1a; its high bits choose one of 1,024 places.
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      let place = Int(hash >> 54)
      guard sketch[place / 64] & 1 << UInt64(place % 64) == 0 else { return }
      sketch[place / 64] |= 1 << UInt64(place % 64)
      names += 1
      if isOdd { oddNames += 1 }
    }
  }

  private var askers: [IPAddress: [String: Sums]] = [:]
  private var nextSweep = Timestamp(nanoseconds: .min)
  /// Names that were not counted because the table was full.
  private(set) var missed: UInt64 = 0

  /// Changes the sums of a miner and domain, which begin anew after each window.
  ///
  /// - Returns: the sums after the change; nil when there is no room.
  mutating func note(
    _ miner: IPAddress, _ domain: String, at now: Timestamp, window: Duration, _ change: (inout Sums) -> Void
  ) -> Sums? {
    if askers[miner] == nil, askers.count >= Limits.nameAskers { sweep(now, window) }
    guard askers[miner] != nil || askers.count < Limits.nameAskers else {
      missed &+= 1
      return nil
    }
    var domains = askers[miner] ?? [:]
    if domains[domain] == nil, domains.count >= Limits.domainsPerAsker {
      // The one that was asked least.
      if let least = domains.min(by: { $0.value.queries < $1.value.queries }) { domains[least.key] = nil }
      missed &+= 1
    }
    var sums = domains[domain] ?? Sums(since: now)
    if now > sums.since.advanced(by: window) || now < sums.since { sums = Sums(since: now) }
    change(&sums)
    domains[domain] = sums
    askers[miner] = domains
    return sums
  }

  /// Whether a miner's tunnel by way of a domain was told within the window.
  func isTold(_ miner: IPAddress, _ domain: String, at now: Timestamp, window: Duration) -> Bool {
    guard let sums = askers[miner]?[domain], sums.isTold else { return false }
    return now >= sums.since && now <= sums.since.advanced(by: window)
  }

  mutating func tell(_ miner: IPAddress, _ domain: String) {
    askers[miner]?[domain]?.isTold = true
  }

  /// Forgets those whose windows are all over; a sweep goes through the whole table, so not at every name.
  private mutating func sweep(_ now: Timestamp, _ window: Duration) {
    guard now >= nextSweep else { return }
    nextSweep = now.advanced(by: .seconds(60))
    askers = askers.filter { $0.value.values.contains { now <= $0.since.advanced(by: window) } }
  }
}
