import Testing

@testable import Protocols

/// JA3 and JA4 against the examples of their definitions.
@Suite
struct FingerprintTests {
  private func hello(_ message: [UInt8]) throws -> ClientHello {
    try #require(Array(message.dropFirst(4)).withRawSpan(ClientHello.init))
  }

  /// salesforce/ja3, README.
  @Test func `JA3 of the definition's first example`() throws {
    let hello = try hello(
      TLSWire.hello(
        version: 0x0301, suites: [47, 53, 5, 10, 49_161, 49_162, 49_171, 49_172, 50, 56, 19, 4],
        extensions: [
          TLSWire.extension(0), TLSWire.extension(10, TLSWire.vector(TLSWire.numbers([23, 24, 25]), 2)),
          TLSWire.extension(11, TLSWire.vector([0], 1)),
        ]))
    #expect(JA3.text(hello) == "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0")
    #expect(JA3.fingerprint(hello) == "ada70206e40642a3e4461f35503241d5")
  }

  /// salesforce/ja3, README: a hello without extensions.
  @Test func `JA3 of a hello without extensions`() throws {
    let hello = try hello(
      TLSWire.hello(version: 0x0301, suites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], extensions: []))
    #expect(JA3.text(hello) == "769,4-5-10-9-100-98-3-6-19-18-99,,,")
    #expect(JA3.fingerprint(hello) == "de350869b8c85de67a350c8d186f11e6")
  }

  /// FoxIO-LLC/ja4, technical_details/JA4.md.
  @Test func `JA4 of the definition's example`() throws {
    let hello = try hello(TLSWire.chrome)
    #expect(JA4.fingerprint(hello) == "t13d1516h2_8daaf6152771_e5627efa2ab1")
    #expect(JA4.fingerprint(hello, overQUIC: true).hasPrefix("q13d1516h2_"))
  }

  @Test func `JA4 where there is nothing to hash`() throws {
    #expect(
      JA4.fingerprint(try hello(TLSWire.hello(suites: [], extensions: []))) == "t12i000000_000000000000_000000000000")
    let many = [UInt16](repeating: 0x1301, count: 120)
    #expect(JA4.fingerprint(try hello(TLSWire.hello(suites: many, extensions: []))).hasPrefix("t12i990000_"))
  }

  /// The same document's table of protocols that are no text.
  @Test(
    arguments: [
      ([0xab], "ab"), ([0xab, 0xcd], "ad"), ([0x30, 0xab], "3b"), ([0x30, 0x31, 0xab, 0xcd], "3d"),
      ([0x30, 0xab, 0xcd, 0x31], "01"), ([0x68], "hh"), (Array("http/1.1".utf8), "h1"),
    ] as [([UInt8], String)])
  func `JA4 of odd protocols`(name: [UInt8], ends: String) throws {
    let `extension` = TLSWire.extension(16, TLSWire.vector(TLSWire.vector(name, 1), 2))
    let hello = try hello(TLSWire.hello(suites: [0x1301], extensions: [`extension`]))
    #expect(JA4.fingerprint(hello).hasPrefix("t12i0101\(ends)_"))
  }

  @Test func `knows GREASE by its form`() {
    let all = (0...15).map { UInt16($0) << 12 | 0x0a00 | UInt16($0) << 4 | 0x0a }
    #expect(all.allSatisfy(GREASE.contains))
    #expect((0...UInt16.max).count(where: GREASE.contains) == 16)
  }
}
