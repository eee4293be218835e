import Decode
import Flows
import Policy
import Protocols

/// Rules about what is installed on miners, and with whose rights.
extension Rule {
  static let firmware: [Rule] = [controlFirmware, controlCredentials, controlFirmwarePull]

  static let controlFirmware: Rule = Rule(
    id: 3003, name: "control.firmware", level: .critical,
    title: "Firmware on its way to a miner", category: "Firmware",
    rationale: """
      Whoever replaces a miner's firmware owns it for good: pools, power and what it reports of itself. Minewatch sees upgrade \
      requests and commands, the first bytes of what is sent (Bitmain images, archives, programs, scripts), and anything of \
      more than a set size that goes to a miner, in one piece or in many over one connection. From a manager it is info, but \
      for two packages that Bitmain signs and its upgrade page takes, a few kilobytes that set and lock the pools or that give \
      root, and for an upgrade whose file stands behind more than is read.
      """,
    advice: """
      Ask who is upgrading what. If nobody is, cut the sender off, take the miner off the network before it restarts, and \
      install firmware from a source that you trust. Look for the same sender at other miners.
      """,
    falsePositives: [
      "A planned upgrade from a machine that the policy does not list under `miners.managers`.",
      "A large file that a technician copies to a miner.",
    ],
    techniques: [.systemFirmware, .modifySystemImage, .compromiseSoftwareSupplyChain, .unauthorizedCommandMessage],
    parameters: [.largeBytes], hears: [.http, .commands, .endings]
  ) { observation, analysis in
    guard let flow = analysis.commandFlow(observation), analysis.isMiner(flow.server.address),
      let delivery = analysis.delivery(in: observation, to: flow)
    else { return nil }
    let isManager = analysis.isManager(flow.client.address)
    let size = delivery.bytes.map { ", \(sizeText($0))" } ?? ""
    let file = delivery.fileName.map { " (\(quoted($0)))" } ?? ""
    let what = "\(delivery.what)\(file)\(size)"
    var facts: [(name: String, value: Finding.FactValue)] = [
      ("what", .text(delivery.what)), ("manager", .flag(isManager)),
    ]
    if let bytes = delivery.bytes { facts.append(("bytes", .count(bytes))) }
    if let name = delivery.fileName { facts.append(("file", .text(name))) }
    return Judgement(
      "\(what), by \(delivery.way)",
      message:
        "\(flow.client.address), \(isManager ? "a manager" : "which is no manager"), sends the miner \(what), by "
        + "\(delivery.way).",
      subject: "\(flow.client.address) \(delivery.what)", level: isManager && !delivery.isTakeover ? .info : nil,
      flow: flow, section: "firmware", facts: facts)
  }

  static let controlCredentials: Rule = Rule(
    id: 3004, name: "control.credentials", level: .high,
    title: "A default or readable password is used on a miner", category: "Credentials",
    rationale: """
      Somebody logged in to a miner with the password that its maker gave it, or sent a password so that everybody on the way \
      can read it. Either means that whoever reaches the miner can control it. A known password is recognised even where only \
      its digest is sent; the password itself is never written down.
      """,
    advice: """
      Change the miner's password, and let only managers reach its management. If it was not you who logged in, see what the \
      same sender did next.
      """,
    falsePositives: [
      "Fleet managers that try the makers' passwords on every miner that they find.",
      "Firmware that knows no other way to log in than in the clear (ePIC, Goldshell).",
    ],
    techniques: [.defaultCredentialsICS, .defaultAccounts], hears: [.http, .commands]
  ) { observation, analysis in
    guard let flow = observation.flow, analysis.isMiner(flow.server.address),
      let (credentials, place) = shown(in: observation.content)
    else { return nil }
    // Vendors share passwords: where a command tells whose it is, that one is meant.
    let maker = analysis.command(in: observation)?.command.vendor
    let all = analysis.policy.commands.logins
    let logins = all.filter { $0.vendor == maker } + all.filter { $0.vendor != maker }
    for credential in credentials {
      let vendor = logins.first { login in
        (credential.user == nil || login.user == credential.user) && credential.isPassword(login.password)
      }?.vendor
      guard vendor != nil || credential.isClearText else { continue }
      let user = credential.user.map { " of \(quoted($0))" } ?? ""
      let what = vendor.map { "the default password\(user) (\($0))" } ?? "a readable password\(user)"
      let isManager = analysis.isManager(flow.client.address)
      var facts: [(name: String, value: Finding.FactValue)] = [
        ("scheme", .text(credential.scheme.rawValue)), ("default", .flag(vendor != nil)),
        ("clear_text", .flag(credential.isClearText)), ("manager", .flag(isManager)), ("path", .text(place)),
      ]
      if let user = credential.user { facts.append(("user", .text(user))) }
      return Judgement(
        "\(what) by \(credential.scheme.rawValue)",
        message:
          "\(flow.client.address), \(isManager ? "a manager" : "which is no manager"), logged in to the miner with "
          + "\(what), \(credential.scheme.words).",
        subject: "\(flow.client.address) \(credential.scheme.rawValue) \(credential.user ?? "")",
        level: isManager ? .info : nil, section: "credentials", facts: facts)
    }
    return nil
  }

