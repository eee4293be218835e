import Capture
import Protocols

/// Which sessions work on another chain than the site does.
extension JobBook {
  /// A session that was given work on another block than most, for too long.
  struct Stray {
    var session: Session
    /// How long it has not agreed with the site, in seconds.
    var seconds: Double
    /// What most of the site works on.
    var majority: MiningWork
    var agreeing: Int
    var counted: Int
  }

  /// Packet time between two counts, and for how long a session's last job counts: sums come every five minutes, so one that
  /// lives is heard of in that time.
  private static var countInterval: Duration { .seconds(15) }
  private static var votingAge: Duration { .seconds(720) }
  /// From so many pools on, pools are counted; before that, sessions.
  private static var poolsThatVote: Int { 3 }

  /// Sessions that are found to be apart for the first time.
  ///
  /// - Parameters:
  ///   - delay: how long a block may take to reach everybody.
  ///   - race: how long two blocks of one number may compete.
  mutating func strays(at now: Timestamp, delay: Duration, race: Duration) -> [Stray] {
    guard isDivided, now >= nextCount else { return [] }
    nextCount = now.advanced(by: Self.countInterval)
    let heardSince = now.advanced(by: .zero - Self.votingAge)
    guard let (majority, agreeing, counted) = majority(since: heardSince) else { return [] }
    let united = united
    let strays = markStrays(from: majority, since: heardSince, at: now) { row, work in
      let isRace = work.height != nil && work.height == majority.height && work.bits == majority.bits
      let apart = row.lastJob.nanoseconds(since: max(row.agreed, united))
      return apart < (isRace ? race : delay).saturatedNanoseconds ? nil : Double(apart) / 1e9
    }
    return strays.sorted { $0.0.flow.id < $1.0.flow.id }.map { session, seconds in
      Stray(session: session, seconds: seconds, majority: majority, agreeing: agreeing, counted: counted)
    }
  }

  /// What more than half work on, how many do, and how many were asked; nil where nothing is.
  private func majority(since: Timestamp) -> (work: MiningWork, agreeing: Int, counted: Int)? {
    var votes: [BlockHash: Int] = [:]
    var pools: [SharedValues<String>.Number: [BlockHash: Int]] = [:]
    var works: [BlockHash: MiningWork] = [:]
    for index in sessions.indices where sessions[index].lastJob >= since {
      guard let work = work(at: index) else { continue }
      votes[work.previousBlock, default: 0] += 1
      pools[sessions[index].place, default: [:]][work.previousBlock, default: 0] += 1
      // The smallest of several, so that the order of a dictionary decides nothing.
      if let other = works[work.previousBlock], other.bits <= work.bits { continue }
      works[work.previousBlock] = work
    }
    let counted = votes.values.reduce(0, +)
    var winner = Self.winner(votes, of: counted)
    if pools.count >= Self.poolsThatVote {
      let choices = pools.values.compactMap { Self.winner($0, of: $0.values.reduce(0, +)) }
      winner = Self.winner(choices.reduce(into: [:]) { $0[$1, default: 0] += 1 }, of: pools.count)
    }
    guard let winner, let work = works[winner] else { return nil }
    return (work, votes[winner] ?? 0, counted)
  }

  private static func winner(_ votes: [BlockHash: Int], of total: Int) -> BlockHash? {
    votes.first { $0.value * 2 > total }?.key
  }
}
