import Decode

/// What a miner sent and received in a flow, or in many.
struct TrafficVolume: Equatable, Sendable, BitwiseCopyable {
  /// Bytes of IP packets, headers included.
  @ByteSum var sent: UInt64 = 0
  @ByteSum var received: UInt64 = 0
  /// Bytes sent to hosts outside the site, without headers, so that acknowledgments count nothing.
  @ByteSum var outside: UInt64 = 0
  /// Packets to time servers.
  var timeQueries: UInt32 = 0

  mutating func add(_ more: Self) {
    sent &+= more.sent
    received &+= more.received
    outside &+= more.outside
    timeQueries &+= more.timeQueries
  }

  /// What makes nothing of it when it is added.
  var negated: Self {
    Self(sent: 0 &- sent, received: 0 &- received, outside: 0 &- outside, timeQueries: 0 &- timeQueries)
  }

  /// Nothing where more was taken away than there was, as of a flow that was counted twice.
  var clamped: Self {
    func positive<Sum: FixedWidthInteger>(_ sum: Sum) -> Sum { sum.leadingZeroBitCount > 0 ? sum : 0 }
    return Self(
      sent: positive(sent), received: positive(received), outside: positive(outside),
      timeQueries: positive(timeQueries))
  }
}

/// A sum that goes round, in six bytes: what a miner's flows came to, less what they had come to before, is far below 2^47.
@propertyWrapper
struct ByteSum: Equatable, Sendable, BitwiseCopyable {
  private var words: (UInt16, UInt16, UInt16)

  init(wrappedValue: UInt64) {
    words = (0, 0, 0)
    self.wrappedValue = wrappedValue
  }

  /// As 64 bits would have gone round.
  var wrappedValue: UInt64 {
    get {
      let sum = UInt64(words.0) | UInt64(words.1) << 16 | UInt64(words.2) << 32
      return UInt64(bitPattern: Int64(bitPattern: sum << 16) >> 16)
    }
    set {
      words = (
        UInt16(truncatingIfNeeded: newValue), UInt16(truncatingIfNeeded: newValue >> 16),
        UInt16(truncatingIfNeeded: newValue >> 32)
      )
    }
  }

  static func == (left: Self, right: Self) -> Bool { left.words == right.words }
}
