/// A VLAN tag and the type after it, four bytes (IEEE 802.1Q §9.6). It follows a type 0x8100, 0x88a8 or 0x9100.
///
///      0     3 4      15 16            31
///     +-----+-+---------+---------------+
///     | PCP |D|   VID   |     Type      |
///     +-----+-+---------+---------------+
package struct VLANTag: Equatable, Sendable {
  package static let byteCount = 4

  /// Priority, 0...7.
  package let priority: UInt8
  /// May be dropped before others.
  package let dropEligible: Bool
  /// VLAN identifier, 0...4095. Zero marks a frame that has a priority and no VLAN.
  package let identifier: UInt16
  /// Type of what follows; may be the next tag's.
  package let type: UInt16

  /// - Parameter bytes: from behind the type that announced the tag.
  /// - Returns: nil when fewer than four bytes stand there: ``Fault/vlanTruncated``.
  @inline(__always)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    let control = bytes.uint16(at: 0)
    priority = UInt8(truncatingIfNeeded: control >> 13)
    dropEligible = control & 0x1000 != 0
    identifier = control & 0x0fff
    type = bytes.uint16(at: 2)
  }

  /// Whether `type` announces a tag.
  @inline(__always)
  package static func isAnnounced(by type: UInt16) -> Bool {
    type == EtherType.vlan || type == EtherType.providerVLAN || type == EtherType.oldProviderVLAN
  }
}
