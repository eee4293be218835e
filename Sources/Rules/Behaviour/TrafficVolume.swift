import Decode
package import Flows
package import Protocols

/// What a miner sent and received in a flow, or in many.
struct TrafficVolume: Equatable, Sendable, BitwiseCopyable {
  /// Bytes of IP packets, headers included.
  var sent: UInt64 = 0
  var received: UInt64 = 0
  /// Bytes sent to hosts outside the site, without headers, so that acknowledgments count nothing.
  var outside: UInt64 = 0
  /// Packets to time servers.
  var timeQueries: UInt64 = 0

  static func + (left: Self, right: Self) -> Self {
    Self(
      sent: left.sent &+ right.sent, received: left.received &+ right.received,
      outside: left.outside &+ right.outside, timeQueries: left.timeQueries &+ right.timeQueries)
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

/// A flow and what has gone through it so far.
package struct FlowVolume: Sendable {
  package var flow: FlowFacts
  package var toServer: FlowCounters
  package var toClient: FlowCounters

  package init(flow: FlowFacts, toServer: FlowCounters, toClient: FlowCounters) {
    self.flow = flow
    self.toServer = toServer
    self.toClient = toClient
  }

  /// Bytes without headers, as near as counters tell: TCP's are taken with timestamps, as Linux sends them.
  func payload(_ counters: FlowCounters) -> UInt64 {
    let network: UInt64 = flow.client.address.isIPv4 ? 20 : 40
    let headers = counters.packets &* (network + (flow.ipProtocol == IPProtocol.tcp ? 32 : 8))
    return counters.bytes > headers ? counters.bytes - headers : 0
  }
}
