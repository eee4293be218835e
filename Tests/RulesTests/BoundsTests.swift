import Capture
import Decode
import Policy
import Protocols
import Testing

@testable import Rules

/// Each table of the rules, filled up to its bound and five further: these are counted, and the table goes on.
///
/// What a table is called here is its row in ``Capture/Limits/all``.
@Suite
struct BoundsTests {
  private static let over = 5

  struct Case: Sendable {
    let row: String
    /// Fills a table with so many more than its bound, and tells how many it says it missed.
    let drive: @Sendable (_ over: Int) -> UInt64

    init(_ row: String, _ drive: @escaping @Sendable (_ over: Int) -> UInt64) {
      self.row = row
      self.drive = drive
    }
  }

  private static func host(_ number: Int) -> IPAddress { IPAddress(v4: 0x0a00_0000 &+ UInt32(number)) }

  private static func facts(_ number: Int) -> FlowFacts {
    FlowFacts(
      id: UInt64(number + 1), client: Endpoint(address: host(number), port: 40_000),
      server: Endpoint(address: address(stranger), port: 443), ipProtocol: 6, firstSeen: watchBegins)
  }

  static let cases: [Case] = [
    Case("exchanges") { over in
      var table = Exchanges()
      for number in 0..<Limits.exchanges + over {
        table.note(rule: "control.command", subject: "restart", text: "restart", miner: host(number), at: 1)
      }
      return table.missed
    },
    Case("habits") { over in
      var table = FleetWatch()
      for number in 0..<Limits.habits + over { _ = table.row(of: host(number)) }
      return table.missed
    },
    Case("traffic habits") { over in
      var table = Traffic()
      for number in 0..<Limits.seenMiners + over { table.began(sessionOf: host(number)) }
      return table.missed
    },
    Case("strange calls") { over in
      var table = Beacons()
      for number in 0..<Limits.beaconPairs + over {
        let pair = Beacons.Pair(miner: host(number), server: address(stranger), port: 443, ipProtocol: 6)
        _ = table.note(pair, at: watchBegins, least: 8)
      }
      return table.missed
    },
    Case("strange destinations") { over in
      var table = NewDestinations()
      for number in 0..<Limits.newDestinations + over {
        table.note(
          facts(number), at: "host-\(number)", isResolver: false, at: watchBegins, isSettling: true,
          window: .seconds(600), limit: 10)
      }
      return table.missed
    },
    Case("compared work") { over in
      var table = Switches()
      // The first is that of what has no name.
      for number in 1..<Limits.switchNames + over { _ = table.number(of: "pool-\(number)") }
      return table.missed
    },
    Case("scan sources") { over in
      var table = ScanWatch()
      for number in 0..<Limits.scanSources + over {
        _ = table.note(
          host(number), address(miner), ipProtocol: 6, port: 22, at: watchBegins,
          (window: .seconds(60), miners: 10, ports: 10))
      }
      // Once as a host, and once with its miner.
      return table.missed / 2
    },
    Case("wrapped flows") { over in
      var table = Wrappers()
      for number in 0..<Limits.wrappedFlows + over { table.note(Wrapper(.socks5), of: UInt64(number)) }
      return table.refused
    },
    Case("time pairs") { over in
      var table = TimeTraffic()
      for number in 0..<Limits.timePairs + over {
        let pair = TimeTraffic.Pair(miner: host(number), server: address(resolver))
        _ = table.count(1, of: pair, at: watchBegins, limit: 100)
      }
      return table.missed
    },
    Case("asked domains") { over in
      var table = NameTraffic()
      for number in 0..<Limits.nameAskers + over {
        _ = table.note(host(number), "evil.example", at: watchBegins, window: .seconds(600)) { $0.queries += 1 }
      }
      return table.missed
    },
    Case("identities") { over in
      var table = Identities()
      for number in 0..<Limits.identities + over {
        table.heard(
          "cgminer", as: .agent, of: Endpoint(address: host(number), port: 0), in: nil, at: watchBegins)
      }
      return table.missed
    },
    Case("seen devices") { over in
      var table = KnownDevices()
      for number in 0..<Limits.seenDevices + over {
        let mac = MACAddress(rawValue: 0x0200_0000_0000 | UInt64(number))
        _ = table.meet(mac, at: host(number), time: watchBegins, isRouter: false)
      }
      return table.missed
    },
    Case("watched sessions") { over in
      var fleet = Fleet()
      for number in 0..<Limits.watchedSessions + over { fleet.hides(facts(number)) }
      return fleet.missed.sessions
    },
    Case("seen miners") { over in
      var fleet = Fleet()
      for number in 0..<Limits.seenMiners + over {
        fleet.saw(Endpoint(address: host(number), port: 0), at: watchBegins)
      }
      return fleet.missed.miners
    },
    Case("summed workers") { over in
      var fleet = Fleet()
      let introduced = StratumEvent(session: StratumSession(), what: .introduced)
      for number in 0..<Limits.stratumUsers + over { fleet.heard(introduced, in: facts(number), at: watchBegins) }
      return fleet.missed.users
    },
    Case("pools' payouts") { over in
      var table = Payouts()
      for number in 0..<Limits.poolsSeen + over {
        let change = Payouts.Change(
          flow: facts(number), session: StratumSession(), place: "pool-\(number)", payees: 1,
          payout: MiningPayout(outputs: [], count: 0), time: watchBegins, isAtNewBlock: false)
        table.heard(change, learning: .seconds(600))
      }
      return table.missed
    },
    Case("divided work") { over in
      var table = Allegiances()
      var totals = ShareTotals(seconds: 60)
      totals.accepted = 1
      let session = JobBook.Standing(place: "pool", tookBlock: watchBegins)
      let bounds = Allegiances.Bounds(window: .seconds(600), overlap: .seconds(300), turns: 3)
      for number in 0..<Limits.seenMiners + over {
        _ = table.heard(totals, of: session, in: facts(number), at: watchBegins, bounds)
      }
      return table.missed
    },
    Case("waiting commands") { over in
      var table = CommandWatch()
      let command = MinerCommand(APIRequest(.cgminer, number: 1, command: "restart"), CommandBook())
      for number in 0..<Limits.waitingCommands + over {
        _ = table.wait(for: command, in: facts(number), at: watchBegins)
      }
      return table.overflow
    },
    Case("unasked answers") { over in
      var answers = UnaskedAnswers()
      let message = DNSMessage(identifier: 1, isResponse: true, question: "pool.example", questionType: 1)
      for number in 0..<Limits.unaskedAnswers + over { answers.note(message, in: facts(number), at: watchBegins) }
      return answers.forgotten
    },
    Case("files in pieces") { over in
      var table = FilePieces()
      for number in 0..<Limits.pieceFlows + over { _ = table.add(FilePieces.least, UInt64(number), .client, 1 << 20) }
      return table.missed
    },
    Case("held judgements") { over in
      var held = HeldObservations()
      let observation = facts(1).observed(.flowIdentified(.unknown))
      for _ in 0..<Limits.heldJudgements + over { _ = held.hold(observation, until: watchBegins) }
      return held.refused
    },
  ]

  @Test func `a bound that is told of is in the table of bounds`() throws {
    let analyst = Analyst(policy: try policy())
    let names = analyst.boundTotals.map(\.bound)
    #expect(Set(names).count == names.count)
    #expect(Set(names).subtracting(Limits.all.map(\.name)).isEmpty)
  }

  @Test(arguments: cases.map(\.row))
  func `a full table counts what it leaves out`(row: String) throws {
    let bound = try #require(Self.cases.first { $0.row == row })
    #expect(Limits.all.contains { $0.name == row })
    #expect(bound.drive(Self.over) == UInt64(Self.over))
  }
}
