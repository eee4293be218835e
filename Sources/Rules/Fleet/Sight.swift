import Glibc

/// Whether the monitor sees at all: without any packet where there were many, it is the monitor that is blind.
package struct Sight: Sendable {
  /// What a look at the capture says.
  package struct Look: Sendable {
    /// When the last packet of IP or ARP came, in seconds; and how many there were so far.
    package var heard: Int
    package var packets: UInt64

    package init(heard: Int, packets: UInt64) {
      self.heard = heard
      self.packets = packets
    }
  }

  enum Change: Sendable {
    case none
    /// Nothing was seen since `since`, where there were `rate` packets a second.
    case blind
    case seesAgain(blindSince: Int)
  }

  /// Packets a second, of late.
  private(set) var rate = RunningMoments()
  private var packets: UInt64?
  private var turned = 0
  private(set) var blindSince: Int?
  /// That it is blind was told.
  private(set) var isTold = false
  /// When it saw again.
  private(set) var regained = 0
  /// So many packets were seen when a capture ended that another follows. What lies between them is no blindness.
  private var captureEnd: UInt64?
  /// When packets were lost last, and what share of them then.
  private(set) var lost: (at: Int, share: Double)?

  init() {}

  /// Looks that the rate is learned from.
  private static let memory = 120
  private static let looksNeeded = 12
  /// Whether a look saw anything: packets come in bursts, so their number tells less.
  private var presence = RunningMoments()

  /// How long silence must last so that one in a million is as long, in seconds.
  private var blink: Int {
    // Of looks that all saw something it is only known that one in so many might not.
    // And of looks that saw nothing, that silence proves nothing.
    let silent = max(1 - presence.mean, 1 / Double(max(presence.count, 1)))
    guard silent < 0.99 else { return 10_000 * FleetWatch.roundLength }
    return Int(min((-13.8 / log(silent)).rounded(.up), 10_000)) * FleetWatch.roundLength
  }

  mutating func look(_ look: Look, at now: Int) -> Change {
    defer { (packets, turned) = (look.packets, now) }
    if let end = captureEnd, look.packets > end { captureEnd = nil }
    guard let before = packets, now > turned else { return .none }
    let quiet = now - look.heard
    if presence.count >= Self.looksNeeded, quiet >= blink {
      guard blindSince == nil else { return .none }
      blindSince = look.heard
      return .blind
    }
    if blindSince == nil {
      rate.learn(Double(look.packets &- before) / Double(now - turned), memory: Self.memory)
      presence.learn(look.packets == before ? 0 : 1, memory: Self.memory)
    }
    guard let since = blindSince else { return .none }
    (blindSince, isTold, regained) = (nil, false, now)
    return .seesAgain(blindSince: since)
  }

  /// A capture is at its end, after so many packets in all, and another follows.
  mutating func endCapture(after packets: UInt64) { captureEnd = packets }

  /// Blind for so long that it is worth telling, for the first time.
  mutating func isToTell(at now: Int, after silence: Int) -> Bool {
    guard let since = blindSince, !isTold, captureEnd == nil, now - since >= max(silence, 2 * blink) else {
      return false
    }
    isTold = true
    return true
  }

  /// Whether part of the time from then on was not seen. Where the clock has jumped, no look was taken at what lies between yet.
  func missed(since time: Int, until now: Int) -> Bool {
    if blindSince != nil || regained > time { return true }
    return presence.count >= Self.looksNeeded && now - turned >= blink
  }

  mutating func lose(share: Double, at now: Int) {
    lost = (now, share)
  }

  /// The share of packets that were lost at about a time; nil when none was.
  func loss(since time: Int) -> Double? {
    lost.flatMap { $0.at >= time ? $0.share : nil }
  }
}
