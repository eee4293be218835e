import Capture
import Decode
import Foundation
import Policy
import Rules
import Simulator

@testable import Protocols

/// Inputs to begin with: what the synthesised site says, and what was built by hand from the specifications.
enum Seeds {
  static let router = IPAddress(high: 0xfe80_0000_0000_0000, low: 1)

  /// Frames of the scenarios that last for minutes, one tape each.
  static let tapes: [Tape] = {
    let stage = Stage(at: Timestamp(seconds: 1_790_000_000))
    return Scenario.all.filter { $0.lead <= .seconds(120) }.map { $0.traffic(stage) }.filter { $0.frames.count < 600 }
  }()

  static let frames: [[UInt8]] = {
    let first = tapes.flatMap { $0.frames.prefix(6).map(\.bytes) }
    let tags: [UInt8] = [0x88, 0xa8, 0, 100, 0x81, 0, 0, 10]
    let tagged: [[UInt8]] = first.prefix(4).map { Array($0[..<12]) + tags + Array($0[12...]) }
    return Array(first.filter { $0.count < 1_600 }.prefix(120)) + tagged + fragmented
  }()

  /// The pieces of a look-up over IPv4.
  private static let fragmented: [[UInt8]] = {
    let (client, server) = (Host("10.20.0.1"), Host("10.1.0.1"))
    let datagram = FrameBytes.udpDatagram(
      from: client, port: 50_000, to: server, port: 53, payload: DNSBytes.query("stratum.example-pool.com", id: 7))
    return stride(from: 0, to: datagram.count, by: 16).map { start in
      let end = min(start + 16, datagram.count)
      return FrameBytes.frame(
        from: client, to: server, ipProtocol: 17, payload: Array(datagram[start..<end]), identification: 9,
        flagsAndOffset: UInt16(start / 8) | (end < datagram.count ? 0x2000 : 0))
    }
  }()

