import Capture
import Decode
import Flows
import Policy
import Protocols

/// Machines that show themselves in the miner networks.
extension Analysis {
  /// Addresses of the miner networks that spoke, or were given to somebody, by this observation.
  ///
  /// Only what was sent counts: a scan of a whole network makes flows to addresses where nobody is.
  func presence(in observation: Observation) -> [Endpoint] {
    if let claim = observation.claim {
      return policy.isMiner(claim.address) ? [Endpoint(address: claim.address, port: 0, mac: claim.mac)] : []
    }
    switch (observation.content, observation.flow) {
    case (.dhcp(let message), _) where message.isFromServer && message.kind != .offer && message.kind != .advertise:
      return message.assigned.filter { policy.isMiner($0) }.map {
        Endpoint(address: $0, port: 0, mac: message.clientMAC)
      }
    case (.flowIdentified, let flow?) where flow.basis > .guess && policy.isMiner(flow.client.address):
      return [flow.client]
    case (.flowEnded(let totals, _), let flow?):
      var ends: [Endpoint] = []
      if totals.toServer.packets > 0, policy.isMiner(flow.client.address) { ends.append(flow.client) }
      if totals.toClient.packets > 0, policy.isMiner(flow.server.address) { ends.append(flow.server) }
      return ends
    default: return []
    }
  }

  /// What there is to say about a machine that showed itself.
  mutating func meet(_ endpoint: Endpoint, at time: Timestamp) -> Judgement? {
    let isRouter = lan.routers.carries(endpoint.mac)
    let novelty = lan.devices.meet(endpoint.mac, at: endpoint.address, time: time, isRouter: isRouter)
    guard let novelty, !isLearning(.lanNewDevice),
      policy.miners.inventory.entry(for: endpoint.address, mac: endpoint.mac) == nil
    else { return nil }
    let machine = endpoint.mac == MACAddress.none ? "a machine" : "machine \(endpoint.mac)"
    let what =
      switch novelty {
      case .machine: "\(machine) at a new address"
      case .replacement: "\(machine) at the address of another"
      case .address: "a new address behind \(machine)"
      }
    return Judgement(
      "new: \(what)",
      message: "In the miner networks there is something new at \(endpoint.address): \(what), neither in the inventory "
        + "nor heard while the monitor learned.",
      // The same of all, so that a new rack is one story.
      subject: "new device", miner: endpoint, section: "lan",
      facts: [
        ("address", .text(endpoint.address.description)), ("mac", .text(endpoint.mac.description)),
        ("known_address", .flag(novelty == .replacement)),
      ])
  }
}
