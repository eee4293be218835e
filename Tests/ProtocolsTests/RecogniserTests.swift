import Decode
import Protocols
import Testing

import struct Simulator.SplitMix64

struct RecogniserTests {
  typealias Case = (opening: [UInt8], answer: [UInt8], expected: AppProtocol, opener: Role?)

  /// What the table of stream protocols says of the first bytes of both directions.
  func stream(_ opening: [UInt8], _ answer: [UInt8] = [], sawStart: Bool = true, thirdFlight: Bool = false)
    -> (AppProtocol, Probe)
  {
    withSpan(opening) { first in
      withSpan(answer) { second in
        var bytes = FirstBytes(opening: first, answer: second)
        bytes.sawStart = sawStart
        bytes.hasThirdFlight = thirdFlight
        return Recogniser.recognise(bytes, among: Recogniser.streams)
      }
    }
  }

  func datagram(_ payload: [UInt8], from source: UInt16, to destination: UInt16) -> (AppProtocol, Probe) {
    withSpan(payload) { first in
      withSpan([]) { second in
        var bytes = FirstBytes(opening: first, answer: second)
        bytes.openerPort = source
        bytes.answererPort = destination
        return Recogniser.recognise(bytes, among: Recogniser.datagrams)
      }
    }
  }

  static let clientHello = hex("16 0301 0200 01 0001fc 0303") + SplitMix64.sample(8, 506)
  static let serverHello = hex("16 0303 007a 02 000076 0303") + SplitMix64.sample(9, 116)
  static let applicationData = hex("17 0303 0020") + SplitMix64.sample(10, 32)
  static let setupConnection = hex("000000 3400 00 00 0200 0200 07000000") + Array("pool".utf8)
  static let dnsOverTCP = DNSWire.bigEndian(30) + DNSWire.query("pool.example")

