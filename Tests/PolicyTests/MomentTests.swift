import Capture
import Testing

@testable import Policy

@Suite struct MomentTests {
  private static let now = Timestamp(seconds: 1_800_000_000)

  @Test func `a span is that long ago, a time is itself`() throws {
    #expect(try Moment.parse("2h", now: Self.now) == Timestamp(seconds: 1_800_000_000 - 7_200))
    #expect(try Moment.parse("2026-12-01T17:00Z", now: Self.now) == Timestamp(seconds: 1_796_144_400))
    #expect(try Moment.parse("2026-12-01", now: Self.now) == Timestamp(seconds: 1_796_083_200))
    #expect(throws: WrongValue.self) { try Moment.parse("soon", now: Self.now) }
  }

  @Test(
    arguments: [
      ("2026-11-22T14:25:01.123456+0000", 1_795_357_501, 123_456_000),
      ("2026-11-22T14:25:01.123Z", 1_795_357_501, 123_000_000),
    ] as [(String, Int64, Int64)])
  func `stamps are read as sinks write them`(text: String, seconds: Int64, nanoseconds: Int64) {
    #expect(Moment.stamp(text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(arguments: [
    "", ".", "2026-11-22T14:25:01Z", "2026-11-22T14:25:01.Z", "2026-11-22T14:25:01.123", "x.1Z", "é.12Z",
  ])
  func `anything else is no stamp`(text: String) {
    #expect(Moment.stamp(text) == nil)
  }
}