  static let controlFirmwarePull: Rule = Rule(
    id: 3008, name: "control.firmware-pull", level: .high,
    title: "A miner downloads something large", category: "Firmware",
    rationale: """
      Mining takes a few hundred kilobytes an hour. A miner that fetches a megabyte or more in one connection that is no mining \
      session fetches firmware, a program, or a list of what to do, be it from another miner. It is told as soon as so many \
      bytes are \
      announced (HTTP) or have passed (HTTP, TLS); else when the connection ends.
      """,
    advice: """
      Find out what was fetched: the request names it where it could be read. Compare it with the firmware that you meant to \
      install. If nobody started an upgrade, take the miner off the network before it restarts.
      """,
    falsePositives: [
      "Automatic upgrades (Braiins OS, LuxOS, HiveOS). List their source under `services.allow`; it is then told as info.",
      "A miner that serves as a download proxy or keeps a long connection to a manager.",
    ],
    techniques: [.ingressToolTransfer, .systemFirmware], parameters: [.largeBytes], hears: [.http, .tls, .endings]
  ) { observation, analysis in
    guard let flow = analysis.minerFlow(observation), let (bytes, request) = analysis.download(in: observation, flow)
    else { return nil }
    let explanation = analysis.explanation(of: flow, speaking: observation.application)
    let what = request.map { ": \(quoted("\($0.host ?? "")\($0.path)"))" } ?? ""
    var facts: [(name: String, value: Finding.FactValue)] = [("bytes", .count(bytes))]
    if let request { facts += [("host", .text(request.host ?? "")), ("path", .text(request.path))] }
    return Judgement(
      "downloads \(sizeText(bytes))\(what)",
      message: "The miner downloads \(sizeText(bytes)) from \(analysis.server(of: flow))\(what).",
      subject: hostAndPort(flow.server), level: explanation == nil ? nil : .info, fromServer: true, section: "download",
      facts: facts)
  }
}

extension Rule.Parameter {
  static let largeBytes = Rule.Parameter(
    "bytes", .count(1 << 20), "How many bytes in one connection are too many to be anything but a file")
}

// MARK: - What is on its way

/// Something on its way to a miner that becomes its firmware, or may.
private struct Delivery {
  var what: String
  /// The request or command that brings it.
  var way: String
  var fileName: String?
  var bytes: UInt64?
  var isTakeover = false
}

extension Analysis {
  fileprivate mutating func delivery(in observation: Observation, to flow: FlowFacts) -> Delivery? {
    let large = count(.largeBytes, of: .controlFirmware)
    switch observation.content {
    case .http(.request(let request)):
      if let delivery = delivery(by: request, large) { return delivery }
      guard let bytes = pieces.add(request.contentLength ?? request.bodyBytes, flow.id, .client, large) else {
        return nil
      }
      return Delivery(what: "a large file in pieces", way: "\(request.method) \(request.target)", bytes: bytes)
    case .http(.transfer(let transfer)) where transfer.sender == .client && transfer.bytes >= large:
      return Delivery(what: "a large file", way: "HTTP", bytes: transfer.bytes)
    // What comes by HTTP is told by its request.
    case .request(let request) where request.surface != .http:
      guard let (_, command) = command(in: observation), command.classes.contains(.firmware) else { return nil }
      return Delivery(what: "a firmware command", way: quoted(command.said))
    case .requestUploaded(let upload) where upload.bytes > 0:
      return Delivery(what: "a raw image", way: "the API's connection", bytes: max(upload.bytes, upload.announced ?? 0))
    case .flowEnded(_, identified: .http):
      pieces.forget(flow.id, .client)
      return nil
    case .flowEnded(let totals, let identified)
    where totals.toServer.bytes >= large && !isMining(flow, identified):
      return Delivery(what: "a large file", way: spoken(identified), bytes: totals.toServer.bytes)
    default: return nil
    }
  }

