import Capture
import Decode
import Flows

@testable import Protocols

/// One side's turn in a conversation.
struct Turn {
  var sender: Role
  var bytes: [UInt8]
  /// Packet time passes before it.
  var seconds: Double = 0

  /// A line, ended by a line feed.
  static func client(_ line: String, after seconds: Double = 0) -> Turn {
    Turn(sender: .client, bytes: Array((line + "\n").utf8), seconds: seconds)
  }

  static func server(_ line: String, after seconds: Double = 0) -> Turn {
    Turn(sender: .server, bytes: Array((line + "\n").utf8), seconds: seconds)
  }

  /// What is said, without its line feed.
  var line: String { String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self) }

  /// Bytes as they are.
  static func raw(_ sender: Role, _ bytes: [UInt8]) -> Turn { Turn(sender: sender, bytes: bytes) }
}

/// Plays conversations to a ``StratumTable``, cut up as TCP might, and keeps the left-overs as the stage does.
struct StratumPlayer: ~Copyable {
  var table: StratumTable
  var session: StratumSessionIndex
  var events: [StratumEvent] = []
  var now = Timestamp(seconds: 1_700_000_000)
  var isReversed = false
  private var leftOver: [Role: [UInt8]] = [:]

  init(
    midstream: Bool = false, rolesAreCertain: Bool = true, users: Int = 1_024, requests: Int = 1_024, seed: UInt64 = 1
  ) {
    table = StratumTable(sessions: 4, users: users, requests: requests, seed: seed)
    let opened = table.open(midstream: midstream, rolesAreCertain: rolesAreCertain, at: now)
    session = opened ?? StratumSessionIndex(rawValue: 0)
  }

  mutating func play(_ turns: [Turn], segment: Int = .max) {
    for turn in turns {
      now = now.advanced(byNanoseconds: Int64(turn.seconds * 1e9))
      var rest = turn.bytes[...]
      while !rest.isEmpty {
        receive(Array(rest.prefix(segment)), from: turn.sender)
        rest = rest.dropFirst(segment)
      }
    }
  }

  mutating func receive(_ bytes: [UInt8], from claimed: Role, atEnd: Bool = false) {
    let sender = isReversed ? claimed.other : claimed
    let all = (leftOver[claimed] ?? []) + bytes
    let slab = Slab(copying: all)
    let progress = table.receive(
      slab.bytes(0..<all.count), from: sender, session, at: now, atEnd: atEnd, into: &events)
    if progress.rolesReversed { isReversed.toggle() }
    leftOver[claimed] = Array(all.dropFirst(progress.consumed))
  }

  mutating func lose(from claimed: Role) {
    leftOver[claimed] = []
    table.gap(session, from: isReversed ? claimed.other : claimed)
  }

  mutating func finish() {
    for role in [Role.client, .server] where leftOver[role]?.isEmpty == false { receive([], from: role, atEnd: true) }
    table.end(session, at: now, into: &events)
  }

  var counters: StratumCounters { table.counters }
  var userCount: Int { table.userCount }

  /// What was said, a line an event.
  var story: [String] { events.map(\.story) }
}

extension StratumEvent {
  var story: String {
    switch what {
    case .introduced: "introduced"
    case .user(let user, let method): "user \(user) by \(method)"
    case .password(let text): "password \(text)"
    case .identifier(let identifier): "identifier \(identifier.kind.rawValue) \(identifier.value ?? "-")"
    case .userRefused(let user): "refused \(user)"
    case .redirect(let host, let port, let wait):
      "redirect \(host ?? "-") \(port.map(String.init) ?? "-") \(wait.map { "\($0)" } ?? "-")"
    case .message(let text): "message \(text)"
    case .unexpectedMethod(let method, let sender, let reason): "method \(method) \(sender) \(reason.rawValue)"
    case .outOfOrder(let oddity): "order \(oddity.rawValue)"
    case .anomaly(let anomaly, let sender): "anomaly \(anomaly.rawValue) \(sender)"
    case .work(let work): "work \(work.line)"
    case .difficulty(let old, let new): "difficulty \(old) to \(new)"
    case .unknownJob(let job): "unknown job \(job)"
    case .channels(let channels):
      "channels \(channels.count) user \(channels.userLength.map(String.init) ?? "-") setup \(channels.setUpLength)"
    case .dialect: "dialect \(session.dialect.rawValue)"
    case .shares(let shares):
      "shares \(shares.submitted) \(shares.accepted) \(shares.rejected) worth \(shares.acceptedDifficulty) "
        + "unknown \(shares.acceptedOfUnknownDifficulty) jobs \(shares.jobs)" + (shares.isFinal ? " final" : "")
    }
  }
}

extension MiningWork {
  /// The block's last digits, its number, and who is paid where that is said.
  fileprivate var line: String {
    let payees = payout.map { payout in
      " pays \(payout.count): " + payout.outputs.map { "\($0.amount) to \($0.script)" }.joined(separator: ", ")
        + (payout.tag.map { " for \($0)" } ?? "")
    }
    return "on \(previousBlock.text.suffix(8)) height \(height.map(String.init) ?? "-")\(payees ?? "")"
  }
}

/// The story of a whole conversation, from first byte to end.
func story(
  _ turns: [Turn], segment: Int = .max, midstream: Bool = false, rolesAreCertain: Bool = true, seed: UInt64 = 1
) -> [String] {
  var player = StratumPlayer(midstream: midstream, rolesAreCertain: rolesAreCertain, seed: seed)
  player.play(turns, segment: segment)
  player.finish()
  return player.story
}
