/// What the watch over the fleet has found out, for its rules to tell. Rows are places in ``FleetWatch/rows``; times are seconds of
/// packet time.
package struct FleetEvents: Sendable {
  package var silences: [Silence] = []
  package var slowdowns: [Slowdown] = []
  package var stops: [Wave] = []
  package var starts: [Wave] = []
  package var siteDrops: [SiteDrop] = []
  package var oscillations: [Oscillation] = []
  package var swings: [Swing] = []
  package var blindness: [Blindness] = []

  package init() {}

  /// One miner stopped.
  package struct Silence: Equatable, Sendable {
    package var row: Int
    package var since: Int
    /// How long it is silent, and how long it would have to be for chance to do it so rarely, in seconds.
    package var gap: Double
    package var limit: Double
  }

  /// One miner does less than it did.
  package struct Slowdown: Equatable, Sendable {
    package var row: Int
    /// 0...1 of its level.
    package var drop: Double
    package var minutes: Int
    package var probability: Double
  }

  /// Many miners stopped, or started, together.
  package struct Wave: Equatable, Sendable {
    package var rows: [Int]
    /// The last share of the first to stop and of the last; when starting, the first shares.
    package var first: Int
    package var last: Int
    /// Miners at work before, these among them.
    package var population: Int
    /// How many chance would have had.
    package var expected: Double
    package var probability: Double
    /// It was told before, with so many.
    package var told: Int?
    /// What share of packets was lost about then; nil when none was.
    package var loss: Double?
  }

  package struct SiteDrop: Equatable, Sendable {
    /// 0...1.
    package var share: Double
    package var observed: Double
    package var expected: Double
    package var seconds: Int
    package var probability: Double
    package var population: Int
    package var loss: Double?
  }

  /// The same miners went off and on again.
  package struct Oscillation: Equatable, Sendable {
    package var rows: [Int]
    package var population: Int
    /// How often they stopped, and over how many seconds.
    package var stops: Int
    package var seconds: Int
    /// The last share before the last stop.
    package var last: Int
    package var loss: Double?
  }

  /// Part of the site goes off and on, too fast for it to be known who.
  package struct Swing: Equatable, Sendable {
    /// From one stop to the next, in seconds.
    package var period: Double
    /// 0...1 of the site.
    package var share: Double
    /// How long it was looked at.
    package var seconds: Int
    package var probability: Double
    package var population: Int
    package var loss: Double?
  }

  package struct Blindness: Equatable, Sendable {
    package var since: Int
    /// Packets a second before.
    package var rate: Double
    /// Of the miners that were at work.
    package var rows: [Int]
    /// Other traffic goes on.
    package var onlyMiners = false
  }
}

extension FleetEvents {
  // Each rule takes what is its own.

  package mutating func takeSilences() -> [Silence] { Self.take(&silences) }
  package mutating func takeSlowdowns() -> [Slowdown] { Self.take(&slowdowns) }
  package mutating func takeStops() -> [Wave] { Self.take(&stops) }
  package mutating func takeStarts() -> [Wave] { Self.take(&starts) }
  package mutating func takeSiteDrops() -> [SiteDrop] { Self.take(&siteDrops) }
  package mutating func takeOscillations() -> [Oscillation] { Self.take(&oscillations) }
  package mutating func takeSwings() -> [Swing] { Self.take(&swings) }
  package mutating func takeBlindness() -> [Blindness] { Self.take(&blindness) }

  private static func take<Event>(_ events: inout [Event]) -> [Event] {
    defer { events = [] }
    return events
  }
}

/// The thresholds of the fleet's rules: their parameters, in the numbers that the watch reckons with.
package struct FleetSettings: Equatable, Sendable {
  /// False alarms a miner and day by silence, and by slowing down.
  let silenceRate: Double
  let slowdownRate: Double
  /// What a miner must have lost.
  let slowdownDrop: Double
  /// False alarms a site and day, of each rule about many.
  let stopRate: Double
  let startRate: Double
  let siteRate: Double
  let swingRate: Double
  /// Of the miners at work.
  let stopFraction: Double
  let startFraction: Double
  /// Of the site's shares.
  let siteDrop: Double
  /// Seconds.
  let stopWindow: Int
  let startWindow: Int
  let oscillationStops: Int
  let blindAfter: Int
}
