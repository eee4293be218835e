import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite
struct TLSDissectorTests {
  typealias Step = Conversation.Step

  private func sessions(_ steps: [Step], segmentSize: Int = 1_448) -> [TLSSession] {
    let found = Conversation([.handshake] + steps + [.finish], serverPort: 443).observations(segmentSize: segmentSize)
    return found.compactMap {
      if case .tls(let event) = $0.content, event.what == .introduced { event.session } else { nil }
    }
  }

  private static let hello = TLSWire.record(TLSWire.chrome)
  private static let modern: [Step] = [
    .client(hello), .server(TLSWire.record(TLSWire.serverHello(0x0304))), .server(TLSWire.changeCipherSpec),
    .server(TLSWire.data(900)), .client(TLSWire.changeCipherSpec), .client(TLSWire.data(60)),
  ]
  private static let old: [Step] = [
    .client(hello),
    .server(
      TLSWire.record(
        TLSWire.serverHello(0x0303, protocol: "h2") + TLSWire.certificate([SampleCertificate.bytes, [1, 2, 3]])
          + TLSWire.message(14, []))),
    .client(TLSWire.record(TLSWire.message(16, [UInt8](repeating: 3, count: 66)))), .client(TLSWire.changeCipherSpec),
    .client(TLSWire.finished), .server(TLSWire.changeCipherSpec), .server(TLSWire.finished), .client(TLSWire.data(80)),
  ]

  @Test(arguments: [1, 2, 5, 7, 64, 1_448])
  func `reads both hellos however they are cut up`(segmentSize: Int) throws {
    let session = try #require(sessions(Self.modern, segmentSize: segmentSize).first)
    #expect(session.serverName == "stratum.example-pool.com")
    #expect(session.protocols == ["h2", "http/1.1"])
    #expect(session.version == .tls13)
    #expect(session.ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1")
    #expect(session.certificate == nil && session.alert == nil && !session.isMalformed)
  }

  @Test(arguments: [1, 5, 64, 1_448])
  func `reads a certificate up to TLS 1.2`(segmentSize: Int) throws {
    let found = sessions(Self.old, segmentSize: segmentSize)
    #expect(found.count == 1)
    let session = try #require(found.first)
    #expect(session.version == .tls12 && session.selectedProtocol == "h2")
    let certificate = try #require(session.certificate)
    #expect(certificate == SampleCertificate.expected)
  }

  @Test(arguments: [1, 3, 100])
  func `reads a hello that is spread over records`(size: Int) throws {
    let steps: [Step] = [.client(TLSWire.records(TLSWire.chrome, of: size)), .server(TLSWire.alert(40))]
    for segmentSize in [1, 13, 1_448] {
      let session = try #require(sessions(steps, segmentSize: segmentSize).first)
      #expect(session.serverName == "stratum.example-pool.com")
      #expect(session.alert == TLSAlert(sender: .server, code: 40))
    }
  }

  @Test func `reads hellos of every length up to the bound`() {
    for padding in [1_000, 16_000, 40_000, 64_000] {
      let big = TLSWire.hello(
        suites: [0x1301],
        extensions: [TLSWire.serverName("a.example"), TLSWire.extension(21, [UInt8](repeating: 0, count: padding))])
      let found = sessions([.client(TLSWire.records(big, of: 16_384)), .server(TLSWire.data(20))])
      #expect(found.map(\.serverName) == ["a.example"])
    }
  }

  @Test func `counts a hello that is too long, and says what it may`() {
    var site = Site(bufferBytes: 4 << 20)
    let big = TLSWire.hello(
      suites: [0x1301],
      extensions: (0..<2).map { TLSWire.extension(21 + $0, [UInt8](repeating: 0, count: 40_000)) })
    Conversation([.handshake, .client(TLSWire.records(big, of: 16_384)), .finish]).run(through: &site)
    site.shutDown()
    let sessions = site.take().compactMap {
      if case .tls(let event) = $0.content, event.what == .introduced { event.session } else { nil }
    }
    #expect(sessions.map(\.sawHello) == [false] && sessions.map(\.isMalformed) == [true])
  }

  @Test func `waits for the hello that follows a retry`() throws {
    let steps: [Step] = [
      .client(Self.hello), .server(TLSWire.record(TLSWire.serverHello(0x0304, isRetry: true))),
      .server(TLSWire.changeCipherSpec), .client(TLSWire.changeCipherSpec), .client(Self.hello),
      .server(TLSWire.record(TLSWire.serverHello(0x0304))), .server(TLSWire.data(700)),
    ]
    let found = sessions(steps)
    #expect(found.map(\.version) == [.tls13])
  }

  @Test func `is introduced once when it was joined in the middle or lost bytes`() {
    #expect(sessions([.client(TLSWire.data(180)), .server(TLSWire.data(60))]).map(\.sawHello) == [false])
    let lossy: [Step] = [.client(Self.hello), .lost(.server, 1_400), .server([UInt8](repeating: 9, count: 700))]
    #expect(sessions(lossy).map(\.serverName) == ["stratum.example-pool.com"])
  }

  @Test func `is introduced when nobody answers`() {
    #expect(sessions([.client(Self.hello)]).map(\.serverName) == ["stratum.example-pool.com"])
  }

  @Test func `reads a hello that the server sends`() {
    #expect(
      sessions([.server(Self.hello), .client(TLSWire.data(30))]).map(\.serverName) == ["stratum.example-pool.com"])
  }

  @Test(arguments: [1, 1_448])
  func `knows a hello in the form of SSL 2`(segmentSize: Int) {
    let old =
      hex("802e 01 0301 0015 0000 0010 00002f 000035 00000a 000005 000004 000009 0000ff")
      + [UInt8](repeating: 0x6b, count: 16)
    let steps: [Step] = [.client(old), .server(TLSWire.record(TLSWire.serverHello(0x0301))), .client(TLSWire.data(50))]
    #expect(sessions(steps, segmentSize: segmentSize).map(\.sawHello) == [false])
  }

  @Test func `calls a message that another record breaks up malformed`() {
    let half = TLSWire.record(Array(TLSWire.chrome.prefix(100)))
    #expect(sessions([.client(half + TLSWire.data(50))]).map(\.isMalformed) == [true])
  }

  @Test func `survives truncation at every length`() {
    for count in 6..<Self.hello.count {
      #expect(sessions([.client(Array(Self.hello.prefix(count)))]).count <= 1)
    }
    let body = Array(TLSWire.chrome.dropFirst(4))
    for count in 0..<body.count { _ = Array(body.prefix(count)).withRawSpan(ClientHello.init) }
  }

  @Test(arguments: 0..<200)
  func `survives mutation`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let steps = (seed % 2 == 0 ? Self.old : Self.modern).map { step -> Step in
      switch step {
      case .client(let bytes): .client(bytes.mutated(&random))
      case .server(let bytes): .server(bytes.mutated(&random))
      default: step
      }
    }
    #expect(sessions(steps, segmentSize: 1 + Int(random.next() % 300)).count <= 1)
  }
}

extension [UInt8] {
  /// With a few bytes changed, and sometimes cut.
  func mutated(_ random: inout SplitMix64) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int(random.next() % 6) where !bytes.isEmpty {
      bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
    }
    return random.next() % 8 == 0 ? Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1)))) : bytes
  }
}
