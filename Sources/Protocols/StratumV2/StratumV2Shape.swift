import Capture
import Decode

/// What the sizes of encrypted frames tell of a Stratum V2 session behind Noise. They are from the lengths of the
/// messages' fields (sv2-spec 05-Mining-Protocol.md).
///
/// A frame is its header, 22 bytes encrypted, and its payload with 16 more (sv2-spec 04-Protocol-Security.md). Senders write a
/// frame at once, so a segment is one frame or a few equal ones. Who mines, and at which difficulty, cannot be seen: shares are of
/// unknown work, never of none.
struct StratumV2Shape: Sendable {
  /// Bytes of the handshake that are still to come: act 1 and act 2.
  private var clientHandshake = 64
  private var serverHandshake = 234
  private var hasSetUp = false
  private var shares: UInt64 = 0
  /// Shares that no answer has come for.
  private var unanswered: UInt64 = 0
  private var isTold = false
  private var frames = 0
  private(set) var opened = StratumV2Channels()

  private enum Size {
    static let setUp = 54
    static let openStandard = 79
    static let submitStandard = 62
    static let submitExtended = 71
    static let submitSuccess = 58
    static let jobs = [83, 87]
    static let newBlock = 86
    /// A job with no branches and a coinbase of 200 bytes.
    static let extendedJob = 38 + 19 + 200
  }

  /// Frames of one size in one segment that are believed: 16 shares are a kilobyte.
  private static var mostInOne: Int { 16 }

  mutating func take(
    _ count: Int, from sender: Role, _ session: inout StratumV2Session, at time: Timestamp,
    into said: inout [Observation.Content]
  ) {
    let inHandshake = min(count, sender == .client ? clientHandshake : serverHandshake)
    if sender == .client {
      clientHandshake -= inHandshake
    } else {
      serverHandshake -= inHandshake
      // The specification's text has an act 2 of 170 bytes.
      if count == 170, inHandshake == count { serverHandshake = 0 }
    }
    let left = count - inHandshake
    guard left > 0 else { return }
    frames += 1
    if sender == .client { takeUp(left, &session) } else { takeDown(left, &session, at: time) }
    if !isTold, shares > 0 || frames >= 16 {
      isTold = true
      session.introduce(at: time, into: &said)
      session.say(.channels(opened), at: time, into: &said)
    }
  }

  private mutating func takeUp(_ size: Int, _ session: inout StratumV2Session) {
    guard hasSetUp else {
      hasSetUp = size >= Size.setUp
      opened.setUpLength = max(0, size - Size.setUp)
      return
    }
    let count = Self.multiple(size, of: Size.submitStandard) ?? Self.multiple(size, of: Size.submitExtended)
    if let count {
      shares &+= UInt64(count)
      unanswered &+= UInt64(count)
      session.countShares(UInt64(count))
    } else if shares == 0, size > Size.openStandard, size <= Size.openStandard + 2 + 255 {
      opened.count += 1
      opened.userLength = size - Size.openStandard
    }
  }

  private mutating func takeDown(_ size: Int, _ session: inout StratumV2Session, at time: Timestamp) {
    if Self.multiple(size, of: Size.submitSuccess) != nil {
      session.settle(accepted: unanswered, worth: 0)
      unanswered = 0
      return
    }
    let jobs = Size.jobs.contains { job in
      Self.multiple(size, of: job) != nil || Self.multiple(size - Size.newBlock, of: job) != nil
    }
    if jobs || size >= Size.extendedJob { session.countJob(at: time) }
  }

  private static func multiple(_ size: Int, of unit: Int) -> Int? {
    guard size > 0, size % unit == 0, size / unit <= mostInOne else { return nil }
    return size / unit
  }
}

/// What sizes tell of the channels of an encrypted session when it has begun to work.
package struct StratumV2Channels: Equatable, Sendable, BitwiseCopyable {
  /// Requests to open a channel: one for each device behind it.
  package var count = 0
  /// Bytes of the last one's user name; two less where the channel is an extended one. Nil when none was seen.
  package var userLength: Int?
  /// Bytes of all the names in SetupConnection: host, vendor, hardware, firmware and device.
  package var setUpLength = 0

  package init() {}
}
