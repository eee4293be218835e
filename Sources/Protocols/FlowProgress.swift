import Capture
import Flows

/// One direction of a flow, as far as its bytes wait to be understood.
struct StreamProgress: Zeroable {
  enum Mode: UInt8, BitwiseCopyable {
    /// What comes next may be the first byte of something.
    case start
    /// The buffered bytes may become something.
    case undecided
    /// Text whose line began before we listened, or says nothing: try again behind its end.
    case midLine
    /// Nothing that is known speaks like this.
    case unrecognised
  }

  /// Bytes seen since the first; stops counting at 2^32 - 1.
  var seen: UInt32 = 0
  /// Bytes in the buffer when they were last judged.
  var judged: UInt32 = 0
  /// The buffer's index and 1; 0 for none.
  private var bufferPlusOne: UInt32 = 0
  private var probe = StratumProbe()
  private var hasProbe = false
  var mode = Mode.start
  /// Goes through the same bytes, looking for identifiers of their sender.
  var scan = IdentifierScan()

  var buffer: BufferIndex? {
    get { bufferPlusOne == 0 ? nil : BufferIndex(rawValue: bufferPlusOne &- 1) }
    set { bufferPlusOne = newValue.map { $0.rawValue &+ 1 } ?? 0 }
  }

  /// Whether `count` buffered bytes are worth showing to the recognisers again: while they are few, whenever they have
  /// doubled, and once when there are as many as will ever be shown. So a stream that comes byte by byte costs no more
  /// than a few times its length.
  func isDue(_ count: Int) -> Bool {
    guard judged < Limits.probedBytes else { return false }
    return count < 256 || count >= 2 * Int(judged) || count >= Limits.probedBytes
  }

  /// Reads on where the buffered bytes may be Stratum; `nil` when they are not.
  var stratumProbe: StratumProbe? {
    get { hasProbe ? probe : nil }
    set {
      hasProbe = newValue != nil
      probe = newValue ?? StratumProbe()
    }
  }
}

/// Both directions of a TCP flow that is being probed, or has unfinished messages.
struct FlowProgress: Zeroable {
  var a = StreamProgress()
  var b = StreamProgress()
  /// Bytes that the opener sent before the other end spoke; stops counting at 65,535.
  var firstFlight: UInt16 = 0
  /// Bytes that the other end sent before the opener spoke again.
  var secondFlight: UInt16 = 0
  /// How often the turn to speak has passed: 1 while only the opener has spoken, 3 and no more when it spoke again.
  var flights: UInt8 = 0
  /// Who spoke first.
  var opener = End.a
  /// Joined in the middle, or bytes were lost.
  var isBroken = false

  subscript(end: End) -> StreamProgress {
    get { end == .a ? a : b }
    set { if end == .a { a = newValue } else { b = newValue } }
  }

  /// Counts bytes that `sender` said.
  mutating func count(_ bytes: Int, from sender: End) {
    let more = UInt32(clamping: bytes)
    let seen = self[sender].seen.addingReportingOverflow(more)
    self[sender].seen = seen.overflow ? .max : seen.partialValue
    switch flights {
    case 0:
      opener = sender
      flights = 1
    case 1 where sender != opener: flights = 2
    case 2 where sender == opener: flights = 3
    default: break
    }
    if flights == 1 { firstFlight = Self.add(firstFlight, more) }
    if flights == 2 { secondFlight = Self.add(secondFlight, more) }
  }

  private static func add(_ count: UInt16, _ more: UInt32) -> UInt16 {
    UInt16(clamping: UInt32(count) &+ min(more, 0xffff))
  }
}
