import Capture
import Decode

/// Reads what miners are told over sockets: cgminer's API and what speaks like it, Whatsminer's API v3, and the daemon behind
/// Whatsminer's own tool. Which of them it is, the first bytes tell.
struct MinerAPIDissector: StreamDissector {
  private enum Speech: Sendable {
    case undecided
    case cgminer(CgminerConversation)
    case btminer3(Btminer3Conversation)
  }

  private var speech = Speech.undecided

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    if case .undecided = speech {
      guard let decided = Self.decide(bytes, from: sender) else { return DissectorProgress(consumed: 0) }
      speech = decided
    }
    let consumed: Int
    switch speech {
    case .cgminer(var conversation):
      consumed = conversation.consume(bytes, from: sender, into: &said)
      speech = .cgminer(conversation)
    case .btminer3(var conversation):
      consumed = conversation.consume(bytes, from: sender, into: &said)
      speech = .btminer3(conversation)
    case .undecided: consumed = 0
    }
    return DissectorProgress(consumed: consumed)
  }

  mutating func lose(from sender: Role) -> Bool {
    switch speech {
    case .cgminer(var conversation):
      conversation.lose(from: sender)
      speech = .cgminer(conversation)
      return true
    // Without the length in front nobody can tell where the next frame starts.
    case .btminer3: return false
    case .undecided: return true
    }
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    guard case .cgminer(var conversation) = speech else { return }
    conversation.finish(into: &said)
    speech = .cgminer(conversation)
  }

  /// - Returns: nil while too few bytes are there.
  private static func decide(_ bytes: RawSpan, from sender: Role) -> Speech? {
    guard bytes.byteCount >= 4 else {
      guard bytes.byteCount > 0, bytes.byte(at: 0) > 0x20 else { return nil }
      return .cgminer(CgminerConversation())
    }
    // No text has a length under 16 MiB in its first four bytes: the fourth would be a zero.
    let isFrame = bytes.byte(at: 3) == 0 && bytes.byte(at: 0) != UInt8(ascii: "{")
    return isFrame ? .btminer3(Btminer3Conversation()) : .cgminer(CgminerConversation())
  }
}
