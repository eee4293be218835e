import Flows
import Policy
import Protocols

/// The rule for packets that contradict each other: tricks that are played on a miner, on its pool, or on this monitor.
extension Rule {
  static let stratumInjected: Rule = Rule(
    id: 2013, name: "stratum.injected", level: .critical,
    title: "Two different payloads for the same bytes of a miner's session", category: "Session hijack",
    rationale: """
      The same place in a TCP stream or in a fragmented packet was sent twice with different contents, or a connection goes on \
      after its end, or bytes are marked as urgent so that the receiver takes one out. TCP repeats itself, but never otherwise. \
      Somebody on the way puts words into the session, or plays tricks so that a monitor reads something else than the receiver.
      """,
    advice: """
      Keep the capture. Find out on which side of the gateway the second version came from (compare TTL and MAC), and treat \
      everything that this miner was told in the session as hostile. Other sessions on the same path are in danger too.
      """,
    falsePositives: [
      "A middlebox that rewrites sessions, or a mirror port that shows traffic both before and after it.",
      "A TCP keep-alive that carries one byte of garbage (RFC 1122 §4.2.3.6).",
    ],
    techniques: [.adversaryInTheMiddle, .adversaryInTheMiddleICS, .transmittedDataManipulation], hears: [.conflicts]
  ) { observation, analysis in
    guard case .streamConflict(let conflict, let sender) = observation.content, let flow = observation.flow else {
      return nil
    }
    let isMiners = analysis.isMiner(flow.client.address)
    guard isMiners || analysis.isMiner(flow.server.address), !isTelnetSynch(conflict, flow) else { return nil }
    let other = isMiners ? "the pool" : "who asks the miner"
    let (title, sentence) = words(for: conflict, from: (sender == .client) == isMiners ? "the miner" : other)
    return Judgement(
      title, message: "In the session with \(analysis.server(of: flow)), \(sentence).",
      subject: "\(hostAndPort(flow.server)) \(sender.rawValue)", fromServer: sender == .server, section: "injection",
      facts: [
        ("sender", .text(sender.rawValue)), ("sequence", .count(UInt64(conflict.sequence))),
        ("first", .text(excerpt(conflict.first))), ("second", .text(excerpt(conflict.second))),
      ])
  }

  /// Telnet's own use of urgent data: what it marks begins with IAC (RFC 854, "The TELNET Synch Signal").
  private static func isTelnetSynch(_ conflict: StreamConflict, _ flow: FlowFacts) -> Bool {
    conflict.kind == .urgent && flow.server.port == 23 && conflict.second.first == 0xff
  }

  /// The first says it shortly, the second in a sentence.
  private static func words(for conflict: StreamConflict, from who: String) -> (title: String, sentence: String) {
    switch conflict.kind {
    case .bytes:
      (
        "two versions of what \(who) says",
        "two versions of what \(who) says at sequence number \(conflict.sequence): first \(excerpt(conflict.first)), then "
          + excerpt(conflict.second)
      )
    case .fragments:
      (
        "fragments from \(who) contradict each other",
        "a packet from \(who) came in fragments that contradict each other: its receiver may have read something else"
      )
    case .goesOn:
      (
        "a connection goes on after its end",
        "\(who) goes on at sequence number \(conflict.sequence) after the connection was closed or reset: somebody forged that "
          + "end, and what was said since may not have been read"
      )
    case .urgent:
      (
        "urgent data from \(who)",
        "\(who) marks bytes as urgent, of which the receiver takes one out of the session: \(excerpt(conflict.second))"
      )
    }
  }
}
