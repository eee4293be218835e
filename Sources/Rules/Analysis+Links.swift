import Capture
import Decode
import Flows
import Policy
import Protocols

/// What is learned of the miners' links, before the rules hear it, and what the rules ask about them.
extension Analysis {
  mutating func learnLink(from observation: Observation) {
    if let claim = observation.claim {
      if isMiner(claim.address) { lan.heardMiner(on: claim.segment) }
      if policy.listsServer(claim.address) { lan.heardServer(claim.address, at: claim.mac) }
      return
    }
    switch observation.content {
    case .dhcp(let message):
      guard let link = observation.link, let flow = observation.flow, isSiteServer(message, flow, link) else { return }
      if message.isFromServer, let relay = message.relay { lan.relay(relay, flow.server.address) }
      guard message.kind == .ack || message.kind == .reply else { return }
      lan.routes(message.routers)
      lan.search(message.searchDomains)
      guard message.clientMAC != .none else { return }
      for address in message.assigned {
        lan.owners.assign(address, to: message.clientMAC, on: LinkSegment(link))
      }
    case .routerAdvertisement(let message):
      guard let link = observation.link, lan.routers.routes(link.source) else { return }
      lan.search(message.searchDomains)
    case .flowIdentified(let identity):
      // A conversation, not a packet that anybody can make up.
      guard let flow = observation.flow, flow.ipProtocol == IPProtocol.tcp, identity != .silent, identity != .unknown,
        isMiner(flow.client.address), isOutside(flow.server.address)
      else { return }
      lan.routers.carried(flow.server.mac, at: observation.time)
    default: break
    }
  }

  /// Somewhere on the Internet: no private address, nobody of the site, no group.
  func isOutside(_ address: IPAddress) -> Bool {
    // The site's own last: it is looked up, the others are told by their first bits.
    !address.isPrivate && !address.isMulticast && !address.isLinkLocal && !address.isUnspecified
      && !isSite(address)
  }

  /// The monitor still takes what it sees for the site as it should be.
  func isLearning(_ rule: Rule) -> Bool {
    now < start.advanced(by: duration(.learn, of: rule))
  }

  // MARK: DHCP

  /// Whether a server's message comes from a server of the site.
  ///
  /// A relay's own address stands in for the server's, and IPv6 servers speak from addresses that no policy lists, so that a
  /// machine which is known for a listed address, or as a router, counts as well.
  func isSiteServer(_ message: DHCPMessage, _ flow: FlowFacts, _ link: LinkFacts) -> Bool {
    if message.isIPv6 {
      return policy.isDHCPServer(flow.server.address, bindings) || lan.isServer(link.source)
        || lan.routers.routes(link.source)
    }
    guard policy.isDHCPServer(message.server ?? flow.server.address, bindings) else { return false }
    return message.relay != nil || policy.isDHCPServer(flow.server.address, bindings)
  }

  /// Whether a server's message is to somebody in the miner networks, as far as anybody can tell.
  func concernsMiners(_ message: DHCPMessage, _ flow: FlowFacts, _ link: LinkFacts) -> Bool {
    message.assigned.contains { isMiner($0) } || isMiner(flow.client.address)
      || lan.devices.has(message.clientMAC) || lan.hasMiners(on: LinkSegment(link))
  }

  /// How long to wait with a stranger's message: IPv6's routers hand out addresses themselves, and the first that boot ask
  /// them before anything else shows that they route.
  func patience(for message: DHCPMessage, in observation: Observation) -> Duration? {
    guard message.isIPv6, message.isFromServer, isLearning(.lanRogueRouter), let link = observation.link,
      let flow = observation.flow, !isSiteServer(message, flow, link)
    else { return nil }
    return .seconds(60)
  }

  // MARK: Addresses

  /// Whether an address is a router's own: a DHCP server handed it out as one, or it is claimed by a machine that routes.
  ///
  /// That a frame goes to a router's link-layer address says nothing of the address in it: the packet may go on from there.
  func isGateway(_ address: IPAddress, in flow: FlowFacts) -> Bool {
    if lan.gateways.contains(address) { return true }
    let owner = lan.owners.owner(of: address, on: LinkSegment(flow))
    return owner.isVirtualRouter || lan.routers.routes(owner)
  }

  /// What an address is to the miners, in words that go on with "address"; nil when it is nothing.
  func role(of address: IPAddress, ownedBy owner: MACAddress) -> String? {
    if lan.gateways.contains(address) || lan.routers.carries(owner) { return "the gateway's" }
    let services = policy.services
    if services.dns?.prefixes.contains(address) == true { return "the resolver's" }
    if services.dhcp?.prefixes.contains(address) == true { return "the DHCP server's" }
    if services.ntp?.prefixes.contains(address) == true { return "the time server's" }
    if isManager(address) { return "a manager's" }
    return isMiner(address) ? "a miner's" : nil
  }

  /// Whether two link-layer addresses may both speak for one address: routers that share it (VRRP, HSRP, GLBP).
  func mayShare(_ contest: AddressOwners.Contest) -> Bool {
    let (owner, rival) = (contest.owner, contest.rival)
    if owner.isVirtualRouter, rival.isVirtualRouter { return owner.rawValue >> 8 == rival.rawValue >> 8 }
    guard owner.isVirtualRouter || rival.isVirtualRouter else { return false }
    // Whoever takes an address over brings answers from outside soon enough: only those from before count.
    return lan.routers.carries(rival, before: contest.contestedSince)
  }
}

extension Policy {
  /// Whether the policy names this address as one of the site's servers.
  func listsServer(_ address: IPAddress) -> Bool {
    [services.dns, services.ntp, services.dhcp].contains { $0?.prefixes.contains(address) ?? false }
  }
}
