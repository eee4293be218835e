import Capture
import Protocols

/// Commands that are worth telling, until it is known what the miner made of them.
package struct CommandWatch: Sendable {
  /// How long an answer is waited for. Miners answer within a second, or close the connection.
  static let patience = Duration.seconds(3)

  /// A command and what became of it.
  struct Asked: Sendable {
    var command: MinerCommand
    var flow: FlowFacts
    var time: Timestamp
    /// Nil when no answer was seen.
    var answer: APIAnswer?
  }

  private struct Key: Hashable, Sendable {
    var flow: UInt64
    var number: UInt32
  }

  private var waiting: [Key: [Asked]] = [:]
  private var turns = Queue<(key: Key, deadline: Timestamp)>()
  private var decided: [Asked] = []
  /// Commands in `waiting` and `decided`.
  private var count = 0
  /// Commands told without waiting for their answer, because too many waited.
  private(set) var overflow: UInt64 = 0

  package init() {}

  /// - Returns: false when there is no room to wait.
  mutating func wait(for command: MinerCommand, in flow: FlowFacts, at time: Timestamp) -> Bool {
    guard count < Limits.waitingCommands else {
      overflow &+= 1
      return false
    }
    let key = Key(flow: flow.id, number: command.number)
    if waiting[key] == nil { turns.append((key, time.advanced(by: Self.patience))) }
    waiting[key, default: []].append(Asked(command: command, flow: flow, time: time))
    count += 1
    return true
  }

  mutating func heard(_ answer: APIAnswer, in flow: FlowFacts) {
    guard var asked = waiting.removeValue(forKey: Key(flow: flow.id, number: answer.number)) else { return }
    for index in asked.indices { asked[index].answer = answer }
    decided += asked
  }

  /// Takes what was answered, and what was waited for long enough.
  mutating func due(at now: Timestamp) -> [Asked] {
    while let turn = turns.first, turn.deadline <= now {
      decided += waiting.removeValue(forKey: turn.key) ?? []
      _ = turns.popFirst()
    }
    defer {
      count -= decided.count
      decided = []
    }
    return decided
  }

  /// Waits for nothing any more.
  mutating func giveUp() {
    while let turn = turns.popFirst() { decided += waiting.removeValue(forKey: turn.key) ?? [] }
  }
}
