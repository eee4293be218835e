import Testing

@testable import Protocols

/// The sums that hashrate is made from.
@Suite struct ShareWorkTests {
  private static func submit(_ id: Int, _ user: String, job: String = "a") -> Turn {
    .client(#"{"id":\#(id),"method":"mining.submit","params":["\#(user)","\#(job)","00","65","0c"]}"#)
  }

  private static func answer(_ id: Int, _ isAccepted: Bool = true) -> Turn {
    .server(#"{"id":\#(id),"result":\#(isAccepted),"error":null}"#)
  }

  private static func job(_ name: String, difficulty: Int? = nil) -> [Turn] {
    let notify = Turn.server(#"{"id":null,"method":"mining.notify","params":["\#(name)"]}"#)
    guard let difficulty else { return [notify] }
    return [.server(#"{"id":null,"method":"mining.set_difficulty","params":[\#(difficulty)]}"#), notify]
  }

  private func work(_ turns: [Turn], midstream: Bool = false) -> [SessionWork] {
    var player = StratumPlayer(midstream: midstream)
    player.play(turns)
    var taken: [SessionWork] = []
    player.table.takeWork(of: player.session, flow: 7, into: &taken)
    return taken.sorted { ($0.user ?? "") < ($1.user ?? "") }
  }

  @Test func `difficulty and its square are summed, answers counted`() throws {
    let turns =
      Self.job("a", difficulty: 100)
      + [Self.submit(1, "acme.x"), Self.answer(1), Self.submit(2, "acme.x"), Self.answer(2, false)]
      + Self.job("b", difficulty: 300) + [Self.submit(3, "acme.x", job: "b"), Self.answer(3)]
    let taken = work(turns)
    let only = try #require(taken.first)
    #expect(taken.count == 1)
    #expect(only.flow == 7)
    #expect(only.user == "acme.x")
    #expect(only.work.accepted == 2)
    #expect(only.work.rejected == 1)
    #expect(only.work.unknown == 0)
    #expect(only.work.difficulty == 400)
    #expect(only.work.squares == 100 * 100 + 300 * 300)
  }

  @Test func `a share for a job that nobody saw is unknown work`() throws {
    let taken = work([Self.submit(1, "acme.x"), Self.answer(1)], midstream: true)
    #expect(taken.map(\.work.unknown) == [1])
    #expect(taken.map(\.work.accepted) == [0])
  }

  @Test func `users of one connection are told apart, the first one's early shares included`() {
    let turns =
      Self.job("a", difficulty: 10) + [Self.submit(1, "acme.x"), Self.answer(1)]
      + [Self.submit(2, "acme.y"), Self.submit(3, "acme.x"), Self.answer(3), Self.answer(2)]
      + [Self.submit(4, "acme.z"), Self.answer(4, false)]
    let taken = work(turns)
    #expect(taken.map(\.user) == ["acme.x", "acme.y", "acme.z"])
    #expect(taken.map(\.work.accepted) == [2, 1, 0])
    #expect(taken.map(\.work.difficulty) == [20, 10, 0])
    #expect(taken.map(\.work.rejected) == [0, 0, 1])
  }

  @Test func `what was taken is not taken again`() {
    var player = StratumPlayer()
    player.play(Self.job("a", difficulty: 10) + [Self.submit(1, "acme.x"), Self.answer(1)])
    var taken: [SessionWork] = []
    player.table.takeWork(of: player.session, flow: 7, into: &taken)
    player.table.takeWork(of: player.session, flow: 7, into: &taken)
    #expect(taken.count == 1)
  }
}
