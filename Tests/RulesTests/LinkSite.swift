import Capture
import Decode
import Flows
import Protocols
import Simulator

@testable import Rules

// Short ways to say what hosts tell their link.

/// A link-layer address that ends in these bytes.
func mac(_ end: UInt64) -> MACAddress {
  MACAddress(rawValue: 0x0200_0000_0000 | end)
}

/// By ARP, a machine announces that an address is its own.
func says(_ text: String, is end: UInt64, at time: Double) -> Observation {
  announces(text, mac(end), at: time)
}

func announces(_ text: String, _ mac: MACAddress, at time: Double) -> Observation {
  let host = Host(address(text), mac: mac)
  let bytes = Array(LinkFrames.arpRequest(from: host, for: host).dropFirst(14))
  let span = bytes.span
  let raw = unsafe span.bytes
  guard let header = ARPHeader(raw) else { preconditionFailure("no ARP packet") }
  return Observation(
    time: seconds(after: time), flow: nil, link: LinkFacts(source: mac), content: .arp(header))
}

extension FlowFacts {
  /// Something said on the link by a machine.
  func onLink(_ content: Observation.Content, by end: UInt64, at time: Double) -> Observation {
    Observation(time: seconds(after: time), flow: self, link: LinkFacts(source: mac(end)), content: content)
  }
}

/// A server's message to everybody.
func serves(
  _ kind: DHCPMessage.Kind, by server: String, _ end: UInt64, gives assigned: String = miner,
  router: String? = nil, relay: String? = nil, searching domain: String? = nil, at time: Double = 100
) -> Observation {
  var message = DHCPMessage(kind)
  message.clientMAC = mac(5)
  message.server = address(server)
  message.assigned = [address(assigned)]
  message.routers = [address(router ?? server)]
  message.relay = relay.map(address)
  message.searchDomains = domain.map { [$0] } ?? []
  message.resolvers = [address("9.9.9.9")]
  return flow("255.255.255.255", to: relay ?? server, 67, ipProtocol: 17, basis: .content).onLink(
    .dhcp(message), by: end, at: time)
}

/// A router tells a host of its link what IPv6's stateless DHCP has (RFC 8415 §6.1).
func tells(_ client: String, by router: String, _ end: UInt64, at time: Double = 100) -> Observation {
  var message = DHCPMessage(.reply, isIPv6: true)
  message.resolvers = [address("2001:db8::53")]
  return flow(client, to: router, 547, ipProtocol: 17, basis: .content).onLink(.dhcp(message), by: end, at: time)
}

/// A router tells all hosts of the link that it routes.
func advertises(
  _ router: String, _ end: UInt64, prefix: String, searching domain: String? = nil, at time: Double = 100
) -> Observation {
  var message = RouterAdvertisement(router: address(router), lifetime: 1_800)
  message.prefixes = [.init(address: address(prefix), length: 64)]
  message.searchDomains = domain.map { [$0] } ?? []
  return flow(router, to: "ff02::1", ipProtocol: 58, icmpType: 134, basis: .guess).onLink(
    .routerAdvertisement(message), by: end, at: time)
}

func sendsElsewhere(from router: String, _ end: UInt64, at time: Double = 100) -> Observation {
  let redirect = RouteRedirect(
    router: address(router), host: address(miner), gateway: address("10.20.0.66"), destination: address(goodPool))
  return flow(router, to: miner, ipProtocol: 1, icmpType: 5, basis: .guess).onLink(
    .redirect(redirect), by: end, at: time)
}

/// A conversation with the Internet that comes through this router.
func routes(_ end: UInt64, at time: Double = 50) -> Observation {
  flow(to: goodPool, 3333, id: 77, at: time, mac: mac(end)).carries(.stratum)
}
