import Capture
import Decode
import Flows
import Policy
import Protocols

/// Machines that show themselves in the miner networks.
extension Analysis {
  /// What there is to say about the machines of the miner networks that spoke, or were given an address, by this observation.
  ///
  /// Only what was sent counts: a scan of a whole network makes flows to addresses where nobody is.
  mutating func meet(in observation: Observation) -> Judgement? {
    let time = observation.time
    if let claim = observation.claim {
      return meet(Endpoint(address: claim.address, port: 0, mac: claim.mac), at: time)
    }
    switch (observation.content, observation.flow) {
    case (.dhcp(let message), _) where message.isFromServer && message.kind != .offer && message.kind != .advertise:
      for address in message.assigned {
        if let judgement = meet(Endpoint(address: address, port: 0, mac: message.clientMAC), at: time) {
          return judgement
        }
      }
      return nil
    case (.flowIdentified, let flow?) where flow.basis > .guess: return meet(flow.client, at: flow.firstSeen)
    case (.flowEnded(let totals, _), let flow?):
      // A flow may go on for days; its ends were there when it began.
      if totals.toServer.packets > 0, let judgement = meet(flow.client, at: flow.firstSeen) { return judgement }
      guard totals.toClient.packets > 0, let judgement = meet(flow.server, at: flow.firstSeen) else { return nil }
      // Of two that never shook hands it is told as it went.
      judgement.fromServer = totals.toServer.packets == 0
      return judgement
    default: return nil
    }
  }

  /// What there is to say about a machine that showed itself; nothing about one outside the miner networks, nor about the
  /// link-layer address that routers share.
  ///
  /// - Parameter time: when it first did, as far as the observation tells.
  mutating func meet(_ endpoint: Endpoint, at time: Timestamp) -> Judgement? {
    guard isMiner(endpoint.address), !endpoint.mac.isVirtualRouter else { return nil }
    let isRouter = lan.routers.carries(endpoint.mac)
    let novelty = lan.devices.meet(endpoint.mac, at: endpoint.address, time: time, isRouter: isRouter)
    guard let novelty, time >= start.advanced(by: duration(.learn, of: .lanNewDevice)),
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
