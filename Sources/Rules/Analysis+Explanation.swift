import Decode
import Policy
import Protocols

/// What explains that a miner goes somewhere, and what nobody asks about.
extension Analysis {
  /// Why the policy lets a miner go where this flow goes; nil where it does not.
  func explanation(of flow: FlowFacts, speaking identity: AppProtocol?) -> Verdict.Explanation? {
    let (address, port) = (flow.server.address, flow.server.port)
    if let service = service(of: flow, speaking: identity) { return .service(service) }
    if let name = policy.allowance(for: address, port: port, ipProtocol: flow.ipProtocol, bindings) {
      return .allowance(name)
    }
    guard flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6 else { return nil }
    return explanation(ofEverythingAt: address)
  }

  private func service(of flow: FlowFacts, speaking identity: AppProtocol?) -> String? {
    let address = flow.server.address
    let meant: AppProtocol? =
      switch identity {
      case .dns, .ntp, .dhcp: identity
      // Nothing was said: the port tells what it was meant to be. A TCP stream joined in the middle says nothing either.
      case nil, .silent: Self.serviceProtocol(at: flow.server.port)
      case .unknown where flow.ipProtocol == IPProtocol.tcp && !flow.sawStart:
        Self.serviceProtocol(at: flow.server.port)
      // What is on the time server's port and is no NTP has a rule of its own.
      case .unknown where flow.ipProtocol == IPProtocol.udp && flow.server.port == 123: .ntp
      default: nil
      }
    switch meant {
    case .dns: return policy.isResolver(address, bindings) ? "dns" : nil
    case .ntp: return policy.isTimeServer(address, bindings) ? "ntp" : nil
    case .dhcp: return policy.isDHCPServer(address, bindings) || lan.relays.contains(address) ? "dhcp" : nil
    default: return nil
    }
  }

  private static func serviceProtocol(at port: UInt16) -> AppProtocol? {
    switch port {
    case 53: .dns
    case 123: .ntp
    case 67, 547: .dhcp
    default: nil
    }
  }

  /// A ping is explained by whatever else a miner may reach at the address.
  private func explanation(ofEverythingAt address: IPAddress) -> Verdict.Explanation? {
    switch policy.pool(at: address, port: 0, bindings) {
    case .endpoint(let pool, _), .otherPort(let pool): return .pool(pool.name)
    case .none: break
    }
    if policy.isResolver(address, bindings) { return .service("dns") }
    if policy.isTimeServer(address, bindings) { return .service("ntp") }
    if policy.isDHCPServer(address, bindings) { return .service("dhcp") }
    return policy.services.allow.first { $0.hosts.contains(address, bindings) }.map { .allowance($0.name) }
  }

  /// Why nobody asks about this flow, if nobody does.
  func exemption(of flow: FlowFacts) -> Exemption? {
    let server = flow.server
    if flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6 {
      switch ICMPKind(ipProtocol: flow.ipProtocol, type: flow.icmpType) {
      case .error: return .icmpError
      case .groupMembership where server.address.isMulticast: return .groupMembership
      case .neighbourDiscovery where isSite(server.address): return .neighbourDiscovery
      case .echo where isGatewayEcho(flow): return .gatewayEcho
      default: break
      }
    }
    return groupExemption(of: flow)
  }

  /// Why nobody asks where this flow goes: to a group, or to everybody.
  func groupExemption(of flow: FlowFacts) -> Exemption? {
    let server = flow.server
    guard !policy.miners.except.contains(server.address) else { return nil }
    return Exemption.ofGroup(
      server.address, isFrameToAll: server.mac.isBroadcast, ipProtocol: flow.ipProtocol, around: policy.miners.networks)
  }

  /// Miners look whether their gateway is there, and gateways look who is there.
  private func isGatewayEcho(_ flow: FlowFacts) -> Bool {
    isGateway(flow.server.address, in: flow)
      || isInside(flow.server.address) && isGateway(flow.client.address, in: flow)
  }
}
