/// One captured frame, lent for the length of a call: the bytes belong to libpcap's buffer.
@frozen
public struct Frame: ~Escapable {
  /// What was captured, from the link-layer header on.
  public let bytes: RawSpan
  /// When the kernel (or the file) says the frame was seen.
  public let timestamp: Timestamp
  /// Bytes that the frame had on the wire; more than `bytes` holds when the snap length cut it.
  public let originalLength: Int
  public let linkType: LinkType
  /// Which of the run's interfaces or files it came from: an index that the caller gave.
  public let source: UInt16

  @inlinable
  @_lifetime(copy bytes)
  public init(bytes: RawSpan, timestamp: Timestamp, originalLength: Int, linkType: LinkType, source: UInt16) {
    self.bytes = bytes
    self.timestamp = timestamp
    self.originalLength = originalLength
    self.linkType = linkType
    self.source = source
  }
}

/// The link-layer header that a frame starts with, by its LINKTYPE_ number (www.tcpdump.org/linktypes.html).
///
/// libpcap's DLT_ numbers are the same but for raw IP, which the capture maps.
@frozen
public struct LinkType: Hashable, Sendable, BitwiseCopyable {
  public let rawValue: Int32

  @inlinable
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// IEEE 802.3 Ethernet.
  @inlinable public static var ethernet: LinkType { LinkType(rawValue: 1) }
  /// Raw IPv4 or IPv6, told apart by the version nibble.
  @inlinable public static var raw: LinkType { LinkType(rawValue: 101) }
  /// Linux "cooked" capture, version 1, as the `any` interface gives.
  @inlinable public static var linuxCooked: LinkType { LinkType(rawValue: 113) }
  @inlinable public static var ipv4: LinkType { LinkType(rawValue: 228) }
  @inlinable public static var ipv6: LinkType { LinkType(rawValue: 229) }
  /// Linux "cooked" capture, version 2.
  @inlinable public static var linuxCooked2: LinkType { LinkType(rawValue: 276) }

  /// Whether Decode reads frames of this kind.
  public var isReadable: Bool {
    [.ethernet, .raw, .linuxCooked, .ipv4, .ipv6, .linuxCooked2].contains(self)
  }
}
