import Capture
import Decode
import Foundation
import Policy
import Simulator
import Testing

@testable import Watch

/// Foundation has a `Host` too.
private typealias Host = Simulator.Host

/// What `minewatch learn` proposes, over real capture files.
@Suite
struct LearningTests {
  private static let start = Timestamp(seconds: 1_790_000_100)
  private static let pool = Host("203.0.113.10")
  private static let resolver = Host("10.1.0.1")

  // MARK: Traffic

  /// A session with a login and `shares` accepted shares.
  private static func mining(
    _ miner: Host, at pool: Host = pool, port: UInt16 = 3333, user: String, shares: Int = 3, clientPort: UInt16 = 40_000
  ) -> Conversation {
    var turns: [Conversation.Turn] = [
      .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
      .client(StratumLines.authorize(user: user)), .server(StratumLines.result(id: 3)),
      .server(StratumLines.setDifficulty(1024)), .server(StratumLines.notify(job: "6601", branches: 1)),
    ]
    for share in 0..<shares {
      turns += [.wait(.seconds(100)), .server(StratumLines.notify(job: "66\(share)2", branches: 1))]
      let id = 4 + share
      turns.append(.client(StratumLines.submit(id: id, user: user, job: "6601", nonce: UInt32(77 + share))))
      turns.append(.server(StratumLines.result(id: id)))
    }
    return Conversation(from: miner, clientPort: clientPort, to: pool, port: port, turns: turns)
  }

  private static func miner(_ number: Int) -> Host { Host("10.20.0.\(number)") }

  /// Look-up and session of each miner, a second apart.
  private static func site(_ miners: ClosedRange<Int>) -> Tape {
    var tape = Tape()
    for (second, number) in miners.enumerated() {
      let time = start.advanced(by: .seconds(second))
      tape.append(
        Lookup("stratum.example-pool.com", by: miner(number), at: resolver, gives: [pool.address]).tape(at: time))
      tape.append(mining(miner(number), user: "acme.r\(number)").tape(at: time.advanced(by: .milliseconds(50))))
    }
    return tape
  }

  private static func learn(_ tape: Tape, standing: String? = nil) throws -> Learning.Outcome {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("learn-\(UUID().uuidString).pcap").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try tape.sorted().write(to: path)
    let policy = try standing.map { try PolicyFile.read(text: $0, file: "standing.yaml") }
    return try Learning(standing: policy, filter: "").overFiles([path])
  }

  /// The lines without the first, which names the file.
  private static func lines(_ outcome: Learning.Outcome) -> [String] {
    outcome.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().map(String.init)
  }

  private static func odd(_ outcome: Learning.Outcome) -> [String] {
    lines(outcome).filter { $0.hasPrefix("#   - ") }.map { String($0.dropFirst(6)) }
  }

  // MARK: What is proposed

