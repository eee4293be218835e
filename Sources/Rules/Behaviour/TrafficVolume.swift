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

  /// What has come since `former`; nothing where there was more then, as of a flow that was counted twice.
  func since(_ former: Self) -> Self {
    Self(
      sent: sent >= former.sent ? sent - former.sent : 0,
      received: received >= former.received ? received - former.received : 0,
      outside: outside >= former.outside ? outside - former.outside : 0,
      timeQueries: timeQueries >= former.timeQueries ? timeQueries - former.timeQueries : 0)
  }
}
