import Flows
import Protocols

@testable import Rules

/// Session `number` of ten miners and more, at a pool.
private func session(_ number: Int, to server: String = goodPool, at time: Double = 20) -> FlowFacts {
  flow("10.20.2.\(number % 100)", to: server, 3333, id: UInt64(2_000 + number), at: time)
}

private let literal = "198.51.100.20"
private let name = answers("stratum.good.example", goodPool, at: 5)
/// Six miners log in; six again elsewhere after five minutes; and what tells that they lost their pool before.
private let logins: [Observation] = [name] + (1...6).flatMap { session($0).mines(as: "acme.1") }
private let moves: [Observation] = (101...106).flatMap { number in
  session(number, to: literal, at: 300 + Double(number) / 10).mines(as: "acme.1")
}
private let losses: [Observation] = (1...6).map { session($0).ended(.stratum, answered: false, at: 290) }
/// The pool ends all sessions; the miners do; and the pool's name is not found any more.
private let closings: [Observation] = (1...6).map { session($0).ended(.stratum, by: .server, at: 290) }
private let ownEnds: [Observation] = (1...6).map { session($0).ended(.stratum, by: .client, .reset, at: 290) }
private let failures: [Observation] = (1...6).map { number in
  var message = DNSMessage(identifier: 7, isResponse: true, question: "stratum.good.example", questionType: 1)
  message.responseCode = 2
  return flow("10.20.2.\(number)", to: resolver, 53, id: UInt64(4_000 + number), ipProtocol: 17, at: 290)
    .observed(.dns(message))
}
/// The pool closes the old sessions when all have moved.
private let lateClosings: [Observation] = (1...6).map { session($0).ended(.stratum, by: .server, at: 330) }
/// Six miners are at an address before anybody watched, and its name is learned while they work.
private let nameless: [Observation] = (1...6).flatMap { number in
  flow("10.20.2.\(number)", to: goodPool, 3333, id: UInt64(2_000 + number), sawStart: false, at: 20).mines(as: "acme.1")
}
private let namelessTold = (1...6).map { number in
  #"critical pool.unlisted 10.20.2.\#(number) -> 203.0.113.9:3333: authorized as "acme.1"; "#
    + "its start was not seen, nor a name of the server"
}
private let lateName = answers("stratum.good.example", goodPool, at: 250)

/// Minutes in which these sessions have work, six shares each.
private func works(_ sessions: ClosedRange<Int>, difficulty: Double = 1_000, minutes: Int) -> [[SessionWork]] {
  var work = ShareWork()
  (work.accepted, work.difficulty, work.squares) = (6, 6 * difficulty, 6 * difficulty * difficulty)
  let minute = sessions.map { SessionWork(flow: UInt64(2_000 + $0), user: "acme.1", work: work) }
  return Array(repeating: minute, count: minutes)
}

/// A short connection to a host outside.
private func calls(_ time: Double, _ number: Int) -> Observation {
  flow(to: stranger, 8080, id: UInt64(number), at: time).ended(.unknown, bytes: 700, at: time + 1)
}

private let clockwork: [Observation] = (0..<9).map { calls(Double($0) * 60 + Double($0 * $0 % 3) / 2, $0) }
private let chance: [Observation] = (0..<30).map { calls(Double($0 * 60 + $0 * $0 * 31 % 700), $0) }
private let fewCalls: [Observation] = (0..<8).map { calls(9_000 + Double($0) * 60, 100 + $0) }
private let otherCalls: [Observation] = (0..<20).flatMap { call -> [Observation] in
  let time = Double(call) * 60
  return [
    flow(to: stranger, 8080, id: UInt64(call), at: time).ended(.tls, bytes: 90_000),
    flow(to: "192.0.2.123", 123, id: UInt64(100 + call), ipProtocol: 17, at: time).ended(.ntp),
    flow(to: literal, 3333, id: UInt64(200 + call), at: time).ended(.stratum),
  ]
}

/// Two megabytes to a host outside, and nothing back.
private let carriedOut: Observation = {
  var totals = FlowTotals(reason: .finished, lastSeen: seconds(after: 130))
  totals.toServer.bytes = 2_000_000
  return flow(to: stranger, 8080).observed(.flowEnded(totals, identified: .unknown))
}()

/// Uploads to a cloud that the policy allows, each of so many bytes in both directions together.
private func uploads(_ count: Int, bytes: UInt64) -> [Observation] {
  (0..<count).map { number in
    flow(to: "198.51.100.5", 443, id: UInt64(300 + number), at: 60 * Double(number)).ended(.tls, bytes: bytes)
  }
}

/// Miners that are known before.
private func present(_ miners: ClosedRange<Int>) -> [Observation] {
  [name] + miners.map { session($0).carries(.stratum) }
}

