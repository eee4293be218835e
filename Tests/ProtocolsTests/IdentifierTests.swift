import Decode
import Flows
import Protocols
import Testing

import struct Simulator.SplitMix64

/// What a machine sends of itself, through the whole stage.
struct IdentifierTests {
  static let mac = MACAddress(rawValue: 0x0200_0a14_0005)

  /// Identifiers that are found when a machine sends this to an unknown port, cut into segments of a size.
  static func found(_ text: String, segmentSize: Int = 1_448) -> [String] {
    found(Array(text.utf8), segmentSize: segmentSize)
  }

  static func found(_ bytes: [UInt8], segmentSize: Int = 1_448) -> [String] {
    var conversation = Conversation([.handshake, .client(bytes), .server("ok"), .finish], serverPort: 7_000)
    conversation.clientMAC = mac
    return conversation.observations(segmentSize: segmentSize).compactMap { observation in
      if case .identifier = observation.content { observation.line } else { nil }
    }
  }

  static let spellings = [
    "02:00:0a:14:00:05", "02-00-0A-14-00-05", "02000a140005", "0200.0A14.0005", "02%3A00%3a0a%3A14%3A00%3A05",
    "x=02000A140005&y=1", "02_00_0a_14_00_05", "02 00 0A 14 00 05",
  ]

  @Test(arguments: spellings, [1, 2, 7, 1_448])
  func `finds the sender's own address`(spelling: String, segmentSize: Int) {
    let found = Self.found("hello, this is \(spelling) speaking", segmentSize: segmentSize)
    #expect(found == ["identifier mac-text 02:00:0a:14:00:05"])
  }

  @Test(arguments: [1, 3, 1_448])
  func `finds it as six bytes`(segmentSize: Int) {
    let bytes: [UInt8] = [9, 9, 2, 2, 0, 0x0a, 0x14, 0, 5, 1, 0xff]
    #expect(Self.found(bytes, segmentSize: segmentSize) == ["identifier mac-bytes 02:00:0a:14:00:05"])
  }

