import Capture
import Policy
import Protocols
import Testing

@testable import Rules

/// Eight of 24 miners go over to another pool of the policy; the alarm says as much as one about a stop.
struct SwitchConsequenceTests {
  private static let movers = 0..<8
  private static let literal = "198.51.100.20"

  private static func moved(_ miner: Int) -> FlowFacts {
    flow("10.20.2.\(miner)", to: literal, 3333, id: UInt64(3_000 + miner), at: 300 + Double(miner))
  }

  /// A minute in which each of these sessions has six shares answered.
  private static func minute(of flows: [UInt64]) -> [SessionWork] {
    var work = ShareWork()
    (work.accepted, work.difficulty, work.squares) = (6, 6_000, 6_000_000)
    return flows.map { SessionWork(flow: $0, user: "acme.\($0 % 1_000)", work: work) }
  }

  private static func alarm(_ news: [Observation], under policy: Policy) throws -> Finding {
    let moves = movers.flatMap { moved($0).mines(as: "acme.\($0)") }
    let story = (crew(0..<24) + news + moves).sorted { $0.time < $1.time }
    let before = minute(of: (0..<24).map { 2_000 + $0 })
    let after = minute(of: (0..<24).map { (movers.contains(Int($0)) ? 3_000 : 2_000) + $0 })
    var analyst = Analyst(policy: policy, startTime: watchBegins)
    analyst.openMinute(at: watchBegins)
    var rest = story[...]
    for (index, work) in (Array(repeating: before, count: 5) + Array(repeating: after, count: 4)).enumerated() {
      let end = seconds(after: 60 * Double(index + 1))
      while let next = rest.first, next.time <= end {
        analyst.observe(next)
        rest = rest.dropFirst()
      }
      analyst.tick(end)
      analyst.hear(work.map { pulse(of: $0.flow, before: end.seconds) })
      analyst.endRound(look: Sight.Look(heard: Int(end.seconds), packets: UInt64(100 * index)), at: end)
      analyst.book(work[...])
      _ = analyst.closeMinute(at: end, isWanted: false)
    }
    analyst.finish()
    return try #require(analyst.takeFindings().first { $0.rule.name == "fleet.coordinated-switch" })
  }

  private static func pulse(of flow: UInt64, before time: Int64) -> SharePulse {
    SharePulse(session: UInt32(flow - 2_000), flow: flow, shares: 6, lastShare: time - 1, difficulty: 1_000)
  }

  @Test func `says the power, what came before and what they have in common`() throws {
    var policy = try policy()
    for miner in 0..<24 {
      policy.miners.inventory.add(
        .init(name: "m\(miner)", rack: Self.movers.contains(miner) ? "north" : "south", watts: 3_500),
        address: address("10.20.2.\(miner)"), mac: nil)
    }
    let commands = Self.movers.flatMap { miner -> [Observation] in
      let call = flow(manager, to: "10.20.2.\(miner)", 4028, id: UInt64(5_000 + miner), at: 290)
      return [
        call.observed(.request(APIRequest(.cgminer, number: 0, command: "switchpool"))),
        call.observed(.requestAnswered(APIAnswer(number: 0, outcome: .accepted, text: "so"))),
      ]
    }
    let alarm = try Self.alarm(commands, under: policy)
    #expect(alarm.level == .critical)
    #expect(alarm.facts.contains { $0.name == "megawatts" && $0.value == .number(0.028) })
    #expect(alarm.facts.contains { $0.name == "before_affected" && $0.value == .count(8) })
    #expect(alarm.facts.contains { $0.name == "common" && $0.value == .list(["rack north"]) })
    #expect(alarm.brief.contains("28 kW; after control.command"))
    #expect(alarm.message.contains("at 8 of them and 0 others"))
  }

  /// That they call the new pool is the change itself, not what came before it.
  @Test func `what comes with the change is no cause of it`() throws {
    let alarm = try Self.alarm([], under: policy())
    #expect(!alarm.facts.contains { $0.name == "before" || $0.name == "common" })
  }

  @Test func `a plan makes it info, with its name`() throws {
    let plan = """
      detection:
        planned: [{name: "new pool", from: 2026-11-22T14:25Z, to: 2026-11-22T16:00Z}]
      """
    let alarm = try Self.alarm([], under: policy(plan))
    #expect(alarm.level == .info)
    #expect(alarm.brief.hasSuffix(#"as planned: "new pool""#))
  }
}
