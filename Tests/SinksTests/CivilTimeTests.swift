import Capture
import Foundation
import Testing

import struct Simulator.SplitMix64

@testable import Sinks

struct CivilTimeTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000000+0000"),
    (-1, "1969-12-31T23:59:59.000000+0000"),
    (951_782_400, "2000-02-29T00:00:00.000000+0000"),  // a century that leaps
    (4_107_542_399, "2100-02-28T23:59:59.000000+0000"),  // and one that does not
    (4_107_542_400, "2100-03-01T00:00:00.000000+0000"),
    (1_795_357_501, "2026-11-22T14:25:01.000000+0000"),
  ])
  func `writes EVE's form`(seconds: Int64, expected: String) {
    #expect(CivilTime.eve(Timestamp(seconds: seconds)) == expected)
  }

  @Test func `cuts the fraction and does not round it`() {
    let time = Timestamp(seconds: 0, nanoseconds: 999_999_999)
    #expect(CivilTime.eve(time) == "1970-01-01T00:00:00.999999+0000")
    #expect(CivilTime.rfc3339(time, fractionDigits: 3) == "1970-01-01T00:00:00.999Z")
  }

  @Test func `follows Foundation's calendar wherever a capture may claim to be`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
    // From 1678 to 2262: all that 64 bits of nanoseconds hold.
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: -9_200_000_000...9_200_000_000, using: &random)
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(CivilTime.eve(Timestamp(seconds: seconds)).hasPrefix(expected), "seed \(seed), \(seconds) s")
    }
  }

  @Test(arguments: [Int64.min, .min + 1, .max])
  func `has a date for the outermost times`(nanoseconds: Int64) {
    let text = CivilTime.eve(Timestamp(nanoseconds: nanoseconds))
    #expect(text.hasPrefix(nanoseconds < 0 ? "1677-09-21T00:12:43." : "2262-04-11T23:47:16."))
  }

  @Test func `pads RFC 3164's day with a blank`() {
    // Noon UTC is the same day wherever these tests run, but for two zones of the Pacific.
    let line = CivilTime.rfc3164(Timestamp(seconds: 1_764_763_200 - 86_400))
    #expect(line.wholeMatch(of: /Dec  [123] \d\d:00:00|Dec  [123] \d\d:(30|45):00/) != nil, "\(line)")
  }
}