  @Test func `a healthy site's proposal reads like this, and is silent`() throws {
    let outcome = try Self.learn(Self.site(2...6))
    #expect(
      Self.lines(outcome).joined(separator: "\n") == """
        # Read every line before you use it: what was seen is not always what should be.
        # Then: minewatch check --config FILE

        miners:
          networks:
            - "10.20.0.0/24"  # 5 miners
          managers: []

        pools:
          - name: "example-pool"
            endpoints:
              - "stratum+tcp://stratum.example-pool.com:3333"  # 5 miners, 100.0 % of the accepted work
            accounts:
              - "acme.*"  # 5 miners

        services:
          dns:
            - "10.1.0.1"  # 5 miners
          # ntp: none was seen; as long as none is named, every private address may serve.
          # dhcp: none was seen; as long as none is named, every private address may serve.

        """)
    #expect(try #require(outcome.raised).map(\.rule) == [])
  }

  @Test func `one miner's pool, account and resolver are odd, and reported under the proposal`() throws {
    var tape = Self.site(2...6)
    let later = Self.start.advanced(by: .seconds(60))
    tape.append(Self.mining(Self.miner(7), at: Host("198.51.100.23"), user: "acme.r7").tape(at: later))
    tape.append(Self.mining(Self.miner(8), user: "mallory.r8").tape(at: later))
    tape.append(
      Lookup("stratum.example-pool.com", by: Self.miner(8), at: Host("9.9.9.9"), gives: [Self.pool.address])
        .tape(at: later))
    let outcome = try Self.learn(tape)
    #expect(
      Self.odd(outcome) == [
        "10.20.0.7 alone mined at stratum+tcp://198.51.100.23:3333",
        #"10.20.0.8 alone mined for "mallory" at example-pool"#,
        "10.20.0.8 reached for 9.9.9.9 as a resolver; no other miner did",
      ])
    #expect(
      try #require(outcome.raised).map(\.rule) == [
        "dns.unlisted-resolver", "pool.unlisted", "stratum.account-unlisted",
      ])
  }

  @Test func `a forged answer names nothing`() throws {
    var tape = Self.site(2...6)
    let later = Self.start.advanced(by: .seconds(60))
    let stranger = Host("198.51.100.23")
    tape.append(
      Lookup("stratum.example-pool.com", by: Self.miner(7), at: Self.resolver, gives: [stranger.address])
        .tape(at: later))
    tape.append(Self.mining(Self.miner(7), at: stranger, user: "acme.r7").tape(at: later.advanced(by: .seconds(1))))
    let odd = Self.odd(try Self.learn(tape))
    #expect(odd.contains("10.20.0.7 alone mined at stratum+tcp://198.51.100.23:3333"))
    #expect(odd.contains(#"10.20.0.7 alone was told that "stratum.example-pool.com" is at 198.51.100.23"#))
  }

  @Test func `work for two at once is a second session`() throws {
    var tape = Self.site(2...6)
    for number in 2...6 {
      var fee = Self.mining(
        Self.miner(number), at: Host("198.51.100.80"), user: "devfee", shares: 1, clientPort: 41_000)
      fee.turns.insert(.wait(.seconds(150)), at: 6)
      tape.append(fee.tape(at: Self.start.advanced(by: .seconds(number))))
    }
    let outcome = try Self.learn(tape)
    let told = try #require(Self.odd(outcome).first)
    #expect(told.hasPrefix("second sessions: 5 miners gave 25.0 % of all work to stratum+tcp://198.51.100.80:3333"))
    #expect(!outcome.text.contains("\"devfee\""))
  }

  /// Who is a manager is only being learned; what was done to a miner is told all the same.
  @Test func `commands that change miners are told`() throws {
    var tape = Self.site(2...6)
    let stage = Stage(miner: Self.miner(3), at: Self.start.advanced(by: .seconds(60)))
    let pool = #"{"command":"addpool","parameter":"stratum+tcp://pool.evil.example:3333,mallory.x,x"}"#
    tape.append(stage.play(stage.command(pool, says: "Added pool")))
    tape.append(stage.play(stage.command(#"{"command":"summary"}"#, clientPort: 52_009, says: "Summary")))
    let text = try Self.learn(tape).text
    #expect(text.contains("critical control.command: 10.1.0.17, which is no manager, told the miner \"addpool\""))
    #expect(!text.contains("control.access"))
  }

  @Test func `a site without miners has nothing to propose`() throws {
    let lookup = Lookup("www.example.com", by: Self.miner(2), at: Self.resolver, gives: [Self.pool.address])
    let failure = try #require(throws: WatchFailure.self) { try Self.learn(lookup.tape(at: Self.start)) }
    #expect(failure.status == .badCapture)
    #expect(failure.sentence.hasPrefix("no miner was seen in ") && failure.sentence.hasSuffix("; nothing to propose"))
  }

  /// The gateway passes on what a server behind it says, and the miners' real network is larger than what was seen of it.
  @Test func `a relay and broadcasts are no findings under the proposal`() throws {
    let gateway = Host("10.20.0.1")
    let everybody = Host("10.20.255.255", mac: LinkFrames.everybody)
    var tape = Self.site(2...6)
    for number in 2...6 {
      let miner = Self.miner(number)
      let time = Self.start.advanced(by: .milliseconds(100 * number))
      for type: UInt8 in [2, 5] {
        let lease = DHCPBytes.fromServer(
          Self.resolver.address, to: miner.mac, type: type, gives: miner.address, router: gateway.address,
          resolvers: [Self.resolver.address], relay: gateway.address)
        tape.append(
          FrameBytes.udp(
            from: gateway, port: DHCPBytes.serverPort, to: miner, port: DHCPBytes.clientPort, payload: lease),
          at: time)
      }
      tape.append(
        FrameBytes.udp(from: miner, port: 137, to: everybody, port: 137, payload: [0, 1, 2, 3]),
        at: time.advanced(by: .seconds(20)))
      tape.append(
        FrameBytes.udp(from: miner, port: 50_000, to: Host("239.255.255.250"), port: 1_900, payload: [0, 1, 2, 3]),
        at: time.advanced(by: .seconds(30)))
    }
    let outcome = try Self.learn(tape)
    let dhcp = try PolicyFile.read(text: outcome.text, file: "proposal.yaml").services.dhcp
    #expect(dhcp?.description == "10.1.0.1, 10.20.0.1")
    #expect(Self.odd(outcome) == [])
    #expect(try #require(outcome.raised).map(\.rule) == [])
  }

  @Test func `a small site is believed`() throws {
    let outcome = try Self.learn(Self.site(2...2))
    #expect(outcome.text.contains("stratum+tcp://stratum.example-pool.com:3333"))
    #expect(Self.odd(outcome) == [])
  }

  @Test func `a session older than its name is listed by address too`() throws {
    var tape = Self.site(2...6)
    var old = Self.mining(Self.miner(9), at: Host("203.0.113.11"), user: "acme.r9", shares: 1)
    old.start = .middle
    tape.append(old.tape(at: Self.start))
    for number in 2...6 {
      tape.append(
        Lookup(
          "stratum.example-pool.com", by: Self.miner(number), at: Self.resolver, gives: [Host("203.0.113.11").address]
        ).tape(at: Self.start.advanced(by: .seconds(90 + number))))
    }
    let outcome = try Self.learn(tape)
    #expect(outcome.text.contains("stratum+tcp://203.0.113.11:3333"))
    #expect(try #require(outcome.raised).map(\.rule) == [])
  }

  // MARK: Bytes from the wire

  @Test(arguments: [#"acme\n- name: evil"#, ##"x" # y"##, #"*"#, #"a?me.1"#, "{}", "\u{202e}acme", "null", "~"])
  func `a user is a text, never YAML nor a pattern`(user: String) throws {
    var tape = Tape()
    for number in 2...6 { tape.append(Self.mining(Self.miner(number), user: user).tape(at: Self.start)) }
    let outcome = try Self.learn(tape)
    // It was read as a policy, or this would have thrown; nobody else may be paid under it.
    let policy = try PolicyFile.read(text: outcome.text, file: "proposal.yaml")
    let accounts = policy.pools.first?.accounts ?? []
    #expect(!accounts.contains { $0.matches("mallory") })
  }

  // MARK: Against a policy in force

  @Test func `the differences to a policy are told line by line`() throws {
    let standing = """
      site: hall
      miners: {networks: [10.20.0.0/16], managers: [10.1.0.16/28]}
      pools:
        - name: example
          endpoints: ["stratum+tcp://stratum.example-pool.com:3333"]
          accounts: ["acme.*", "old.*"]
      services: {dns: [10.1.0.1]}
      """
    let outcome = try Self.learn(Self.site(2...6), standing: standing)
    #expect(
      outcome.differences == [
        "- miners 10.20.0.0/16", "+ miners 10.20.0.0/24", "- managers 10.1.0.16/28", "+ managers none",
        "- accounts acme.*, old.*", "+ accounts acme.*",
      ])
  }
}
