import Decode
import Protocols
import Testing

import struct Simulator.SplitMix64

struct DNSParserTests {
  static let owner = DNSWire.questionPointer
  static let address: [UInt8] = [203, 0, 113, 9]

  func parse(_ bytes: [UInt8], isComplete: Bool = true) -> DNSMessage? {
    withSpan(bytes) { DNSParser.parse($0, isComplete: isComplete) }
  }

  /// RFC 1035 §4.1.4: F.ISI.ARPA, FOO.F.ISI.ARPA and the root, at the offsets of the RFC's picture.
  @Test func `reads the compressed names of RFC 1035`() throws {
    var bytes = [UInt8](repeating: 0xee, count: 20)
    bytes += hex("01 46 03 49 53 49 04 41 52 50 41 00")  // 20
    bytes += [UInt8](repeating: 0xee, count: 8) + hex("03 46 4f 4f c0 14")  // 40
    bytes += [UInt8](repeating: 0xee, count: 18) + hex("c0 1a")  // 64
    bytes += [UInt8](repeating: 0xee, count: 26) + hex("00")  // 92
    let cases: [(offset: Int, text: String, end: Int)] = [
      (20, "f.isi.arpa", 32), (40, "foo.f.isi.arpa", 46), (64, "arpa", 66), (92, "", 93),
    ]
    try withSpan(bytes) { span in
      for (offset, text, end) in cases {
        var position = offset
        let name = try DNSName(span, at: &position)
        #expect(name.text == text)
        #expect(position == end)
      }
    }
  }

  @Test func `reads a query with EDNS`() throws {
    // dig +edns pool.example A, byte by byte.
    let bytes = hex(
      """
      abcd 0120 0001 0000 0000 0001
      04 706f6f6c 07 6578616d706c65 00 0001 0001
      00 0029 04d0 00000000 000c 000a 0008 0102030405060708
      """)
    let message = try #require(parse(bytes))
    #expect(message.identifier == 0xabcd)
    #expect(!message.isResponse)
    #expect(message.question == "pool.example")
    #expect(message.questionType == 1)
    #expect(message.addresses.isEmpty)
    #expect(message.anomaly == nil)
  }

