import Capture
import Decode

/// The body of one message: its first bytes kept, all of them counted.
struct HTTPBody: Sendable {
  /// A body without announced length is spoken of from here on, in bytes.
  static let firstMilestone: UInt64 = 256 << 10

  /// Bytes that are kept.
  private let limit: Int
  /// At most ``limit``.
  private(set) var start: [UInt8] = []
  private(set) var byteCount: UInt64 = 0
  private var milestone = firstMilestone

  /// No more of it will be kept.
  var isFull: Bool { start.count >= limit }

  init(keeping limit: Int = Limits.httpBody) {
    self.limit = limit
  }

  mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
    for index in range.prefix(limit - start.count) { start.append(bytes.byte(at: index)) }
    byteCount &+= UInt64(range.count)
  }

  /// As ``append(_:_:)``, where nothing is kept.
  mutating func count(_ bytes: Int) {
    byteCount &+= UInt64(bytes)
  }

  /// Whether another milestone is behind since the last call.
  mutating func passesMilestone() -> Bool {
    guard byteCount >= milestone else { return false }
    // The power of two above what was counted.
    milestone = 1 << UInt64(min(63, 64 - byteCount.leadingZeroBitCount))
    return true
  }
}