  private func delivery(by request: HTTPRequest, _ large: UInt64) -> Delivery? {
    let way = "\(request.method) \(request.target)"
    let reading = policy.commands.reading(
      .http, request.path, method: request.method, parameters: request.fields.map { ($0.name, $0.value) })
    let isUpgrade = reading?.classes.contains(.firmware) ?? false
    let bytes = request.contentLength ?? (request.bodyBytes > 0 ? request.bodyBytes : nil)
    let files = request.uploads.map { (name: $0.fileName, kind: FirmwareKind($0.start)) }
    // Of several files the gravest is told.
    if let file = files.first(where: { $0.kind?.isTakeover == true }) ?? files.first(where: { $0.kind != nil }),
      let kind = file.kind
    {
      return Delivery(
        what: kind.rawValue, way: way, fileName: file.name, bytes: bytes,
        isTakeover: kind.isTakeover || isUpgrade && request.isPartlyRead)
    }
    guard isUpgrade || (bytes ?? 0) >= large else { return nil }
    let isHidden = isUpgrade && request.isPartlyRead
    return Delivery(
      what: isHidden ? "an upgrade whose file was not seen" : isUpgrade ? "an upgrade" : "a large file", way: way,
      fileName: files.first?.name, bytes: bytes, isTakeover: isHidden)
  }

  /// What a miner downloads that is too large for anything but a file, and by which request, where one could be read.
  fileprivate mutating func download(in observation: Observation, _ flow: FlowFacts)
    -> (bytes: UInt64, request: HTTPResponse.Request?)?
  {
    let large = count(.largeBytes, of: .controlFirmwarePull)
    switch observation.content {
    case .http(.response(let response)):
      guard 200..<300 ~= response.status, response.request?.method != "HEAD" else { return nil }
      if let length = response.contentLength, length >= large { return (length, response.request) }
      // Work by HTTP comes in pieces as well.
      guard observation.application != .getwork,
        let bytes = pieces.add(response.contentLength ?? response.bodyBytes, flow.id, .server, large)
      else { return nil }
      return (bytes, response.request)
    case .http(.transfer(let transfer)):
      return transfer.sender == .server && transfer.bytes >= large ? (transfer.bytes, transfer.request) : nil
    case .tls(let event):
      guard case .transfer(let bytes) = event.what, bytes >= large, !isMining(flow, .tls) else { return nil }
      return (bytes, nil)
    case .flowEnded(let totals, let identified):
      if identified == .http { pieces.forget(flow.id, .server) }
      // Work comes in any amount. From the lengths of its fields, a job that pays a hundred is 8 kB: one each 10 s, as
      // OCEAN has them (planb.academy), is 3 MB an hour.
      guard totals.toClient.bytes >= large, identified != .http, !isMining(flow, identified) else { return nil }
      return (totals.toClient.bytes, nil)
    default: return nil
    }
  }

  private func isMining(_ flow: FlowFacts, _ identified: AppProtocol?) -> Bool {
    if identified == .stratum || identified == .stratumV2 || identified == .getwork { return true }
    if case .none = policy.pool(at: flow.server.address, port: flow.server.port, bindings) { return false }
    return true
  }
}

/// What an observation shows of logins, and the page or command where it does.
private func shown(in content: Observation.Content) -> (credentials: [HTTPCredential], place: String)? {
  switch content {
  case .http(.request(let request)): (request.credentials, request.target)
  // What comes by HTTP is told by its request; what an agent obeys is no login.
  case .request(let request) where request.surface != .http && request.surface != .agent:
    (passwords(in: request.parameters), request.command)
  default: nil
  }
}

/// The password that a command proves itself with: Whatsminer's `update_pwd` has the old one in it (UpstreamData/pyasic
/// rpc/btminer.py).
private func passwords(in parameters: APIParameters) -> [HTTPCredential] {
  let user = parameters["username"] ?? parameters["user"] ?? parameters["account"]
  return ["old", "password", "passwd", "pwd"].compactMap { name in
    parameters[name].flatMap { $0.isEmpty ? nil : HTTPCredential(scheme: .command, user: user, password: $0) }
  }
}

extension HTTPCredential.Scheme {
  fileprivate var words: String {
    switch self {
    case .basic: "readable in the head of the request"
    case .digest: "sent as a digest"
    case .bearer: "sent as a token"
    case .query: "readable in the URL"
    case .body: "readable in the body of the request"
    case .command: "readable in the command"
    }
  }
}

/// "24 kB", "12.4 MB": for a person, in powers of ten.
private func sizeText(_ bytes: UInt64) -> String {
  switch bytes {
  case ..<1_000: return counted(bytes, "byte")
  case ..<1_000_000: return "\(bytes / 1_000) kB"
  default: return "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
  }
}
