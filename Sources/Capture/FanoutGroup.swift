import Glibc
import Synchronization

/// Captures that share one interface: each frame goes to one of them, and all frames of a flow to the same (packet(7),
/// PACKET_FANOUT).
///
/// The kernel hashes addresses and ports, the same for both directions, and looks for them behind VLAN tags, PPPoE, MPLS, GRE
/// and in what IP carries of IP. Fragments of IPv4 it puts together first, so that they go where the rest of their flow goes;
/// those of IPv6 go by their addresses alone. What has no addresses, as ARP, all goes to one.
/// Two mirrors' headers are opaque to it: in ERSPAN it hashes the outer addresses, so all goes to one capture; in VXLAN the
/// outer ports, where the two directions of a flow may differ.
package final class FanoutGroup: Sendable {
  /// The kernel's number of the group; nil before the first capture has joined.
  private let number = Mutex<UInt16?>(nil)

  package init() {}

  /// PACKET_FANOUT, PACKET_FANOUT_HASH and flags of <linux/if_packet.h>.
  private static let option: Int32 = 18
  private static let hash: UInt32 = 0
  private static let uniqueID: UInt32 = 0x2000
  private static let defragment: UInt32 = 0x8000

  /// Makes an activated capture one of the group, which the first to join creates. Until then it was lent every frame.
  ///
  /// - Throws: ``CaptureError/interfaceFailed(name:reason:)``.
  func join(_ descriptor: Int32, interface: String) throws(CaptureError) {
    let failure = number.withLock { number -> Int32 in
      // A number outlives its group when all captures have closed: then it is free for a new one, or somebody else's.
      if let known = number, Self.set(UInt32(known) | (Self.hash | Self.defragment) << 16, on: descriptor) == 0 {
        return 0
      }
      let failure = Self.set((Self.hash | Self.defragment | Self.uniqueID) << 16, on: descriptor)
      if failure == 0 { number = Self.number(of: descriptor) }
      return failure
    }
    guard failure == 0 else {
      throw .interfaceFailed(name: interface, reason: "several workers cannot share it: \(systemMessage(failure))")
    }
  }

  /// - Returns: 0, or the error's number.
  private static func set(_ value: UInt32, on descriptor: Int32) -> Int32 {
    var value = value
    let size = socklen_t(MemoryLayout<UInt32>.size)
    return unsafe setsockopt(descriptor, SOL_PACKET, option, &value, size) == 0 ? 0 : errno
  }

  private static func number(of descriptor: Int32) -> UInt16? {
    var value: UInt32 = 0
    var size = socklen_t(MemoryLayout<UInt32>.size)
    guard unsafe getsockopt(descriptor, SOL_PACKET, option, &value, &size) == 0 else { return nil }
    return UInt16(truncatingIfNeeded: value)
  }
}