  static let streams: [Case] = [
    (clientHello, [], .tls, .client),
    (serverHello, [], .tls, .server),
    (clientHello, serverHello, .tls, .client),
    ([0xff], clientHello, .tls, .server),
    (hex("16 0301 0001 01 16 0301 0100 0000fc0303"), [], .tls, .client),  // A record that cuts the hello's header.
    (applicationData, [], .tls, nil),  // Joined in the middle.
    (applicationData + applicationData.prefix(9), [], .tls, nil),
    (hex("17 0303 4000") + SplitMix64.sample(11, 1_400), [], .tls, nil),
    (Array("GET / HTTP/1.1\r\n".utf8), [], .http, .client),
    (Array("POST http://pool.example:8332/ HTTP/1.0\r\n".utf8), [], .http, .client),
    (Array("VERSION-CONTROL /a HTTP/1.1\r\n".utf8), [], .http, .client),
    (Array("GET /\(String(repeating: "a", count: 1_100))".utf8), [], .http, .client),
    (Array("HTTP/1.1 200 OK\r\n".utf8), [], .http, .server),
    (Array("half a body".utf8), Array("HTTP/1.1 404 Not Found\r\n".utf8), .http, .client),
    (Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), [], .http2, .client),
    (Array("GET /".utf8), [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3], .http2, .client),
    (Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), [], .ssh, nil),
    (Array("SSH-1.99-Cisco-1.25\n".utf8), [], .ssh, nil),
    (dnsOverTCP, [], .dns, .client),
    (setupConnection, [], .stratumV2, .client),
  ]

  @Test(arguments: streams.indices)
  func `tells a stream by its first bytes, however they are cut`(index: Int) {
    let (opening, answer, expected, opener) = Self.streams[index]
    let whole = stream(opening, answer)
    #expect(whole.0 == expected)
    #expect(whole.1 == .match(opener: opener))
    // A shorter start hopes or knows; it never gives up, and never believes something else.
    guard answer.isEmpty else { return }
    for count in 1..<opening.count {
      let (found, probe) = stream(Array(opening.prefix(count)))
      #expect(probe == .needMore || (found == expected && probe == .match(opener: opener)), "first \(count) bytes")
    }
  }

  @Test(arguments: [
    #"{"id":1,"method":"mining.subscribe","params":[]}"#, "220 mail.example ESMTP\r\n", "GETTING\r\n",
    "FETCH / HTTP/1.1\r\n",
    "GET / FTP/1.1\r\n", "OPTIONS sip:a@example SIP/2.0\r\n", "HTTP/2 200\r\n", "HTTP/1.x 200\r\n", "ssh-2.0-x\r\n",
    "SSH-3.0-x\r\n", "get / http/1.1\r\n", "GET  HTTP/1.1\r\n",
  ])
  func `refuses text that only resembles`(text: String) {
    let (found, probe) = stream(Array(text.utf8))
    #expect(found == .unknown)
    #expect(probe == .reject)
  }

  /// RFC 9112 §2.2 and §3: as servers do that are lenient.
  @Test(arguments: [
    "\r\nPOST /a HTTP/1.1\r\n", "\n\n\nGET / HTTP/1.0\r\n", "GET  /a  HTTP/1.1\r\n", "GET\t/a\tHTTP/1.1\r\n",
    "get /a HTTP/1.1\r\n",
  ])
  func `takes a request that only lenient servers take`(text: String) {
    #expect(stream(Array(text.utf8)) == (.http, .match(opener: .client)))
  }

  @Test func `more empty lines than any client sends are no request`() {
    let many = String(repeating: "\r\n", count: 100) + "GET / HTTP/1.1\r\n"
    #expect(stream(Array(many.utf8), [0, 0]).1 == .reject)
  }

  @Test(arguments: [
    "16 0301 0000 01 0001fc 0303",  // An empty record.
    "16 0301 ffff 01 0001fc 0303",  // A record over the limit.
    "16 0301 0200 03 0001fc 0303",  // Neither hello.
    "16 0301 0200 01 000004 0303",  // A hello too short for its random.
    "16 0301 0200 01 0001fc 0203",
    "16 0309 0200 01 0001fc 0303", "16 0201 0200 01 0001fc 0303", "17 0303 0004 00000000 99",
    "000000 3400 00 05 0200 0200",
    "000001 0600 00 00 0200 0200",
    "0010 1234 0100 0001 0000 0000 0000 00 0001 0001",  // DNS shorter than a question.
    "0020 1234 0100 0002 0000 0000 0000 00 0001 0001", "0020 1234 0840 0001 0000 0000 0000 00 0001 0001",
  ])
  func `refuses bytes that only resemble`(bytes: String) {
    // The other end has spoken, so that nothing can still be the start of a Noise handshake.
    #expect(stream(hex(bytes), [0, 0]).1 == .reject)
  }

  // MARK: Noise

  static let firstAct = SplitMix64.sample(1, 64)
  static let secondAct = SplitMix64.sample(2, 234)

  @Test func `tells Stratum V2 behind Noise by the sizes of its handshake`() {
    for count in 1...64 { #expect(stream(Array(Self.firstAct.prefix(count))).1 == .needMore) }
    for count in 1..<234 { #expect(stream(Self.firstAct, Array(Self.secondAct.prefix(count))).1 == .needMore) }
    #expect(stream(Self.firstAct, Self.secondAct) == (.stratumV2, .match(opener: .client)))
  }

  @Test func `takes the specification's stale size only when the client is content with it`() {
    let stale = Array(Self.secondAct.prefix(170))
    #expect(stream(Self.firstAct, stale).1 == .needMore)
    #expect(stream(Self.firstAct, stale, thirdFlight: true) == (.stratumV2, .match(opener: .client)))
    #expect(stream(Self.firstAct, Array(stale.prefix(169)), thirdFlight: true).1 == .reject)
  }

  @Test func `takes nothing else for Noise`() {
    #expect(stream(SplitMix64.sample(1, 65)).1 == .reject)
    #expect(stream(Array(Self.firstAct.prefix(63)), Self.secondAct).1 == .reject)
    #expect(stream(Self.firstAct, SplitMix64.sample(2, 235)).1 == .reject)
    #expect(stream(Self.firstAct, [UInt8](repeating: 0x61, count: 234)).1 == .reject)
    #expect(stream(Self.firstAct, Self.secondAct, sawStart: false).1 == .reject)
    let text = Array(String(repeating: "0123456789abcdef", count: 4).utf8)
    #expect(stream(text, Self.secondAct).1 == .reject)
  }

  // MARK: Datagrams

  static let ntp: [UInt8] = [0x23] + [UInt8](repeating: 0, count: 47)
  static let dhcp: [UInt8] =
    [1, 1, 6, 0] + [UInt8](repeating: 0, count: 232) + [0x63, 0x82, 0x53, 0x63] + [53, 1, 1, 255]

  @Test func `tells datagrams by content and port together`() {
    let query = DNSWire.query("pool.example")
    #expect(datagram(query, from: 40_000, to: 53) == (.dns, .match(opener: .client)))
    #expect(datagram(query, from: 40_000, to: 5_300) == (.dns, .match(opener: .client)))
    let response = DNSWire.response("pool.example", answers: [])
    #expect(datagram(response, from: 53, to: 40_000) == (.dns, .match(opener: .server)))
    #expect(datagram(Self.ntp, from: 123, to: 123) == (.ntp, .match(opener: .client)))
    #expect(datagram([0x24] + Self.ntp.dropFirst(), from: 123, to: 40_000) == (.ntp, .match(opener: .server)))
    #expect(datagram(Self.dhcp, from: 68, to: 67) == (.dhcp, .match(opener: .client)))
  }

  @Test func `refuses datagrams that have only the port`() {
    let text = Array("not what this port is for, and long enough to be more".utf8)
    for port: UInt16 in [53, 67, 123] { #expect(datagram(text, from: 40_000, to: port).1 == .reject) }
    #expect(datagram(Self.ntp, from: 40_000, to: 40_001).1 == .reject)
    #expect(datagram(Array(Self.ntp.prefix(47)), from: 123, to: 123).1 == .reject)
    #expect(datagram(Array(Self.dhcp.prefix(239)), from: 68, to: 67).1 == .reject)
    #expect(datagram([], from: 53, to: 53).1 == .reject)
  }

  /// A broken name behind a good header is DNS on DNS's port, and chance anywhere else.
  @Test func `reads broken DNS as DNS on its port only`() {
    let broken = DNSWire.header() + hex("80 0001 0001")
    #expect(datagram(broken, from: 40_000, to: 53).0 == .dns)
    #expect(datagram(broken, from: 40_000, to: 54).1 == .reject)
  }

  @Test func `does not take NetBIOS for DNS`() {
    let name = "EKEIEFCACACACACACACACACACACACACA"
    #expect(datagram(DNSWire.query(name, type: 0x20), from: 137, to: 137).1 == .reject)
  }

  @Test func `survives anything, and random bytes are nothing`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<20_000 {
      let bytes = random.bytes(Int(random.next() % 96) + 1)
      let (found, probe) = stream(bytes, random.bytes(Int(random.next() % 32)))
      #expect(found == .unknown || probe != .reject, "seed \(seed)")
      #expect(datagram(bytes, from: 40_000, to: 40_001).1 == .reject, "seed \(seed)")
    }
  }
}

extension SplitMix64 {
  static func sample(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return random.bytes(count)
  }
}
