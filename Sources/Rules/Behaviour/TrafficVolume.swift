import Decode

/// What a miner sent and received in a flow, or in many.
struct TrafficVolume: Equatable, Sendable, BitwiseCopyable {
  /// Bytes of IP packets, headers included.
  var sent: UInt64 = 0
  var received: UInt64 = 0
  /// Bytes sent to hosts outside the site, without headers, so that acknowledgments count nothing.
  var outside: UInt64 = 0
  /// Packets to time servers.
  var timeQueries: UInt64 = 0

  mutating func add(_ more: Self) {
    sent &+= more.sent
    received &+= more.received
    outside &+= more.outside
    timeQueries &+= more.timeQueries
  }

  /// What makes nothing of it when it is added.
  var negated: Self {
    Self(sent: 0 &- sent, received: 0 &- received, outside: 0 &- outside, timeQueries: 0 &- timeQueries)
  }

  /// Nothing where more was taken away than there was, as of a flow that was counted twice.
  var clamped: Self {
    func positive(_ sum: UInt64) -> UInt64 { sum >> 63 == 0 ? sum : 0 }
    return Self(
      sent: positive(sent), received: positive(received), outside: positive(outside),
      timeQueries: positive(timeQueries))
  }
}
