import Flows

/// What the protocol stage knows of a flow, in the 32 bits that the flow table keeps for it beside its own state: for a
/// known Stratum session all that a packet needs.
///
///      31                        14 13 12 11 10  9  8     6  5        0
///     +----------------------------+--+--+--+--+--+---------+----------+
///     |          session           |CB|NB|NA|TB|TA|  phase  | said + 1 |
///     +----------------------------+--+--+--+--+--+---------+----------+
struct ApplicationState: Equatable {
  enum Phase: UInt32 {
    /// Not known yet; after 10 s it may have been called silent or unknown all the same.
    case probing
    case stratum
    case dnsStream
    /// A ``StreamReader`` reads it; `session` is its number.
    case reading
    case datagrams
    /// TLS behind its handshake: ``TLSSizing`` counts, and `session` is what it keeps.
    case sizing
    /// Nothing more to learn from its bytes.
    case done
  }

  var rawValue: UInt32

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  var phase: Phase {
    get { Phase(rawValue: rawValue >> 6 & 7) ?? .done }
    set { rawValue = rawValue & ~0x1c0 | newValue.rawValue << 6 }
  }

  /// What was said of the flow, if anything was.
  var identified: AppProtocol? {
    get { rawValue & 0x3f == 0 ? nil : AppProtocol(number: rawValue & 0x3f &- 1) }
    set { rawValue = rawValue & ~0x3f | (newValue.map { $0.number &+ 1 } ?? 0) }
  }

  /// Its bytes are frames, and what is inside them is looked through when they are off.
  var isUnwrapped: Bool { phase == .reading && (identified == .webSocket || identified == .stratum) }

  /// A direction has unfinished bytes in a buffer.
  func hasTail(_ end: End) -> Bool { rawValue & Self.tailBit(end) != 0 }
  mutating func setTail(_ end: End, _ isSet: Bool) { set(Self.tailBit(end), isSet) }

  /// An NTP packet of this end was reported.
  func hasNTP(_ end: End) -> Bool { rawValue & Self.ntpBit(end) != 0 }
  mutating func setNTP(_ end: End) { set(Self.ntpBit(end), true) }

  /// Who was the client when the Stratum session was opened.
  var client: End {
    get { rawValue & 1 << 13 == 0 ? .a : .b }
    set { set(1 << 13, newValue == .b) }
  }

  /// Number of the Stratum session, or of the reader; what sizing keeps.
  var session: UInt32 {
    get { rawValue >> 14 }
    set { rawValue = rawValue & 0x3fff | newValue << 14 }
  }

  private static func tailBit(_ end: End) -> UInt32 { end == .a ? 1 << 9 : 1 << 10 }
  private static func ntpBit(_ end: End) -> UInt32 { end == .a ? 1 << 11 : 1 << 12 }

  private mutating func set(_ bit: UInt32, _ isSet: Bool) {
    rawValue = isSet ? rawValue | bit : rawValue & ~bit
  }
}
