import Decode
import Flows
import Policy
import Protocols

/// Who comes to a miner, and what goes on around a flow.
extension Analysis {
  /// The verdict on a host that is no miner and speaks to one; `none` where that is no destination rule's business.
  func verdictOnCaller(of flow: FlowFacts, speaking identity: AppProtocol?, answered: Bool?) -> Verdict {
    guard isMiner(flow.server.address), !isManager(flow.client.address) else { return .none }
    // The site's services answer miners in many ways, and have nothing to manage there.
    if isSite(flow.client.address), !opensManagement(flow) { return .none }
    let isICMP = flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6
    guard flow.ipProtocol == IPProtocol.tcp || flow.ipProtocol == IPProtocol.udp || isICMP else { return .none }
    if isICMP, !ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType).isExchange { return .none }
    if let exemption = groupExemption(of: flow) { return .exempt(exemption) }
    if flow.client.address.isLinkLocal || flow.client.address.isUnspecified { return .exempt(.linkLocal) }
    // The caller's own port is chosen at random, so only its address can be on a list.
    if let match = policy.detection.indicators.match(address: flow.client.address, port: 0) {
      return .indicator(match)
    }
    let answered = answered ?? (identity == .silent || identity == nil ? nil : true)
    guard isInside(flow.client.address) else { return .inbound(answered: answered) }
    // A ping of the neighbourhood is nothing; many are a scan.
    return isICMP ? .none : .access(answered: answered)
  }

  /// Whether an address is the site's own by all that can be told: listed, or private.
  func isInside(_ address: IPAddress) -> Bool {
    isSite(address) || address.isPrivate
  }

  private func opensManagement(_ flow: FlowFacts) -> Bool {
    flow.ipProtocol == IPProtocol.tcp && flow.basis > .guess
      && policy.commands.serves(ipProtocol: flow.ipProtocol, port: flow.server.port)
  }

  /// The flow that carries this one, with the miner as its client; nil when no miner is an end of it.
  func outerFlow(of flow: FlowFacts) -> FlowFacts? {
    let tunnel = flow.tunnel
    guard tunnel.kind != .none else { return nil }
    let isFromMiner = isMiner(tunnel.source)
    guard isFromMiner || isMiner(tunnel.destination) else { return nil }
    var outer = flow
    outer.client = Endpoint(address: isFromMiner ? tunnel.source : tunnel.destination, port: 0)
    outer.server = Endpoint(address: isFromMiner ? tunnel.destination : tunnel.source, port: 0)
    switch tunnel.kind {
    case .gre, .erspan: outer.ipProtocol = IPProtocol.gre
    case .vxlan:
      outer.ipProtocol = IPProtocol.udp
      // RFC 7348 §5: the destination port that IANA gave.
      outer.server.port = 4_789
    case .ip, .none: outer.ipProtocol = flow.client.address.isIPv4 ? IPProtocol.ipv4 : IPProtocol.ipv6
    }
    outer.tunnel = Tunnel()
    return outer
  }
}
