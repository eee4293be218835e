import Capture
import Decode
import Protocols

/// Answers that came without a question: what a forger sends who would rather not wait for one.
///
/// A tap with a leg for each direction may hand up the answer first, so each is kept for a while: it is believed once its question
/// has come, and never without. Bounded by `Limits.unaskedAnswers`; the oldest makes room.
struct UnaskedAnswers: Sendable {
  /// How far a question may come behind its answer: capture rings are handed up in blocks, some tenths of a second apart.
  static let patience = Duration.seconds(3)

  private struct Answer: Sendable {
    var client: Endpoint
    var server: IPAddress
    var message: DNSMessage
    var time: Timestamp

    func belongs(to question: DNSMessage, _ flow: FlowFacts) -> Bool {
      question.identifier == message.identifier && question.question == message.question
        && flow.client.port == client.port && flow.client.address == client.address && flow.server.address == server
    }
  }

  /// In the order in which they came.
  private var answers: [Answer] = []
  /// Answers that made room before their questions could have come.
  private(set) var forgotten: UInt64 = 0

  var count: Int { answers.count }

  mutating func note(_ message: DNSMessage, in flow: FlowFacts, at now: Timestamp) {
    // Twice as long as a question may be waited for, so that it still stands here when that is over.
    answers.removeAll { now < $0.time || now > $0.time.advanced(by: Self.patience + Self.patience) }
    if answers.count >= Limits.unaskedAnswers {
      answers.removeFirst()
      forgotten &+= 1
    }
    answers.append(Answer(client: flow.client, server: flow.server.address, message: message, time: now))
  }

  /// The answer to a question that came behind it; it is forgotten here.
  mutating func take(for question: DNSMessage, in flow: FlowFacts) -> DNSMessage? {
    answers.firstIndex { $0.belongs(to: question, flow) }.map { answers.remove(at: $0).message }
  }

  /// Whether no question for this answer has come yet.
  func contains(_ message: DNSMessage, in flow: FlowFacts) -> Bool {
    answers.contains { $0.belongs(to: message, flow) }
  }
}
