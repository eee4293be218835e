import Capture
import Flows

/// What was last observed of each direction of an NTP flow, so that a packet is observed when it says something new and not
/// whenever one comes.
struct NTPProgress: Zeroable {
  struct Side: Zeroable {
    private var observed: Int64 = 0
    private var count: UInt32 = 0
    private var signature: UInt32 = 0

    /// Packets are counted for so long, in nanoseconds, before the sum is observed.
    private static let interval: Int64 = 60_000_000_000
    /// One that differs is observed after so long.
    private static let pause: Int64 = 10_000_000_000

    /// Takes in a packet.
    ///
    /// - Parameter isFirst: none of this direction was observed yet.
    /// - Returns: whether it is to be observed; its count is then set.
    mutating func admit(_ packet: inout NTPPacket, at time: Timestamp, isFirst: Bool) -> Bool {
      if isFirst { self = Side() }
      count = count == .max ? .max : count + 1
      let new = Self.signature(of: packet, at: time)
      let age = time.nanoseconds(since: Timestamp(nanoseconds: observed))
      // Time that goes back is no reason for silence.
      guard isFirst || age >= Self.interval || age < 0 || (new != signature && age >= Self.pause) else { return false }
      packet.count = count
      (observed, count, signature) = (time.nanoseconds, 0, new)
      return true
    }

    /// What makes a packet worth another look: its kind, and by how many minutes it is off.
    private static func signature(of packet: NTPPacket, at time: Timestamp) -> UInt32 {
      let layout = UInt32(NTPPacket.Layout.allCases.firstIndex(of: packet.layout) ?? 0)
      let minutes = packet.servesTime ? Int8(clamping: packet.offset(at: time) / 60) : 0
      return UInt32(packet.mode) | layout << 3 | UInt32(UInt8(bitPattern: minutes)) << 8
    }
  }

  private var a = Side()
  private var b = Side()

  subscript(end: End) -> Side {
    get { end == .a ? a : b }
    set { if end == .a { a = newValue } else { b = newValue } }
  }
}
