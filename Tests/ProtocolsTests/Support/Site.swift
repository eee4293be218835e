import Capture
import Decode
import Flows
import Protocols

/// A flow table and a protocol stage, fed with packets made by hand.
struct Site: ~Copyable {
  static let miner = IPAddress(v4: 0x0a14_0102)
  static let pool = IPAddress(v4: 0xcb00_7109)

  var flows: FlowTable
  var stage: ProtocolStage
  var now = Timestamp(seconds: 1_000)

  init(flows capacity: Int = 64, sessions: Int = 16, bufferBytes: Int = 1 << 20) {
    flows = FlowTable(capacity: capacity, seed: 1)
    stage = ProtocolStage(for: flows, seed: 1, sessions: sessions, bufferBytes: bufferBytes)
  }

  mutating func receive(_ packet: Packet, _ payload: [UInt8]) {
    var packet = packet
    packet.timestamp = now
    if packet.network == .none { packet.network = .ipv4 }
    packet.payloadLength = payload.count
    packet.claimedPayloadLength = max(packet.claimedPayloadLength, payload.count)
    // Headers of IP and TCP.
    if packet.networkLength == 0 { packet.networkLength = payload.count + 40 }
    let frame = Slab(copying: payload)
    let bytes = frame.bytes(0..<payload.count)
    let update = flows.receive(&packet, bytes)
    stage.receive(update, &packet, bytes, &flows)
  }

  mutating func datagram(
    _ payload: [UInt8], from source: (IPAddress, UInt16), to destination: (IPAddress, UInt16), claimed: Int = 0
  ) {
    var packet = Packet()
    packet.transport = .udp
    packet.ipProtocol = 17
    (packet.source, packet.sourcePort) = source
    (packet.destination, packet.destinationPort) = destination
    packet.claimedPayloadLength = claimed
    receive(packet, payload)
  }

  /// A frame as it came off the wire. What does not decode is passed over.
  mutating func receive(frame: [UInt8]) {
    let slab = Slab(copying: frame)
    let bytes = slab.bytes(0..<frame.count)
    var packet = Packet()
    let captured = Frame(
      bytes: bytes, timestamp: now, originalLength: frame.count, linkType: .ethernet, source: 0)
    guard PacketDecoder.decode(captured, into: &packet).isPacket else { return }
    let update = flows.receive(&packet, bytes)
    stage.receive(update, &packet, bytes, &flows)
  }

  /// Lets packet time pass, with a tick each second.
  mutating func wait(seconds: Int) {
    for _ in 0..<seconds {
      tick(now.advanced(by: .seconds(1)))
    }
  }

  mutating func tick(_ time: Timestamp) {
    now = time
    flows.tick(time)
    stage.tick(time, &flows)
  }

  mutating func shutDown() {
    flows.endAll()
    stage.drainEnded(&flows)
  }

  mutating func take() -> [Observation] {
    let observations = stage.observations
    stage.observations.removeAll()
    return observations
  }
}

/// One TCP connection between a miner and a pool, as a list of what happens.
struct Conversation: Sendable {
  enum Step: Sendable {
    /// SYN, SYN and ACK, ACK.
    case handshake
    case client([UInt8])
    case server([UInt8])
    /// Sent, acknowledged, and never seen by us.
    case lost(Role, Int)
    /// Sent, and never seen by us; whoever speaks next on the other side has it.
    case unseen(Role, Int)
    /// Acknowledges all that the other end has sent, and says nothing.
    case acknowledgment(Role)
    /// The same bytes again, other than they were.
    case again(Role, back: Int, [UInt8])
    case wait(Int)
    case finish
    case reset

    static func client(_ text: String) -> Step { .client(Array(text.utf8)) }
    static func server(_ text: String) -> Step { .server(Array(text.utf8)) }
    static func clientLine(_ text: String) -> Step { .client(Array(text.utf8) + [0x0a]) }
    static func serverLine(_ text: String) -> Step { .server(Array(text.utf8) + [0x0a]) }
  }

  var steps: [Step]
  var clientPort: UInt16 = 40_000
  var clientMAC = MACAddress.none
  var serverPort: UInt16 = 3_333
  /// Of this end we see nothing at all.
  var unheard: Role?

  init(_ steps: [Step], serverPort: UInt16 = 3_333) {
    self.steps = steps
    self.serverPort = serverPort
  }

  /// Everything that is observed when it runs through a site of its own.
  ///
  /// - Parameter segmentSize: longest payload of a packet.
  func observations(segmentSize: Int = 1_448) -> [Observation] {
    var site = Site()
    run(through: &site, segmentSize: segmentSize)
    site.shutDown()
    return site.take()
  }

