import Decode
import Policy
import Protocols

// MARK: - What miners call themselves

extension Analysis {
  mutating func learnIdentity(from observation: Observation) {
    let time = observation.time
    switch (observation.content, observation.flow) {
    case (.stratum(let event), let flow?):
      // At the start, and every five minutes: more often tells nothing more.
      guard event.tellsAgent, isMiner(flow.client.address), let agent = event.session.agent else { return }
      identities.heard(agent, as: .agent, of: flow.client, in: flow, at: time)
    case (.ssh(let identification), let flow?):
      guard identification.sender == .server, isMiner(flow.server.address) else { return }
      identities.heard(identification.line, as: .banner, of: flow.server, in: flow, at: time)
    case (.http(.response(let response)), let flow?):
      guard isMiner(flow.server.address) else { return }
      if let server = response.server { identities.heard(server, as: .server, of: flow.server, in: flow, at: time) }
      if let realm = response.realm { identities.heard(realm, as: .realm, of: flow.server, in: flow, at: time) }
    case (.dhcp(let message), _):
      // Before it has an address, a client is known by its link-layer address alone.
      guard let fingerprint = message.fingerprint, message.clientMAC != .none, lan.devices.has(message.clientMAC) else {
        return
      }
      let client = Endpoint(address: IPAddress(v4: 0), port: 0, mac: message.clientMAC)
      identities.heard(fingerprint, as: .dhcp, of: client, in: nil, at: time)
    case (.request, _):
      guard let (flow, command) = command(in: observation), !command.isProbe else { return }
      // What is encrypted may be firmware; from a manager that is good enough.
      let isHidden = command.isHidden && isManager(flow.client.address)
      if isHidden || command.classes.contains(.firmware) { identities.updated(flow.server.address, at: time) }
    default: return
    }
  }
}

// MARK: - What they tell others of themselves

extension Analysis {
  func leaks(_ identifier: DeviceIdentifier, in observation: Observation) -> Judgement? {
    guard let flow = observation.flow else { return nil }
    let isClient = identifier.sender == .client
    let (miner, other) = isClient ? (flow.client, flow.server) : (flow.server, flow.client)
    guard isMiner(miner.address), isOutside(other.address), !isManager(other.address) else { return nil }
    let what =
      switch identifier.kind {
      case .macBytes, .macText: "its own link-layer address"
      case .serial: "a serial number"
      case .chip: "the number of a chip"
      }
    return leak(what, identifier.value, identifier.kind.rawValue, to: other, isClient)
  }

  /// A name that an unlisted server will be asked for carries what tells the miner from others: the answer does not matter then.
  func leaks(_ message: DNSMessage, in flow: FlowFacts) -> Judgement? {
    let name = message.question
    guard !policy.explains(name: name), ReverseName(name) == nil, !flow.server.address.isMulticast else { return nil }
    let mac = flow.client.mac == MACAddress.none ? fleet.miners[flow.client.address]?.mac ?? .none : flow.client.mac
    let what: String
    if mac != MACAddress.none, DeviceIdentifier.isMentioned(mac, in: name) {
      what = "its own link-layer address"
    } else if let worker = fleet.miners[flow.client.address]?.worker,
      name.lowercased().split(separator: ".").contains(worker[...])
    {
      what = "its worker's name"
    } else {
      return nil
    }
    return Judgement(
      "asked for \(quoted(name)), with \(what) in it",
      message: "The miner asked \(flow.server.address) for the name \(quoted(name)), which has \(what) in it: "
        + "whoever serves that name learns of it.",
      subject: "name \(NameShape.domain(of: name))", destinationName: name, section: "identifier",
      facts: [("kind", .text("name")), ("value", .text(name))])
  }

  /// Where a pool is told more than it asks for. A user that the policy allows is what the site wants it to be.
  func leaks(_ event: StratumEvent, in observation: Observation) -> Judgement? {
    if case .password(let password) = event.what, let flow = minerFlow(observation), isOutside(flow.server.address),
      flow.client.mac != MACAddress.none, DeviceIdentifier.isMentioned(flow.client.mac, in: password)
    {
      return leak("its own link-layer address as a password", nil, "password", to: flow.server, true)
    }
    if case .identifier(let identifier) = event.what { return leaks(identifier, said: event, in: observation) }
    guard case .introduced = event.what, let flow = minerFlow(observation), isOutside(flow.server.address),
      flow.client.mac != MACAddress.none
    else { return nil }
    let session = event.session
    let mac = flow.client.mac
    if let agent = session.agent, DeviceIdentifier.isMentioned(mac, in: agent) {
      return leak("its own link-layer address in its agent", agent, "agent", to: flow.server, true)
    }
    if let user = session.user, DeviceIdentifier.isMentioned(mac, in: user), !allows(user, at: flow.server) {
      return leak("its own link-layer address in its user name", user, "user", to: flow.server, true)
    }
    return nil
  }

  /// In a mining session, beside work and login. An agent is told when the session is introduced.
  private func leaks(
    _ identifier: DeviceIdentifier, said event: StratumEvent, in observation: Observation
  ) -> Judgement? {
    guard let flow = minerFlow(observation) else { return nil }
    guard identifier.kind == .macText else { return leaks(identifier, in: observation) }
    let mac = flow.client.mac
    guard mac != MACAddress.none, isOutside(flow.server.address),
      DeviceIdentifier.isMentioned(mac, in: identifier.value ?? ""),
      !(event.session.agent.map { DeviceIdentifier.isMentioned(mac, in: $0) } ?? false)
    else { return nil }
    return leaks(identifier, in: observation)
  }

  private func allows(_ user: String, at server: Endpoint) -> Bool {
    policy.hasEndpoint(at: server.address, port: server.port, bindings) { pool, _ in
      pool.accounts?.contains { $0.matches(user) } ?? true
    }
  }

  private func leak(
    _ what: String, _ value: String?, _ kind: String, to other: Endpoint, _ isClient: Bool
  ) -> Judgement {
    let place = hostAndPort(other) + (name(of: other.address).map { " (\($0))" } ?? "")
    let shown = value.map { ": \(quoted($0))" } ?? ""
    return Judgement(
      "sent \(what)\(shown)", message: "The miner sent \(what) to \(place), outside the site, in the clear\(shown).",
      subject: "\(hostAndPort(other)) \(kind)", fromServer: !isClient, section: "identifier",
      facts: [("kind", .text(kind)), ("value", .text(value ?? ""))])
  }
}

extension StratumEvent {
  /// Whether a session's agent is taken from this.
  fileprivate var tellsAgent: Bool {
    switch what {
    case .introduced, .shares: true
    default: false
    }
  }
}
