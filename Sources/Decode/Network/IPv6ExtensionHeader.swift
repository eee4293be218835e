/// An IPv6 extension header (RFC 8200 §4), or an authentication header (RFC 4302 §2), which has the same start.
///
///      0           7 8         15 16
///     +-------------+------------+------------------ - -
///     | Next header |   Length   | options, route, ...
///     +-------------+------------+------------------ - -
package struct IPv6ExtensionHeader: Equatable, Sendable {
  /// The smallest extension header, in bytes.
  package static let byteCount = 8

  package let nextHeader: UInt8
  /// The whole header, in bytes.
  package let headerLength: Int

  /// - Parameter kind: the protocol number that announced it: ``isAnnounced(by:)``.
  /// - Returns: nil when the header does not stand there whole: ``Fault/ipv6ExtensionTruncated``.
  package init?(_ bytes: RawSpan, kind: UInt8) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    nextHeader = bytes.byte(at: 0)
    let length = Int(bytes.byte(at: 1))
    // AH counts words of four bytes less two; the others count eights and do not count the first.
    headerLength = kind == IPProtocol.authentication ? (length + 2) << 2 : (length + 1) << 3
    guard headerLength >= Self.byteCount, headerLength <= bytes.byteCount else { return nil }
  }

  /// Whether `kind` is one of the headers that are skipped. The fragment header is not among them.
  package static func isAnnounced(by kind: UInt8) -> Bool {
    switch kind {
    case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions, IPProtocol.authentication: true
    default: false
    }
  }
}

/// The extension header of a piece of a datagram, eight bytes (RFC 8200 §4.5).
///
///      0           7 8         15 16            28 29 30 31
///     +-------------+------------+----------------+-----+--+
///     | Next header |  Reserved  | Fragment offset| Res |M |
///     +-------------+------------+----------------+-----+--+
///     |                   Identification                   |
///     +----------------------------------------------------+
package struct IPv6FragmentHeader: Equatable, Sendable {
  package static let byteCount = 8

  package let nextHeader: UInt8
  /// In bytes: a multiple of 8, at most 65,528.
  package let fragmentOffset: UInt32
  package let moreFragments: Bool
  package let identification: UInt32

  /// - Returns: nil when fewer than eight bytes stand there: ``Fault/ipv6ExtensionTruncated``.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount else { return nil }
    nextHeader = bytes.byte(at: 0)
    let offsetAndFlags = bytes.uint16(at: 2)
    fragmentOffset = UInt32(offsetAndFlags & 0xfff8)
    moreFragments = offsetAndFlags & 1 != 0
    identification = bytes.uint32(at: 4)
  }

  /// A whole datagram behind a fragment header; receivers treat it as if the header were not there (RFC 6946 §4).
  package var isAtomic: Bool {
    fragmentOffset == 0 && !moreFragments
  }
}