  static let fragmentTrains: [[UInt8]] = {
    let trains: [[[UInt8]]] = [fragmented, Array(fragmented.reversed()), fragmented + fragmented]
    return trains.map { frames in frames.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xff)] + $0 } }
  }()

  /// As ``FuzzTarget`` `reassembly` takes them: in order, backwards, overlapping, contradicting.
  static let segmentations: [[UInt8]] = [
    [0, 0] + segments(every: 8, of: 8), [0xff, 0xf0] + segments(every: 8, of: 8, isReversed: true),
    [0, 0] + segments(every: 6, of: 21), [0, 0, 8, 7, 0, 4, 7, 210, 0, 30, 0],
  ]

  private static func segments(every step: UInt8, of count: UInt8, isReversed: Bool = false) -> [UInt8] {
    let places = (0..<10).map { UInt8($0) * step }
    return (isReversed ? places.reversed() : places).flatMap { [$0, count - 1, 0] }
  }

  // MARK: Streams

  /// What the two ends of each connection say, in turns.
  static let connections: [[(isClient: Bool, bytes: [UInt8])]] = tapes.flatMap { tape in
    var turns: [String: [(isClient: Bool, bytes: [UInt8])]] = [:]
    var openers: [String: UInt64] = [:]
    for frame in tape.frames {
      guard let packet = decoded(frame.bytes), packet.transport == .tcp else { continue }
      let ports = [packet.sourcePort, packet.destinationPort].sorted()
      let key = "\(ports) \(packet.source.low ^ packet.destination.low)"
      let opener = openers[key] ?? packet.source.low
      openers[key] = opener
      guard packet.payloadLength > 0 else { continue }
      let payload = Array(frame.bytes[packet.payloadOffset..<packet.payloadOffset + packet.payloadLength])
      turns[key, default: []].append((packet.source.low == opener, payload))
    }
    return turns.sorted { $0.key < $1.key }.map { Array($0.value.prefix(30)) }
  }.filter { $0.reduce(0) { $0 + $1.bytes.count } < 8_000 }

  static let stratumSessions: [[UInt8]] = {
    let sessions = connections.filter { turns in
      turns.contains { String(decoding: $0.bytes, as: UTF8.self).contains("mining.") }
    }
    return sessions.prefix(20).map { FuzzInput.from($0) } + [FuzzInput.from(otherDialects)]
  }()

  private static let otherDialects: [(isClient: Bool, bytes: [UInt8])] = [
    (
      true,
      Array(
        #"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4x","pass":"x","agent":"XMRig/6.26.0"}}"#.utf8)
        + [10]
    ),
    (
      false,
      Array(#"{"id":1,"result":{"id":"a","job":{"blob":"0707","job_id":"1","target":"b88d0600"},"status":"OK"}}"#.utf8)
        + [10]
    ),
    (true, Array(#"{"id":2,"method":"eth_submitLogin","params":["0xabc","x"]}"#.utf8) + [10]),
  ]

  static func conversations(_ appProtocol: AppProtocol) -> [[UInt8]] {
    let found = connections.filter { recognised($0) == appProtocol }.prefix(20)
    return found.map { FuzzInput.from($0) } + byHand(appProtocol).map { FuzzInput.from($0) }
  }

  private static func recognised(_ turns: [(isClient: Bool, bytes: [UInt8])]) -> AppProtocol {
    let opening = turns.first?.bytes ?? []
    let answer = turns.first { $0.isClient != turns[0].isClient }?.bytes ?? []
    let openingSpan = opening.span
    let answerSpan = answer.span
    let first = unsafe FirstBytes(opening: openingSpan.bytes, answer: answerSpan.bytes)
    return Recogniser.recognise(first, among: Recogniser.streams).0
  }

  private typealias Turns = [(isClient: Bool, bytes: [UInt8])]

  private static func byHand(_ appProtocol: AppProtocol) -> [Turns] {
    switch appProtocol {
    case .socks: [socks5, socks4]
    case .ssh: [[(true, Array("SSH-2.0-Go\r\n".utf8)), (false, Array("SSH-2.0-dropbear_2022.83\r\n".utf8))]]
    case .tls:
      [[(true, TLSBytes.clientHello(for: "pool.example")), (false, TLSBytes.serverHello() + TLSBytes.data(90))]]
    case .webSocket:
      [[(true, [0x81, 0x85, 1, 2, 3, 4, 0x69, 0x67, 0x6f, 0x68, 0x6e]), (false, [0x81, 2, 0x6f, 0x6b])]]
    case .stratumV2: [channel]
    default: []
    }
  }

  private static let socks5: Turns = [
    (true, [5, 1, 0]), (false, [5, 0]), (true, [5, 1, 0, 3, 4, 0x70, 0x6f, 0x6f, 0x6c, 13, 5]),
    (false, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ]

  private static let socks4: Turns = [
    (true, [4, 1, 13, 5, 198, 51, 100, 23, 97, 0]), (false, [0, 90, 0, 0, 0, 0, 0, 0]),
  ]

  private static let channel: Turns = [
    (true, StratumV2Bytes.setupConnection()), (false, StratumV2Bytes.setupConnectionSuccess()),
    (true, StratumV2Bytes.openStandardChannel("acme.r1")), (false, StratumV2Bytes.openStandardChannelSuccess()),
    (false, StratumV2Bytes.newMiningJob(3)), (true, StratumV2Bytes.submitSharesStandard(1, job: 3)),
  ]

  static let json: [[UInt8]] = [
    StratumLines.subscribe(), StratumLines.subscribed(), StratumLines.notify(job: "6601", branches: 2),
    StratumLines.submit(id: 4, user: "acme.r1", job: "6601", nonce: 7),
    #"{"a":{"b":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00"]}}"#,
    #"{"m\u0065thod":"mining.\u0070ing","params":{},"id":"x"}"#, #"{'a':[1,],inf,"b":"cut"#,
  ].map { Array($0.utf8) }

  // MARK: Datagrams

  static let dns: [[UInt8]] = [
    DNSBytes.query("stratum.example-pool.com", id: 7),
    DNSBytes.response("a.b", id: 7, addresses: [IPAddress(v4: 0xcb00_710a)], aliases: ["c.d"]),
    // The owner's name as a pointer (RFC 1035 §4.1.4).
    pointing,
  ]

  private static let pointing: [UInt8] = {
    var message = DNSBytes.query("a.example", id: 7)
    message.set16(1, at: 6)
    return message + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4]
  }()

  static let ntp: [[UInt8]] = [
    NTPBytes.packet(mode: 3), NTPBytes.packet(mode: 4, at: Timestamp(seconds: 1_790_000_000)),
  ]

  static let dhcp: [[UInt8]] = {
    let solicitation: [UInt8] = [1, 1, 2, 3, 0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1, 0, 8, 0, 2, 0, 0]
    return payloads { $0.transport == .udp && (67...68).contains($0.destinationPort) } + [solicitation]
  }()

  static let discovery: [[UInt8]] = [
    Array("cgminer-FTW-4028-x".utf8), Array("10.20.0.7,02:00:0a:14:00:07".utf8), Array("BITMAIN".utf8),
  ]

  static let quic: [[UInt8]] = {
    let header: [UInt8] = [0xc3, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08, 0, 0, 0x44, 0x9e]
    return [header + [UInt8](repeating: 7, count: 1_182)]
  }()

  static let neighbours: [[UInt8]] = {
    let advertisement: [UInt8] = [0x20, 0, 0, 0] + [UInt8](repeating: 1, count: 16) + [2, 1, 2, 0, 0, 0, 0, 1]
    return payloads { $0.transport == .icmpv6 } + [advertisement]
  }()

  /// A chain of one certificate that holds little more than a name (RFC 5280 §4.1).
  static let certificates: [[UInt8]] = [
    [0, 0, 20, 0, 0, 17, 0x30, 15, 0x30, 3, 2, 1, 1, 0x30, 3, 6, 1, 0x2a, 3, 3, 0, 1, 2]
  ]

  static let apiTexts: [[UInt8]] = [
    #"{"command":"addpool","parameter":"stratum+tcp://pool.example:3333,acme.r1,x"}"#, "switchpool|3", "summary+pools",
    #"{"cmd":"update_pools","pool1":"a","enc":1}"#, "STATUS=S,When=1,Code=55,Msg=Added pool|",
    #"{"STATUS":[{"STATUS":"E","Msg":"Access denied"}],"id":1}"#, #"{"id":1,"type":"reboot"}"#,
  ].map { Array($0.utf8) }

  static let agentFrames: [[UInt8]] = [[0x7f, 1, 12, 0, 1, 0, 2, 0, 3, 0, 0, 0], [0x7f, 2, 6, 0, 9, 9]]

  static let firstBytes: [[UInt8]] = connections.prefix(60).compactMap { turns in
    guard let opening = turns.first?.bytes.prefix(255) else { return nil }
    let answer = turns.dropFirst().first?.bytes.prefix(300) ?? []
    return [UInt8(opening.count)] + opening + answer
  }

  // MARK: Files

  static let policies = [file("demo.yaml"), file("minewatch.yaml")]
  static let inventories = [file("miners.csv")]
  static let indicators = [file("indicators.d/phone-home.txt"), file("indicators.d/remote-control.txt")]
  static let commands = [file("commands.d/cgminer.yaml"), file("commands.d/auradine.yaml")]

  static let captures: [[UInt8]] = tapes.filter { $0.frames.count < 40 }.prefix(30).map(\.captureFile)

  static let policy: Policy = {
    let text = String(decoding: file("demo.yaml"), as: UTF8.self)
    return (try? PolicyReader.read(text: text, file: "demo.yaml", rules: RuleBook.catalogue, builtIn: .none))
      ?? Policy()
  }()

  /// A file under `Configs`; empty where the sources are not at hand.
  private static func file(_ name: String) -> [UInt8] {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8]((try? Data(contentsOf: root.appendingPathComponent("Configs/\(name)"))) ?? Data())
  }

  // MARK: Taking apart

  private static func payloads(_ isWanted: (Packet) -> Bool) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for frame in tapes.flatMap({ $0.frames.prefix(40).map(\.bytes) }) {
      guard let packet = decoded(frame), isWanted(packet) else { continue }
      found.append(Array(frame[packet.payloadOffset..<packet.payloadOffset + packet.payloadLength]))
    }
    return Array(found.prefix(20))
  }

  private static func decoded(_ frame: [UInt8]) -> Packet? {
    let span = frame.span
    var packet = Packet()
    let captured = unsafe Frame(
      bytes: span.bytes, timestamp: Timestamp(seconds: 1), originalLength: frame.count, linkType: .ethernet, source: 0)
    return PacketDecoder.decode(captured, into: &packet).isPacket ? packet : nil
  }
}
