import Flows
import Testing

@testable import Protocols

/// What a share costs is mostly what it has to fetch.
@Suite struct StratumLayoutTests {
  @Test func `what every message touches is in three cache lines of a session`() {
    #expect(MemoryLayout<StratumSessionState>.stride == 384, "sessions begin at pairs of cache lines")
    for offset in [
      MemoryLayout<StratumSessionState>.offset(of: \.requests), MemoryLayout<StratumSessionState>.offset(of: \.sums),
      MemoryLayout<StratumSessionState>.offset(of: \.jobDifficulties),
      MemoryLayout<StratumSessionState>.offset(of: \.fromServer),
    ] {
      #expect((offset ?? .max) + 16 <= 192)
    }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 100])
  func `a hash depends on every byte and on nothing else`(count: Int) {
    let ledger = StratumLedger(sessions: 1, users: 1, requests: 1, seed: 1)
    let text = (0..<count).map { UInt8(truncatingIfNeeded: 0x20 + $0 % 90) }
    let hash = { (text: [UInt8], before: Int, after: Int) -> UInt64 in
      let bytes = Array(repeating: 0x55, count: before) + text + Array(repeating: 0x66, count: after)
      let slab = Slab(copying: bytes)
      return ledger.hash(slab.bytes(0..<bytes.count), before..<before + text.count)
    }
    let expected = hash(text, 0, 0)
    #expect(hash(text, 3, 20) == expected)
    #expect(hash(text, 30, 1) == expected)
    #expect(hash(text + [0], 0, 0) != expected)
    for index in text.indices {
      var other = text
      other[index] ^= 1
      #expect(hash(other, 0, 0) != expected)
    }
  }

  @Test func `a reading of a coinbase is found until its place is taken`() {
    var readings = CoinbaseReadings()
    #expect(readings.find(5) == nil)
    #expect(readings.find(0) == nil)
    readings.keep(.init(key: 5, payees: 7, extranonce: 12, isGuess: true))
    #expect(readings.find(5)?.payees == 7)
    #expect(readings.find(5)?.extranonce == 12)
    #expect(readings.find(5 + 256) == nil)
    readings.keep(.init(key: 5 + 256, payees: 8, extranonce: 0, isGuess: false))
    #expect(readings.find(5) == nil)
    #expect(readings.find(5 + 256)?.payees == 8)
  }
}