  @Test func `reads both kinds of address and their time to live`() throws {
    let v6 = hex("20010db8000000000000000000000001")
    let bytes = DNSWire.response(
      "Pool.Example",
      answers: [
        DNSWire.record(Self.owner, type: 1, ttl: 300, Self.address), DNSWire.record(Self.owner, type: 28, ttl: 5, v6),
      ])
    let message = try #require(parse(bytes))
    #expect(message.question == "pool.example")
    #expect(message.isResponse)
    #expect(message.addresses.map(\.address.description) == ["203.0.113.9", "2001:db8::1"])
    #expect(message.addresses.map(\.timeToLive) == [300, 5])
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]])
  func `follows aliases in any record order`(order: [Int]) throws {
    let records = [
      DNSWire.record(DNSWire.name("a.example"), type: 5, DNSWire.name("B.example")),
      DNSWire.record(DNSWire.name("b.example"), type: 5, DNSWire.name("c.example")),
      DNSWire.record(DNSWire.name("C.EXAMPLE"), type: 1, Self.address),
    ]
    let message = try #require(parse(DNSWire.response("a.example", answers: order.map { records[$0] })))
    #expect(message.aliases == ["b.example", "c.example"])
    #expect(message.addresses.map(\.address.description) == ["203.0.113.9"])
  }

  @Test func `believes no address that the question does not lead to`() throws {
    let bytes = DNSWire.response(
      "a.example",
      answers: [
        DNSWire.record(DNSWire.name("bank.example"), type: 1, Self.address),
        DNSWire.record(DNSWire.name("x.example"), type: 5, DNSWire.name("bank.example")),
      ])
    let message = try #require(parse(bytes))
    #expect(message.addresses.isEmpty)
    #expect(message.aliases.isEmpty)
  }

  @Test func `ends a chain of aliases that comes round`() throws {
    let bytes = DNSWire.response(
      "a.example",
      answers: [
        DNSWire.record(DNSWire.name("a.example"), type: 5, DNSWire.name("b.example")),
        DNSWire.record(DNSWire.name("b.example"), type: 5, DNSWire.name("a.example")),
      ])
    #expect(parse(bytes)?.aliases == ["b.example"])
  }

  @Test func `reads only so many answers and says how many it left`() throws {
    let one = DNSWire.record(Self.owner, type: 1, Self.address)
    let message = try #require(parse(DNSWire.response("a.example", answers: .init(repeating: one, count: 70))))
    #expect(message.addresses.count == 64)
    #expect(message.answersLeftOut == 6)
  }

  /// A dot inside a label must not read as two labels, nor a control byte as itself.
  @Test func `escapes what a name should not hold`() throws {
    let label: [UInt8] = [8] + Array("Ev.L".utf8) + [0x1b, 0xff, 0x00, 0x5c]
    let bytes = DNSWire.header() + label + DNSWire.name("com") + [0, 1, 0, 1]
    #expect(parse(bytes)?.question == #"ev\046l\027\255\000\092.com"#)
  }

  @Test func `takes a name of 255 bytes and no longer`() {
    let labels = { (last: Int) -> [UInt8] in
      [63, 63, 63, last].flatMap { count -> [UInt8] in [UInt8(count)] + [UInt8](repeating: 0x61, count: count) } + [0]
    }
    #expect(parse(DNSWire.header() + labels(61) + [0, 1, 0, 1])?.anomaly == nil)
    #expect(parse(DNSWire.header() + labels(62) + [0, 1, 0, 1])?.anomaly == .nameTooLong)
  }

  @Test(
    arguments: [
      ("03 61 62", .truncatedMessage), ("00 00", .truncatedMessage), ("c0 0c 0001 0001", .pointerLoop),
      ("c0 0e 00 0001 0001", .pointerLoop), ("01 61 c0 0c 0001 0001", .pointerLoop), ("40 0001 0001", .badLabel),
      ("80 0001 0001", .badLabel), ("c0", .truncatedMessage),
    ] as [(String, DNSMessage.Anomaly)])
  func `names what is wrong with a question`(tail: String, anomaly: DNSMessage.Anomaly) {
    #expect(parse(DNSWire.header() + hex(tail))?.anomaly == anomaly)
  }

  /// Thousands of pointers, each to the one before: legal one by one, and quadratic work for a naive reader.
  @Test func `gives up on a long chain of pointers`() {
    var bytes = DNSWire.response("a", answers: [])
    bytes[7] = 1
    let record = bytes.count
    var chain: [UInt8] = []
    var target = 12
    for index in 0..<2_000 {
      chain += DNSWire.bigEndian(0xc000 | UInt16(target))
      target = record + 12 + index * 2
    }
    bytes[7] = 2
    bytes += DNSWire.record([0], type: 16, chain)
    bytes += DNSWire.bigEndian(0xc000 | UInt16(record + 11 + 3_998)) + [0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]
    #expect(parse(bytes)?.anomaly != nil)
  }

  @Test func `refuses less than a header`() {
    for count in 0..<DNSHeader.byteCount { #expect(parse(Array(DNSWire.query("a.example").prefix(count))) == nil) }
  }

  @Test func `names every truncation, unless the capture did it`() {
    let bytes = DNSWire.response(
      "a.example",
      answers: [
        DNSWire.record(DNSWire.name("a.example"), type: 5, DNSWire.name("b.example")),
        DNSWire.record(DNSWire.name("b.example"), type: 1, Self.address),
      ])
    for count in DNSHeader.byteCount..<bytes.count {
      #expect(parse(Array(bytes.prefix(count)))?.anomaly == .truncatedMessage)
      #expect(parse(Array(bytes.prefix(count)), isComplete: false)?.anomaly == nil)
    }
    #expect(parse(bytes)?.anomaly == nil)
  }

  @Test func `survives anything`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let base = DNSWire.response(
      "a.example",
      answers: [
        DNSWire.record(Self.owner, type: 5, DNSWire.name("b.example")),
        DNSWire.record(DNSWire.name("b.example"), type: 1, Self.address),
      ])
    for _ in 0..<5_000 {
      var bytes = base
      for _ in 0...random.next() % 4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
      bytes.removeLast(Int(random.next() % 8))
      let message = parse(bytes)
      #expect(message != nil, "seed \(seed)")
      #expect((message?.addresses.count ?? 0) <= 64, "seed \(seed)")
      let isPlain = message?.question.utf8.allSatisfy { (0x21...0x7e).contains($0) } ?? true
      #expect(isPlain, "seed \(seed)")
    }
  }
}
