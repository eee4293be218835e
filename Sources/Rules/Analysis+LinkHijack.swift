import Capture
import Decode
import Flows
import Policy
import Protocols

/// What findings say about those who put themselves between the miners and their network.
extension Analysis {
  mutating func spoofed(_ claim: AddressClaim, _ contest: AddressOwners.Contest) -> Judgement? {
    guard let role = role(of: claim.address, ownedBy: contest.owner) else { return nil }
    let isMiners = isMiner(claim.address)
    return Judgement(
      "\(role) address \(claim.address) of \(contest.owner) is claimed by \(contest.rival)",
      message:
        "\(claim.address), \(role) address, has belonged to \(contest.owner) and is claimed by \(contest.rival) as "
        + "well: it changed hands \(counted(UInt64(contest.turns), "time")) within "
        + "\(seconds(now.seconds(since: contest.contestedSince))), so both are there.",
      subject: lan.namedRivals.has(contest.rival) ? contest.rival.description : "many",
      miner: isMiners ? Endpoint(address: claim.address, port: 0, mac: contest.owner) : nil,
      destinationName: isMiners ? nil : claim.address.description, section: "lan",
      facts: [
        ("address", .text(claim.address.description)), ("role", .text(role)),
        ("owner_mac", .text(contest.owner.description)), ("rival_mac", .text(contest.rival.description)),
        ("frame_mac", .text(claim.frame.description)), ("turns", .count(UInt64(contest.turns))),
        ("vlans", .list(claim.segment.vlans.map(String.init))),
      ])
  }

  mutating func rogueServer(_ message: DHCPMessage, _ flow: FlowFacts, _ link: LinkFacts) -> Judgement {
    let server = message.isIPv6 ? flow.server.address : message.server ?? flow.server.address
    let given = message.assigned.first.map { $0.description } ?? "no address"
    let settings =
      "gateway \(list(message.routers)), resolver \(list(message.resolvers)), time server \(list(message.timeServers))"
    let miner = message.assigned.first { isMiner($0) }
    return Judgement(
      "\(message.kind.rawValue) by DHCP server \(server) at \(link.source): \(given), \(settings)",
      message:
        "\(server) at \(link.source) is no DHCP server of the site and sent \(message.clientMAC) a message of type "
        + "\(message.kind.rawValue): \(given), \(settings).",
      subject: lan.namedServers.has(server) ? server.description : "many",
      miner: miner.map { Endpoint(address: $0, port: 0, mac: message.clientMAC) }, fromServer: true, section: "lan",
      facts: [
        ("server", .text(server.description)), ("server_mac", .text(link.source.description)),
        ("message", .text(message.kind.rawValue)), ("client_mac", .text(message.clientMAC.description)),
        ("assigned", .list(message.assigned.map(\.description))),
        ("routers", .list(message.routers.map(\.description))),
        ("resolvers", .list(message.resolvers.map(\.description))),
        ("time_servers", .list(message.timeServers.map(\.description))), ("vlans", .list(link.vlans.map(String.init))),
      ])
  }

  mutating func advertised(_ message: RouterAdvertisement, _ flow: FlowFacts, _ link: LinkFacts) -> Judgement? {
    let segment = LinkSegment(link)
    guard lan.hasMiners(on: segment) || isMiner(flow.client.address) || isMiner(flow.server.address),
      !isKnownRouter(link.source, at: message.router)
    else { return nil }
    // A miner is no router, unless nobody was seen to route yet: then it may be the gateway, at an address among theirs.
    let isMiner = lan.devices.has(link.source) && lan.routers.areKnown
    if !isMiner,
      lan.routers.believes(message, from: link.source, on: segment, isLearning: isLearning(.lanRogueRouter))
    {
      return nil
    }
    let until = message.lifetime == 0 ? "as no default router" : "as router for \(message.lifetime) s"
    let offer = "prefix \(list(message.prefixes)), resolver \(list(message.resolvers))"
    return Judgement(
      "\(message.router) at \(link.source) advertises itself \(until): \(offer)",
      message:
        "\(message.router) at \(link.source), which is no known router, advertises itself to all hosts of the link "
        + "\(until): \(offer).",
      subject: lan.namedRouters.has(link.source) ? "advertisement \(link.source)" : "many", section: "lan",
      facts: [
        ("router", .text(message.router.description)), ("router_mac", .text(link.source.description)),
        ("lifetime", .count(UInt64(message.lifetime))), ("is_miner", .flag(isMiner)),
        ("prefixes", .list(message.prefixes.map(\.description))),
        ("resolvers", .list(message.resolvers.map(\.description))), ("vlans", .list(link.vlans.map(String.init))),
      ])
  }

  mutating func redirected(_ redirect: RouteRedirect, _ link: LinkFacts) -> Judgement? {
    guard isMiner(redirect.host), !isKnownRouter(link.source, at: redirect.router),
      lan.routers.areKnown || !isLearning(.lanRogueRouter)
    else { return nil }
    return Judgement(
      "\(redirect.router) at \(link.source) redirects \(redirect.destination) to \(redirect.gateway)",
      message:
        "\(link.source), which is no known router, told the miner in the name of \(redirect.router) to send what is "
        + "for \(redirect.destination) to \(redirect.gateway).",
      subject: lan.namedRouters.has(link.source) ? "redirect \(link.source)" : "many",
      miner: Endpoint(address: redirect.host, port: 0, mac: link.destination), section: "lan",
      facts: [
        ("router", .text(redirect.router.description)), ("router_mac", .text(link.source.description)),
        ("gateway", .text(redirect.gateway.description)), ("destination", .text(redirect.destination.description)),
        ("vlans", .list(link.vlans.map(String.init))),
      ])
  }

  private func isKnownRouter(_ mac: MACAddress, at address: IPAddress) -> Bool {
    lan.routers.carries(mac) || lan.isServer(mac) || policy.listsServer(address)
  }

  private func list(_ items: [some CustomStringConvertible]) -> String {
    items.isEmpty ? "none" : items.map(\.description).joined(separator: " and ")
  }
}
