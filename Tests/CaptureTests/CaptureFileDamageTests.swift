import Capture
import Foundation
import Glibc
import Testing

import struct Simulator.SplitMix64

@Suite struct CaptureFileDamageTests {
  @Test(arguments: [false, true])
  func `a pcap file cut at any byte gives the whole frames before it`(isBigEndian: Bool) throws {
    var file = CaptureBytes.pcap(isBigEndian: isBigEndian)
    var ends = [file.bytes.count]
    for number in 0..<3 as Range<UInt32> {
      file.record(seconds: number, fraction: 0, experimentalFrame(number))
      ends.append(file.bytes.count)
    }
    try check(file.bytes, frameEnds: ends)
  }

  @Test(arguments: [false, true])
  func `a pcapng file cut at any byte gives the whole frames before it`(isBigEndian: Bool) throws {
    var file = CaptureBytes.pcapng(isBigEndian: isBigEndian)
    file.interface(resolution: 9)
    var ends = [file.bytes.count]
    for number in 0..<3 as Range<UInt32> {
      file.packet(ticks: UInt64(number), experimentalFrame(number, byteCount: 61))
      ends.append(file.bytes.count)
    }
    try check(file.bytes, frameEnds: ends)
  }

  /// - Parameter ends: where the header ends, then where each frame does.
  private func check(_ bytes: [UInt8], frameEnds ends: [Int]) throws {
    for length in 0...bytes.count {
      let reading = try Reading(bytes: Array(bytes.prefix(length)))
      let whole = ends.count { $0 <= length } - 1
      #expect(reading.frames.count == max(whole, 0), "cut at \(length)")
      if ends.contains(length) {
        #expect(reading.failure == nil, "cut at \(length)")
        continue
      }
      let failure = try #require(reading.failure, "cut at \(length)")
      #expect(failure.exitStatus == .badCapture)
      #expect(isOneSentence(failure.sentence))
      if case .damaged(_, let framesRead, _) = failure {
        #expect(framesRead == UInt64(whole))
      } else {
        #expect(whole <= 0, "a file that was opened is damaged, not refused: \(failure)")
      }
    }
  }

  @Test func `goes no further once it is damaged`() throws {
    var bytes = CaptureFileTests.fiveFrames
    bytes.record(seconds: 0, fraction: 0, experimentalFrame(5))
    let stored = try TemporaryFile(bytes.bytes.dropLast())
    var file = try CaptureFile(path: stored.path, source: 0)
    var frames = 0
    for _ in 0..<3 {
      do {
        _ = try file.forEachFrame(limit: 100) { _ in frames += 1 }
        Issue.record("read to an end that the file does not have")
      } catch {
        guard case .damaged(stored.path, 5, _) = error else {
          Issue.record(error)
          return
        }
      }
    }
    #expect(frames == 5)
  }

  @Test(arguments: [(113, 262_144), (1, 96)])
  func `a pcapng file is read up to an interface that differs`(linkType: UInt16, snapLength: UInt32) throws {
    var file = CaptureBytes.pcapng()
    file.interface()
    file.packet(ticks: 0, experimentalFrame(0))
    file.interface(linkType: linkType, snapLength: snapLength)
    file.packet(interface: 1, ticks: 0, experimentalFrame(1))
    let reading = try Reading(bytes: file.bytes)
    #expect(reading.frames.count == 1)
    guard case .mixedInterfaces(_, 1, _) = reading.failure else {
      Issue.record("\(String(describing: reading.failure))")
      return
    }
  }

  @Test func `no bytes changed at random do harm`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    var ng = CaptureBytes.pcapng()
    ng.interface(resolution: 6)
    ng.packet(ticks: 1, experimentalFrame(1))
    ng.packet(ticks: 2, experimentalFrame(2))
    let originals = [CaptureFileTests.fiveFrames.bytes, ng.bytes]
    for round in 0..<2_000 {
      var bytes = originals[round % 2]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let reading = try Reading(bytes: bytes)
      #expect(reading.frames.count <= 20, "seed \(seed), round \(round)")
      if let failure = reading.failure { #expect(isOneSentence(failure.sentence), "seed \(seed), round \(round)") }
    }
  }
}

/// Whether `text` can stand on one line of a terminal or a log.
func isOneSentence(_ text: String) -> Bool {
  !text.isEmpty && !text.hasSuffix(".") && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
}
