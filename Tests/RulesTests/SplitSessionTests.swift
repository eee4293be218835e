import Protocols
import Testing

/// One session that works for several accounts.
@Suite struct SplitSessionTests {
  private static let session = flow(to: goodPool, 3333)

  private static func work(_ user: String, _ shares: UInt32) -> SessionWork {
    var work = ShareWork()
    work.accepted = shares
    work.difficulty = Double(shares) * 1_000
    return SessionWork(flow: session.id, user: user, work: work)
  }

  /// Half an hour in which each of the users hands in shares in every minute.
  private static func told(_ users: [(name: String, shares: UInt32)]) throws -> [String] {
    let logins = users.map { session.stratum(.user($0.name, method: "mining.authorize"), user: $0.name, at: 101) }
    let sums = (1...6).map { count in
      var totals = ShareTotals(seconds: 300)
      totals.accepted = UInt64(users.reduce(0) { $0 + $1.shares }) * 5
      totals.acceptedDifficulty = Double(totals.accepted) * 1_000
      return session.stratum(.shares(totals), user: users[0].name, at: 100 + 300 * Double(count))
    }
    let minutes = (1...31).map { $0 < 3 ? [] : users.map { work($0.name, $0.shares) } }
    return try RulesTests.told(morning + session.mines(as: users[0].name) + logins + sums, minutes: minutes)
      .filter { $0.contains("split-hashrate") }
  }

  @Test func `two accounts on one session are told with what each is worth`() throws {
    let found = try Self.told([("acme.1", 9), ("thief.1", 1)])
    #expect(
      found == [
        "high stratum.split-hashrate 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: works for 2 places at once: "
          + #"90 % for "acme" at good, 10 % for "thief" at good"#
      ])
  }

  @Test func `an account that is named and never worked for is no split`() throws {
    #expect(try Self.told([("acme.1", 9), ("thief.1", 0)]) == [])
  }

  @Test func `many workers of one account are no split, and many accounts are a proxy's`() throws {
    #expect(try Self.told((1...9).map { ("acme.\($0)", 9) }) == [])
    #expect(try Self.told(["a", "b", "c", "d"].map { ("\($0).1", 9) }) == [])
  }
}