/// Miners at a strange host, one behind the other.
private func arrivals(_ miners: ClosedRange<Int>, from time: Double, every gap: Double = 1) -> [Observation] {
  miners.map { session($0, to: stranger, at: time + gap * Double($0 - miners.lowerBound)).carries(.unknown) }
}

private func unlisted(_ miners: ClosedRange<Int>) -> [String] {
  miners.map { "high destination.unlisted 10.20.2.\($0) -> 198.51.100.66:3333: TCP, unknown protocol" }
}

extension RuleCase {
  static let behaviour: [RuleCase] = [
    .fires(
      "a call every minute", clockwork,
      "high behaviour.beacon 10.20.0.5 -> 198.51.100.66:8080: 9 small connections, every 60 s on average, "
        + "never before 60 s nor after 61 s"),
    .nearMiss(of: "behaviour.beacon", when: "the calls come by chance, or are few", chance + fewCalls),
    .nearMiss(of: "behaviour.beacon", when: "they are large, to the time server, or to a pool", otherCalls),

    .fires(
      "two megabytes in one connection",
      [carriedOut],
      "high behaviour.exfiltration 10.20.0.5 -> 198.51.100.66:8080: 2.0 MB out in one connection, under 0.1 MB back"),
    .fires(
      "one megabyte and more in many connections of an hour", uploads(30, bytes: 100_000),
      minutes: Array(repeating: [], count: 40),
      "high behaviour.exfiltration 10.20.0.5 198.51.100.5:443: 1.1 MB out in an hour that no shares explain, "
        + "the most in one connection to 198.51.100.5:443"),
    .nearMiss(
      of: "behaviour.exfiltration", when: "it takes a day, or comes in", uploads(20, bytes: 100_000),
      minutes: Array(repeating: [], count: 70)),
    RuleCase(
      name: "six miners where none was before", nearMissOf: [], story: present(1...6) + arrivals(1...6, from: 700),
      told: unlisted(1...6) + [
        "critical behaviour.new-destination-wave 6 miners -> 198.51.100.66:3333: first contact of 6 miners within 5 s"
      ]),
    RuleCase(
      name: "they are known there, or come one by one", nearMissOf: ["behaviour.new-destination-wave"],
      story: present(1...16) + arrivals(1...6, from: 100) + arrivals(1...6, from: 900)
        + arrivals(11...16, from: 2_000, every: 200),
      told: unlisted(1...6) + unlisted(1...6) + unlisted(11...16)),

    .fires(
      "six miners go over to another pool of the policy", logins + moves,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"critical fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + "both are allowed, and nothing shows that the first was lost; power unknown"),
    .fires(
      "six miners follow a pool that was lost", logins + losses + moves,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"info fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + #""good" had not let 6 of them connect before; power unknown"#),
    .fires(
      "six miners follow when the pool closes their sessions", logins + closings + moves,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"info fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + #""good" had closed 6 of their sessions before; power unknown"#),
    .fires(
      "six miners follow when the pool's name is not found", logins + failures + moves,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"info fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + #""good" was not found by name by 6 of them before; power unknown"#),
    .fires(
      "six miners break their own sessions off and go over", logins + ownEnds + moves,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"critical fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + "both are allowed, and nothing shows that the first was lost; power unknown"),
    .fires(
      "the pool closes their sessions when they have gone", logins + moves + lateClosings,
      minutes: works(1...6, minutes: 5) + works(101...106, minutes: 4),
      #"critical fleet.coordinated-switch 6 miners literal: 100 % of those at work went from "good" to "literal" at once: "#
        + "both are allowed, and nothing shows that the first was lost; power unknown"),
    RuleCase(
      name: "the name of where they are is learned", nearMissOf: ["fleet.coordinated-switch"],
      story: nameless + [lateName], minutes: works(1...6, minutes: 8), told: namelessTold),
    .fires(
      "the pool sets all another difficulty", logins,
      minutes: works(1...6, minutes: 20) + works(1...6, difficulty: 4_000, minutes: 4),
      "low fleet.coordinated-switch 6 miners good: 100 % of those at work were given a difficulty 4 times as high "
        + #"by "good" within a minute: the pool's doing; shares come less or more often, and no hashrate need be lost; "#
        + "power unknown"),
    .nearMiss(
      of: "fleet.coordinated-switch", when: "four miners change, and the others later", logins + moves,
      minutes: works(1...6, minutes: 5) + works(101...104, minutes: 6) + works(101...106, minutes: 6)),
    .nearMiss(
      of: "fleet.coordinated-switch", when: "all are set up with a difficulty when they come", logins,
      minutes: works(1...6, minutes: 3) + works(1...6, difficulty: 4_000, minutes: 4)),
  ]
}
