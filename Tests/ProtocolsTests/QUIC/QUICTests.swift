import Decode
import Foundation
import Testing

import struct Simulator.SplitMix64

@testable import Protocols

@Suite
struct QUICTests {
  private static let client = (Site.miner, UInt16(50_000))
  private static let server = (Site.pool, UInt16(443))

  /// What is said of a client's datagrams, in order.
  private func sessions(_ datagrams: [[UInt8]]) -> [TLSSession] {
    var site = Site()
    for datagram in datagrams { site.datagram(datagram, from: Self.client, to: Self.server) }
    site.shutDown()
    return site.take().compactMap { if case .tls(let event) = $0.content { event.session } else { nil } }
  }

  /// RFC 9001, appendix A.2: the frames of its example, and how the packet begins once it is protected.
  private static let example = hex(
    """
    060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0
    00000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e0005000501
    00000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304
    000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07
    048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff
    """)

  @Test func `opens the example of RFC 9001`() throws {
    let packet = try QUICWire.initial(frames: Self.example)
    #expect(
      Array(packet.prefix(38))
        == hex("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b"))
    let session = try #require(sessions([packet]).first)
    #expect(session.serverName == "example.com" && session.protocols == ["alpn"])
    #expect(session.transport == .quic(version: 1) && session.version == .tls13)
    #expect(session.ja4?.hasPrefix("q13d0211an_") == true)
  }

  @Test(arguments: [1, QUICWire.version2])
  func `puts a hello together from pieces in any order`(version: UInt32) throws {
    let hello = TLSWire.chrome
    let pieces = stride(from: 0, to: hello.count, by: 37).map { ($0, Array(hello[$0..<min($0 + 37, hello.count)])) }
    var random = SplitMix64(seed: 7)
    let shuffled = pieces.shuffled(using: &random)
    let halves = [Array(shuffled.prefix(4)), Array(shuffled.dropFirst(4))]
    let datagrams = try halves.enumerated().map { index, half in
      let frames = half.reduce(into: [UInt8]()) { frames, piece in
        frames += QUICWire.crypto(piece.1, at: piece.0) + [1, 0, 0]
      }
      return try QUICWire.initial(version: version, number: UInt32(index), frames: frames)
    }
    for order in [datagrams, datagrams.reversed(), [datagrams[0], datagrams[0], datagrams[1]]] {
      #expect(sessions(order).map(\.serverName) == ["stratum.example-pool.com"])
    }
  }

  @Test func `says what it may when the hello never gets whole`() throws {
    let half = try QUICWire.initial(frames: QUICWire.crypto(Array(TLSWire.chrome.prefix(80))))
    #expect(sessions([half]).map(\.sawHello) == [false])
    #expect(sessions(Array(repeating: half, count: 30)).map(\.sawHello) == [false])
  }

  @Test(arguments: [0xff00_001d, 0x5430_3531, 0x1a2a_3a4a])
  func `knows versions that it cannot open`(version: UInt32) {
    let datagram = [0xc3] + TLSWire.number(Int(version), bytes: 4) + [8] + [UInt8](repeating: 9, count: 1_200)
    #expect(sessions([datagram]).map(\.transport) == [.quic(version: version)])
  }

  @Test func `bounds how many hellos it puts together`() throws {
    let half = try QUICWire.initial(frames: QUICWire.crypto(Array(TLSWire.chrome.prefix(80))))
    var table = QUICTable()
    withSpan(half) { span in
      for _ in 0..<1_024 { #expect(table.open(span).number != nil) }
      #expect(table.open(span).number == nil && table.open(span).isFull)
      _ = table.close(5)
      #expect(table.open(span).number == 5)
    }
  }

  @Test func `survives truncation and change`() throws {
    let packet = try QUICWire.initial(frames: Self.example)
    for count in 0..<packet.count { #expect(sessions([Array(packet.prefix(count))]).allSatisfy { !$0.sawHello }) }
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 { #expect(sessions([packet.mutated(&random)]).count <= 1) }
    // Frames as only a broken client would write them, rightly protected.
    for _ in 0..<300 {
      let frames = QUICWire.crypto(TLSWire.chrome).mutated(&random)
      #expect(sessions([try QUICWire.initial(frames: frames)]).count <= 1)
    }
  }

  @Test(
    .enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing),
    arguments: [("quic-v2.pcapng", "test", QUICWire.version2)])
  func `opens a real connection`(file: String, name: String, version: UInt32) throws {
    let folder = try #require(SharedCaptures.folder)
    let found = SharedCaptures.observations(folder.appendingPathComponent("other/nDPI--" + file))
    let sessions = found.compactMap { if case .tls(let event) = $0.content { event.session } else { nil } }
    #expect(sessions.map(\.serverName) == [name])
    #expect(sessions.map(\.transport) == [.quic(version: version)])
  }
}
