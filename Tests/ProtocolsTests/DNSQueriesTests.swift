import Capture
import Decode
import Protocols
import Testing

struct DNSQueriesTests {
  static let miner = IPAddress(v4: 0x0a14_0102)
  static let resolver = IPAddress(v4: 0x0a01_0001)

  /// One message on the wire: `at` in seconds, `addresses` nil for a query.
  struct Turn {
    var at: Int64 = 0
    var addresses: [UInt32]?
    var id: UInt16 = 7
    var name = "pool.example"
    var anomaly: DNSMessage.Anomaly?

    static func ask(at: Int64 = 0, id: UInt16 = 7, name: String = "pool.example") -> Turn {
      Turn(at: at, id: id, name: name)
    }
    static func answer(
      _ addresses: UInt32..., at: Int64 = 0, id: UInt16 = 7, name: String = "pool.example",
      anomaly: DNSMessage.Anomaly? = nil
    ) -> Turn {
      Turn(at: at, addresses: addresses, id: id, name: name, anomaly: anomaly)
    }
  }

  /// Which of the turns contradict an earlier one.
  func contradictions(_ turns: [Turn]) -> [Int] {
    var table = DNSQueries(capacity: 64, seed: 1)
    return turns.indices.filter { index in
      let turn = turns[index]
      var message = DNSMessage(
        identifier: turn.id, isResponse: turn.addresses != nil, question: turn.name, questionType: 1)
      message.addresses = (turn.addresses ?? []).map { .init(address: IPAddress(v4: $0), timeToLive: 60) }
      message.anomaly = turn.anomaly
      let time = Timestamp(seconds: 1_000 + turn.at)
      if message.isResponse {
        table.note(&message, from: Self.resolver, 53, to: Self.miner, 40_000, at: time)
      } else {
        table.note(&message, from: Self.miner, 40_000, to: Self.resolver, 53, at: time)
      }
      return message.contradicts
    }
  }

  @Test(
    arguments: [
      ([.ask(), .answer(1, 2), .answer(3)], [2]),  // The forged answer won, or lost: both look the same.
      ([.answer(1), .answer(2)], [1]),  // The query was not seen.
      ([.ask(), .answer(1, 2), .answer(2, 1)], []),  // The same, rotated.
      ([.ask(), .answer(1), .answer(1, 1)], []),  // The same, repeated.
      ([.ask(), .answer(1), .answer(1, 2)], [2]),
      ([.ask(), .answer(), .answer(1)], [2]),  // "No such name" and a name.
      ([.ask(), .answer(1), .ask(at: 5), .answer(2, at: 5)], []),  // Asked twice, answered twice.
      ([.ask(), .ask(), .answer(1), .answer(2), .answer(1)], []),  // The third is no news.
      ([.ask(), .ask(), .answer(1), .answer(1), .answer(2)], [4]),
      ([.ask(), .answer(1), .answer(2, at: 31)], []),  // Long over: the identifier was used again.
      ([.ask(), .answer(1), .answer(2, at: 29)], [2]),
      ([.ask(), .answer(1), .answer(2, id: 8)], []),
      ([.ask(), .answer(1), .answer(2, name: "other.example")], []),
      ([.ask(), .answer(1), .answer(anomaly: .truncatedMessage)], []),
    ] as [([Turn], [Int])])
  func `tells two answers to one query`(turns: [Turn], expected: [Int]) {
    #expect(contradictions(turns) == expected)
  }

  @Test func `tells an answer without a query, where queries are seen`() {
    var table = DNSQueries(capacity: 64, seed: 1)
    func isUnasked(_ id: UInt16, asked: Bool) -> Bool {
      var query = DNSMessage(identifier: id, isResponse: false, question: "pool.example", questionType: 1)
      if asked { table.note(&query, from: Self.miner, 40_000, to: Self.resolver, 53, at: Timestamp(seconds: 1)) }
      var answer = DNSMessage(identifier: id, isResponse: true, question: "pool.example", questionType: 1)
      table.note(&answer, from: Self.resolver, 53, to: Self.miner, 40_000, at: Timestamp(seconds: 1))
      return answer.isUnasked
    }
    // A tap that shows one direction sees answers only.
    #expect(!isUnasked(1, asked: false))
    #expect(!isUnasked(2, asked: true))
    #expect(isUnasked(3, asked: false))
  }

  @Test func `forgets the oldest when full, and counts`() {
    var table = DNSQueries(capacity: 8, seed: 1)
    for id in 0..<9 {
      var query = DNSMessage(identifier: UInt16(id), isResponse: false, question: "a", questionType: 1)
      let time = Timestamp(seconds: Int64(id))
      table.note(&query, from: Self.miner, 1, to: Self.resolver, 53, at: time)
    }
    #expect(table.evicted == 1)
  }
}