  /// The fields of bitmaintech/bmminer-mix, driver-btm-c5.c (commit 667c5e8), byte by byte as well.
  @Test(arguments: [1, 5, 1_448])
  func `reads what Antbleed sends`(segmentSize: Int) {
    let message =
      #"{"ctrl_board":"02:00:0a:14:00:05","id":"1","hashboard":[{"ID":"0123456789abcdef01234567"}]}"#
    let found = Self.found(message, segmentSize: segmentSize)
    #expect(found.count == 2 && found.first == "identifier mac-text 02:00:0a:14:00:05")
    #expect(found.last?.hasPrefix("identifier chip") == true)
    if segmentSize == 1_448 { #expect(found.last == "identifier chip 0123456789abcdef01234567") }
  }

  @Test(
    arguments: [
      (#"{"sn":"NGSBDAEBB1234"}"#, "NGSBDAEBB1234"), (#"{"miner_sn" : "HTM31X67H19"}"#, "HTM31X67H19"),
      ("Serial-Number: A1B2C3D4E5\r\n", "A1B2C3D4E5"), ("a=1&serial=QX77112233&b=2", "QX77112233"),
      (#"{\"serialNo\":\"AB12345678\"}"#, "AB12345678"), (#"{"miner_serial":"AB12345678"}"#, "AB12345678"),
      (#"{"hardware_serial":"AB12345678"}"#, "AB12345678"), (#"{"psu_serial_no":"AB12345678"}"#, "AB12345678"),
      (#"{"minerSn":"AB12345678"}"#, "AB12345678"), ("Serial Number: AB12345678\r\n", "AB12345678"),
      ("serial no=AB12345678&", "AB12345678"), ("<a><serial>AB12345678</serial></a>", "AB12345678"),
      ("x:<sn>AB12345678</sn>", "AB12345678"),
    ])
  func `finds serial numbers by their fields`(text: String, value: String) {
    #expect(Self.found(text) == ["identifier serial \(value)"])
  }

  @Test(
    arguments: [
      "02:00:0a:14:00:06", "2:0:a:14:0:5", #"{"id":"507f1f77bcf86cd799439011"}"#, #"{"sn":"short"}"#,
      #"{"serial":2026112201}"#, #"{"session":"AB12345678"}"#, "answer: AB12345678",
      #"{"ID":"000000000000000000000000"}"#,
      "xserial=AB12345678", "USN: AB12345678", "<b>AB12345678</b>", "serial port: AB12345678", "sn > AB12345678",
      "number: AB12345678",
    ])
  func `takes nothing else for one`(text: String) {
    #expect(Self.found(text) == [])
  }

  @Test func `looks no further than the first bytes`() {
    let padding = String(repeating: "lorem ipsum ", count: 1_400)
    #expect(Self.found(padding + "02:00:0a:14:00:05") == [])
  }

  /// Has the machine send a datagram.
  private static func say(_ text: String, from port: UInt16 = 9_000, networkLength: Int? = nil, _ site: inout Site) {
    var packet = Packet()
    packet.transport = .udp
    packet.ipProtocol = 17
    packet.sourceMAC = mac
    packet.networkLength = networkLength ?? 28 + text.utf8.count
    (packet.source, packet.sourcePort, packet.destination, packet.destinationPort) = (
      Site.miner, port, Site.pool, 9_001
    )
    site.receive(packet, Array(text.utf8))
  }

  /// A datagram without a colon or an equals sign holds no field, and is not looked through for one.
  @Test(arguments: 0..<17, [":", "="])
  func `finds a field wherever in a datagram its separator stands`(offset: Int, separator: String) {
    var site = Site()
    Self.say(String(repeating: ",", count: offset) + "serial\(separator)AB12345678", &site)
    #expect(site.take().map(\.line) == ["identified unknown", "identifier serial AB12345678"])
  }

  @Test func `finds it in datagrams, but not across them`() {
    var site = Site()
    Self.say("02:00:0a:", &site)
    Self.say("14:00:05", &site)
    #expect(site.take().map(\.line) == ["identified unknown"])
    Self.say("I am 02:00:0a:14:00:05", &site)
    #expect(site.take().map(\.line) == ["identifier mac-text 02:00:0a:14:00:05"])
    Self.say("02:00:0a:14:00:05, as I said", &site)
    #expect(site.take().isEmpty)
  }

  @Test func `finds it in a datagram of which only the last fragment was counted, and not behind many`() {
    var site = Site()
    Self.say("I am 02:00:0a:14:00:05" + String(repeating: ".", count: 1_500), networkLength: 60, &site)
    #expect(site.take().map(\.line) == ["identified unknown", "identifier mac-text 02:00:0a:14:00:05"])
    for _ in 0..<20 { Self.say(String(repeating: ".", count: 1_400), from: 9_002, &site) }
    _ = site.take()
    Self.say("I am 02:00:0a:14:00:05", from: 9_002, &site)
    #expect(site.take().isEmpty)
  }

  @Test func `a mining session's user is no secret of its own`() {
    var conversation = Conversation([
      .handshake, .clientLine(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12"]}"#),
      .serverLine(#"{"id":1,"result":[[],"08000002",4],"error":null}"#),
      .clientLine(#"{"id":2,"method":"mining.authorize","params":["acme.02000a140005","x"]}"#), .finish,
    ])
    conversation.clientMAC = Self.mac
    let found = conversation.observations().filter { if case .identifier = $0.content { true } else { false } }
    #expect(found.isEmpty)
  }

  @Test(arguments: [
    (
      #"{"id":0,"method":"mining.configure","params":[["info"],{"info.hw-id":"02:00:0a:14:00:05"}]}"#,
      "mac-text 02:00:0a:14:00:05"
    ),
    (#"{"id":0,"method":"mining.subscribe","params":["cgminer","02000a140005"]}"#, "mac-text 02000a140005"),
    (#"{"id":0,"method":"mining.ping","params":[],"sn":"SMTTYRHBDJAAJ0123"}"#, "serial SMTTYRHBDJAAJ0123"),
    (#"{"id":0,"method":"mining.whoami","params":["02-00-0a-14-00-05"]}"#, "mac-text 02-00-0a-14-00-05"),
    (#"{"id":9,"result":"cgminer/4 02:00:0a:14:00:05","error":null}"#, "mac-text 02:00:0a:14:00:05"),
  ])
  func `says what a miner tells of itself beside its work`(line: String, told: String) {
    #expect(story([.client(line)]).contains("identifier \(told)"))
    #expect(!story([.server(line)]).contains { $0.hasPrefix("identifier") })
  }

  @Test(arguments: [
    #"{"id":2,"method":"mining.authorize","params":["acme.02000a140005","x"]}"#,
    #"{"id":4,"method":"mining.submit","params":["acme.02000a140005","bf","02000a140005","504e86ed","b2957c02"]}"#,
    #"{"id":0,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]}"#,
    #"{"id":0,"method":"mining.subscribe","params":["cgminer/4.12","0123456789abcdef0123456789abcdef"]}"#,
  ])
  func `does not look into logins and work`(line: String) {
    #expect(!story([.client(line)]).contains { $0.hasPrefix("identifier") })
  }

  @Test func `survives anything`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<40 {
      let found = Self.found(random.bytes(Int(random.next() % 4_000) + 1), segmentSize: Int(random.next() % 400) + 1)
      #expect(found.count <= 2, "seed \(seed)")
    }
  }
}
