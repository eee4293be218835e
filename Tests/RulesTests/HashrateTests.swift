import Capture
import Decode
import Foundation
import Protocols
import Testing

@testable import Rules

/// Work made into rates: windows, errors, unknown shares, groups.
@Suite struct HashrateTests {
  private static let server = ServerAddress(Endpoint(address: address(goodPool), port: 3_333))

  /// - Parameter terahashes: that equal shares of this difficulty stand for when `count` come in a minute.
  private static func work(_ count: UInt32, difficulty: Double, unknown: UInt32 = 0) -> ShareWork {
    var work = ShareWork()
    work.accepted = count
    work.unknown = unknown
    work.difficulty = Double(count) * difficulty
    work.squares = Double(count) * difficulty * difficulty
    return work
  }

  private static func worker(_ user: String? = "acme.x", _ miner: String = miner) -> Hashrates.Worker {
    Hashrates.Worker(miner: address(miner), user: user)
  }

  /// Minutes of the same work for each worker; nil for a minute without.
  private static func rates(_ minutes: [[(Hashrates.Worker, ShareWork)]]) -> Hashrates {
    var rates = Hashrates()
    rates.open(at: watchBegins)
    for (index, minute) in minutes.enumerated() {
      for (worker, work) in minute { _ = rates.book(work, of: worker, at: server, since: watchBegins) }
      _ = rates.close(at: seconds(after: Double(index + 1) * 60)) { _ in "good" }
    }
    return rates
  }

  @Test func `accepted difficulty times two to the 32 over time is the rate`() throws {
    // 6 shares of 233,000 a minute: 100.07 TH/s.
    let rates = Self.rates(Array(repeating: [(Self.worker(), Self.work(6, difficulty: 233_000))], count: 20))
    let estimates = try #require(rates.rows.first).window.estimates
    #expect(estimates.map(\.minutes) == [1, 5, 15, 60])
    #expect(estimates.map(\.shares) == [6, 30, 90, 120])
    #expect(estimates.map(\.seconds) == [60, 300, 900, 1_200])
    for estimate in estimates {
      #expect(abs((estimate.terahashes ?? 0) - 100.07) < 0.01)
      #expect(abs((estimate.relativeError ?? 0) - 1 / Double(estimate.shares).squareRoot()) < 1e-3)
    }
    #expect(abs((rates.rate(of: address(miner)) ?? 0) - 100.07) < 0.01)
  }

  @Test func `mixed difficulties have the error of the few heavy shares`() throws {
    var work = Self.work(100, difficulty: 1)
    work.add(Self.work(1, difficulty: 100))
    let estimate = try #require(Self.rates([[(Self.worker(), work)]]).rows.first).window.estimate(minutes: 1)
    #expect(abs((estimate.relativeError ?? 0) - (100.0 + 10_000).squareRoot() / 200) < 1e-4)
  }

  @Test func `unknown difficulty is unknown, and spoils only its own minute`() throws {
    let unknown = (Self.worker(), Self.work(0, difficulty: 0, unknown: 5))
    let first = try #require(Self.rates([[unknown]]).rows.first).window.estimate(minutes: 15)
    #expect(first.terahashes == nil)
    #expect(first.unknownShares == 5)
    let later = Self.rates([[unknown], [(Self.worker(), Self.work(6, difficulty: 233_000))]])
    let estimate = try #require(later.rows.first).window.estimate(minutes: 15)
    #expect(abs((estimate.terahashes ?? 0) - 100.07) < 0.01)
    #expect(estimate.seconds == 60)
  }

  @Test func `a miner that stops falls to zero, and goes after an hour`() throws {
    let busy = [(Self.worker(), Self.work(6, difficulty: 233_000))]
    let rates = Self.rates([busy] + Array(repeating: [], count: 20))
    let estimate = try #require(rates.rows.first).window.estimate(minutes: 5)
    #expect(estimate.terahashes == 0)
    #expect(estimate.range == nil)
    #expect(Self.rates([busy] + Array(repeating: [], count: 70)).rows.isEmpty)
  }

  @Test func `pools, accounts and the site are the sums of their workers`() {
    let rates = Self.rates([
      [
        (Self.worker("acme.x"), Self.work(6, difficulty: 1_000)),
        (Self.worker("acme.y", "10.20.0.6"), Self.work(3, difficulty: 1_000)),
        (Self.worker("other.z", "10.20.0.7"), Self.work(1, difficulty: 1_000)),
      ]
    ])
    #expect(rates.site.work.difficulty == 10_000)
    #expect(rates.site.workers == 3)
    #expect(rates.pools["good"]?.work.accepted == 10)
    #expect(rates.accounts["acme"]?.work.accepted == 9 && rates.accounts["other"]?.work.accepted == 1)
  }

  @Test func `an encrypted session makes a rate unknown, not zero`() throws {
    var rates = Hashrates()
    rates.open(at: watchBegins)
    rates.hide(Self.worker(nil), at: Self.server, since: watchBegins)
    for minute in 1...70 { _ = rates.close(at: seconds(after: Double(minute) * 60)) { _ in "good" } }
    #expect(try #require(rates.rows.first).window.estimate(minutes: 15).terahashes == nil)
    #expect(rates.pools["good"]?.unreadable == 1)
    rates.unhide(Self.worker(nil))
    for minute in 71...80 { _ = rates.close(at: seconds(after: Double(minute) * 60)) { _ in "good" } }
    #expect(rates.rows.isEmpty)
  }

  @Test func `a pause in the capture makes no rate`() {
    var rates = Hashrates()
    rates.open(at: watchBegins)
    _ = rates.book(Self.work(6, difficulty: 1), of: Self.worker(), at: Self.server, since: watchBegins)
    #expect(rates.close(at: seconds(after: 3_600)) { _ in nil } == nil)
    #expect(rates.rows.isEmpty)
  }

  @Test func `the table is bounded and counts what it refuses`() {
    var rates = Hashrates()
    rates.open(at: watchBegins)
    for index in 0...Limits.hashrateRows {
      let worker = Hashrates.Worker(miner: IPAddress(v4: UInt32(index)), user: nil)
      _ = rates.book(Self.work(1, difficulty: 1), of: worker, at: Self.server, since: watchBegins)
    }
    #expect(rates.rows.count == Limits.hashrateRows)
    #expect(rates.missed == 1)
  }

  @Test(arguments: [1.0, 3, 10, 50, 400]) func `the range holds the truth 19 times out of 20`(mean: Double) {
    var generator = SystemRandomNumberGenerator()
    var isInside = 0
    let rounds = 4_000
    for _ in 0..<rounds {
      // A Poisson number of shares, by counting exponential gaps.
      var (count, time) = (0.0, 0.0)
      while true {
        time -= log(Double.random(in: 1e-12..<1, using: &generator))
        if time > mean { break }
        count += 1
      }
      let estimate = HashrateEstimate(
        minutes: 1, seconds: 60, shares: UInt64(count), difficulty: count, squares: count)
      let truth = mean * 4_294_967_296 / 60 / 1e12
      // No share at all says that there were fewer than four.
      if estimate.range?.contains(truth) ?? (mean < 3.7) { isInside += 1 }
    }
    #expect(Double(isInside) / Double(rounds) > 0.94)
  }
}