  func run(through site: inout Site, segmentSize: Int = 1_448) {
    var next: [Role: UInt32] = [.client: 1_000, .server: 9_000]
    func segment(_ role: Role, _ flags: TCPFlags, _ payload: [UInt8], back: UInt32 = 0, _ site: inout Site) {
      var packet = Packet()
      packet.transport = .tcp
      packet.ipProtocol = 6
      let isClient = role == .client
      packet.source = isClient ? Site.miner : Site.pool
      packet.destination = isClient ? Site.pool : Site.miner
      if isClient { packet.sourceMAC = clientMAC } else { packet.destinationMAC = clientMAC }
      packet.sourcePort = isClient ? clientPort : serverPort
      packet.destinationPort = isClient ? serverPort : clientPort
      packet.tcp.flags = flags
      packet.tcp.sequence = next[role, default: 0] &- back
      packet.tcp.acknowledgment = flags.contains(.acknowledge) ? next[role.other, default: 0] : 0
      packet.tcp.window = 65_535
      if role != unheard { site.receive(packet, payload) }
      guard back == 0 else { return }
      let phantom: UInt32 = flags.isDisjoint(with: [.synchronize, .finish]) ? 0 : 1
      next[role, default: 0] &+= UInt32(payload.count) &+ phantom
    }
    func send(_ role: Role, _ bytes: [UInt8], _ site: inout Site) {
      for start in stride(from: 0, to: bytes.count, by: segmentSize) {
        let part = Array(bytes[start..<min(start + segmentSize, bytes.count)])
        segment(role, [.acknowledge, .push], part, &site)
      }
    }
    for step in steps {
      switch step {
      case .handshake:
        segment(.client, .synchronize, [], &site)
        segment(.server, [.synchronize, .acknowledge], [], &site)
        segment(.client, .acknowledge, [], &site)
      case .client(let bytes): send(.client, bytes, &site)
      case .server(let bytes): send(.server, bytes, &site)
      case .lost(let role, let count):
        next[role, default: 0] &+= UInt32(count)
        segment(role.other, .acknowledge, [], &site)
      case .unseen(let role, let count): next[role, default: 0] &+= UInt32(count)
      case .acknowledgment(let role): segment(role, .acknowledge, [], &site)
      case .again(let role, let back, let bytes):
        segment(role, [.acknowledge, .push], bytes, back: UInt32(back), &site)
      case .wait(let seconds): site.wait(seconds: seconds)
      case .finish:
        segment(.client, [.finish, .acknowledge], [], &site)
        segment(.server, [.finish, .acknowledge], [], &site)
      case .reset: segment(.server, [.reset, .acknowledge], [], &site)
      }
    }
  }
}

extension Observation {
  /// One line for a test to compare.
  var line: String {
    switch content {
    case .flowIdentified(let appProtocol): "identified \(appProtocol)"
    case .flowEnded(let totals, let identified):
      "ended \(totals.reason) \(identified.map { "\($0)" } ?? "unidentified")"
    case .streamConflict(_, let sender): "conflict \(sender)"
    case .stratum(let event): "stratum \(event.what.line)"
    case .dns(let message):
      "\(message.overStream ? "tcp " : "")\(message.isResponse ? "answer" : "query") \(message.question)"
        + message.addresses.map { " \($0.address)" }.joined() + (message.contradicts ? " contradicts" : "")
        + (message.anomaly.map { " \($0)" } ?? "")
    case .ntp(let packet): "ntp \(packet.mode)"
    case .http(let event): "http \(event.line)"
    case .ssh(let identification): "ssh \(identification.sender) \(identification.line)"
    case .tls(let event): "tls \(event.session.serverName ?? "-") \(event.what)"
    case .wrapped(let wrapper): "wrapped \(wrapper.kind.rawValue)"
    case .arp(let header): "arp \(header.operation) \(header.senderAddress) \(header.senderMAC)"
    case .neighbour(let message): "neighbour \(message.target) \(message.linkAddress.map { "\($0)" } ?? "-")"
    case .routerAdvertisement(let router): "router \(router.router) \(router.lifetime)"
    case .redirect(let redirect): "redirect \(redirect.destination) via \(redirect.gateway)"
    case .dhcp(let message): "dhcp \(message.kind.rawValue) \(message.clientMAC)"
    case .localNames(let names): "names \((names.asked + names.answers.map(\.name)).joined(separator: " "))"
    case .request(let request): request.line
    case .requestAnswered(let answer):
      "answer \(answer.number) \(answer.outcome.rawValue)\(answer.text.isEmpty ? "" : " \(answer.text)")"
    case .requestUploaded(let upload):
      "upload \(upload.number) \(upload.bytes) of \(upload.announced.map { "\($0)" } ?? "?")"
    case .identifier(let identifier): "identifier \(identifier.kind.rawValue) \(identifier.value ?? "-")"
    case .sensor: "sensor"
    }
  }
}

extension APIRequest {
  /// `request 0 cgminer addpool 0=url 1=user`.
  var line: String {
    let name = method.isEmpty ? command : "\(method) \(command)"
    let given = parameters.all.map { " \($0.name)=\($0.value)" }.joined()
    return "request \(number) \(surface.rawValue) \(name)\(given)\(isHidden ? " hidden" : "")"
  }
}

extension HTTPEvent {
  fileprivate var line: String {
    switch self {
    case .introduced(.web), .introduced(.passage): "introduced"
    case .introduced(.mining(let mining)): "mines \(mining.method) \(mining.user ?? "-")"
    case .request(let request):
      "request \(request.method) \(request.path) \(request.bodyBytes)"
        + request.fields.map { " \($0.name)=\($0.value)" }.joined()
    case .response(let response): "response \(response.status) \(response.request?.path ?? "-") \(response.bodyBytes)"
    case .transfer(let transfer): "transfer \(transfer.sender) \(transfer.bytes)"
    }
  }
}

extension StratumEvent.What {
  fileprivate var line: String {
    switch self {
    case .introduced: "introduced"
    case .user(let user, let method): "user \(user) \(method)"
    case .redirect(let host, let port, _): "redirect \(host ?? "-") \(port.map { "\($0)" } ?? "-")"
    case .shares(let sums): "shares \(sums.submitted) \(sums.accepted)"
    default: "\(self)"
    }
  }
}
