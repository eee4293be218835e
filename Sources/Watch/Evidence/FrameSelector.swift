import Decode
import Protocols
import Rules
import Sinks

/// Which packets belong to an alert: what an investigator asks for first.
///
/// An alert about a flow has the packets of that flow, with those of an earlier flow between the same ends; one about a
/// miner, or about many, has all that these sent and received.
enum FrameSelector: Equatable, Sendable {
  case flow(client: Endpoint, server: Endpoint, ipProtocol: UInt8)
  case hosts([IPAddress])

  /// Nil when the alert is about no traffic: the monitor's own, and those that name nobody.
  init?(_ finding: Finding) {
    if let miners = finding.miners, !miners.some.isEmpty {
      self = .hosts(miners.some)
    } else if let flow = finding.flow {
      self = .flow(client: flow.client, server: flow.server, ipProtocol: flow.ipProtocol)
    } else if let miner = finding.miner {
      self = .hosts([miner.address])
    } else {
      return nil
    }
  }

  @inline(__always)
  func matches(_ entry: FrameRing.Entry) -> Bool {
    switch self {
    case .flow(let client, let server, let ipProtocol):
      guard entry.ipProtocol == ipProtocol else { return false }
      let hasPorts = IPProtocol.hasPorts(ipProtocol) && !entry.traits.contains(.fragment)
      let (from, to) = (hasPorts ? entry.sourcePort : 0, hasPorts ? entry.destinationPort : 0)
      let (asking, answering) = (hasPorts ? client.port : 0, hasPorts ? server.port : 0)
      return entry.source == client.address && entry.destination == server.address && from == asking && to == answering
        || entry.source == server.address && entry.destination == client.address && from == answering && to == asking
    case .hosts(let hosts):
      return hosts.contains(entry.source) || hosts.contains(entry.destination)
    }
  }

  /// Whether the flow may be the outer one of encapsulated packets, whose entries have the inner ends.
  var mayBeOuter: Bool {
    guard case .flow(_, let server, let ipProtocol) = self else { return false }
    switch ipProtocol {
    case IPProtocol.gre, IPProtocol.ipv4, IPProtocol.ipv6: return true
    case IPProtocol.udp: return server.port == VXLANHeader.port
    default: return false
    }
  }

  /// Whether these are the flow's ends, in either direction.
  func isBetween(_ one: IPAddress, _ other: IPAddress) -> Bool {
    guard case .flow(let client, let server, _) = self else { return false }
    return one == client.address && other == server.address || one == server.address && other == client.address
  }
}
