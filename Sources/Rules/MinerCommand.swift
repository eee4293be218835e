package import Policy
package import Protocols

/// A command to a miner, read with the policy's vocabulary: what it does, with what, and how it was said.
package struct MinerCommand: Sendable {
  /// In the order of ``Policy/ActionClass``; empty for a command that nobody listed or that is encrypted.
  package var classes: [ActionClass]
  /// Whose vocabulary knows it; nil when none does.
  package var vendor: String?
  package var surface: ManagementSurface
  /// As said: `addpool`, `POST /cgi-bin/reboot.cgi`.
  package var said: String
  /// What the vocabulary points out among its parameters. One meaning may come several times.
  package var arguments: [(meaning: ArgumentMeaning, value: String)]
  /// It only asks whether more is allowed.
  package var isProbe: Bool
  /// Its content is encrypted.
  package var isHidden: Bool
  /// It is written so that two readers may take it for different things.
  package var isAmbiguous: Bool
  /// Not all of it was read, so that it may say more than its arguments tell.
  package var isPartlyRead: Bool
  /// Counts requests of its flow; joined commands share one.
  package var number: UInt32

  package init(_ request: APIRequest, _ commands: CommandBook) {
    let parameters = request.parameters.all.map { (name: $0.name, value: $0.value) }
    let surface = CommandSurface(rawValue: request.surface.rawValue)
    let reading = surface.flatMap {
      request.isHidden
        ? nil : commands.reading($0, request.command, method: request.method, parameters: parameters)
    }
    classes = reading?.classes ?? []
    vendor = reading?.vendor
    self.surface = request.surface
    said = request.method.isEmpty ? request.command : "\(request.method) \(request.command)"
    arguments = reading?.arguments ?? []
    isProbe = reading?.isProbe ?? false
    isHidden = request.isHidden
    isAmbiguous = request.isAmbiguous
    isPartlyRead = request.isPartlyRead
    number = request.number
    // Pages, pictures and scripts: what a browser merely fetches changes nothing unless somebody listed it (RFC 9110 §9.2.1).
    if reading == nil, ["GET", "HEAD", "OPTIONS"].contains(request.method.uppercased()) { classes = [.read] }
    if !isHidden { addPools(of: request) }
  }

  /// Nobody listed it, or it cannot be read: to be taken for one that changes something.
  package var isUnknown: Bool { classes.isEmpty }

  /// Whether the miner may be another one afterwards.
  package var mayChange: Bool { isUnknown ? surface != .http : classes.contains { $0.isChange } }

  /// What was not read of it may send the miner elsewhere.
  package var mayHideTarget: Bool { isPartlyRead && (isUnknown || classes.contains(.pool)) }

  /// Values of one meaning, in order.
  package func values(of meaning: ArgumentMeaning) -> [String] {
    arguments.filter { $0.meaning == meaning }.map(\.value)
  }
}

// MARK: - What nobody listed

extension MinerCommand {
  /// A pool's address sends a miner somewhere, in whichever parameter it stands; on a web page whatever that is known for. Joined
  /// commands of a socket API share their parameters, so there one that only reads does not mean them.
  private mutating func addPools(of request: APIRequest) {
    guard surface == .http || mayChange else { return }
    let known = values(of: .url).map { $0.lowercased() }
    var hasMore = false
    for parameter in request.parameters.all {
      for url in parameter.value.poolURLs where !known.contains(where: { $0.contains(url) }) {
        arguments.append((.url, url))
        hasMore = true
      }
    }
    guard hasMore else { return }
    if !classes.contains(.pool) {
      for parameter in request.parameters.all where Self.isUser(parameter.name) {
        arguments.append((.user, parameter.value))
      }
    }
    classes = ActionClass.allCases.filter { $0 == .pool || $0 != .read && classes.contains($0) }
  }

  /// `pools.user`, `worker1`.
  private static func isUser(_ name: String) -> Bool {
    var name = name.lowercased()[...]
    while name.last?.isNumber == true { name = name.dropLast() }
    return name.hasSuffix("user") || name.hasSuffix("worker")
  }
}

extension Analysis {
  /// The command that an observation is, if it is one and goes to a miner: in a flow whose client commands and whose server obeys.
  package func command(in observation: Observation) -> (flow: FlowFacts, command: MinerCommand)? {
    guard case .request(let request) = observation.content, let flow = commandFlow(observation),
      isMiner(flow.server.address)
    else { return nil }
    return (flow, MinerCommand(request, policy.commands))
  }

  /// The flow of an observation, turned round where a miner's agent is answered with a command: the server then commands.
  func commandFlow(_ observation: Observation) -> FlowFacts? {
    guard case .request(let request) = observation.content, request.surface == .agent else { return observation.flow }
    return observation.flow?.turned
  }
}

extension FlowFacts {
  /// Client and server the other way round.
  var turned: FlowFacts {
    var turned = self
    (turned.client, turned.server) = (server, client)
    return turned
  }
}
