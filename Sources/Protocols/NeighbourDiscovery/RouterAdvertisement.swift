import Capture
package import Decode

/// A router advertisement (RFC 4861 §4.2): who routes for the link, which addresses its hosts make themselves, and whom they
/// ask for names.
///
///     +----------+----------+-----------------------+
///     |   Type   |   Code   |       Checksum        |  not in the payload
///     +----------+-+-+------+-----------------------+
///     | Hop limit|M|O|      |    Router lifetime    |
///     +----------+-+-+------+-----------------------+
///     |              Reachable time                 |
///     |               Retrans timer                 |
///     +---------------------------------------------+
///     |  Options ...
package struct RouterAdvertisement: Equatable, Sendable {
  package static let type: UInt16 = 134
  private static let optionsOffset = 12

  /// The sender: a link-local address.
  package var router: IPAddress
  /// As the message says; absent where it leaves it to the frame.
  package var linkAddress: MACAddress?
  /// Seconds for which it is a default router; 0: it is none, or no longer.
  package var lifetime: UInt16
  /// M: addresses come from DHCPv6.
  package var isManaged: Bool
  /// O: other settings come from DHCPv6.
  package var hasOtherSettings: Bool
  /// At most ``Capture/Limits/wireList``.
  package var prefixes: [Prefix] = []
  /// RFC 8106 §5.1; at most ``Capture/Limits/wireList``.
  package var resolvers: [IPAddress] = []
  /// What resolvers are told to try behind a name (RFC 8106 §5.2): lower case, without a dot at the end; at most
  /// ``Capture/Limits/wireList``.
  package var searchDomains: [String] = []

  /// Addresses with a common beginning, on the link or made by its hosts (RFC 4861 §4.6.2).
  package struct Prefix: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    /// Leading bits, 0...128.
    package var length: UInt8

    package init(address: IPAddress, length: UInt8) {
      self.address = address
      self.length = length
    }

    package var description: String { "\(address)/\(length)" }
  }

  package init(
    router: IPAddress, lifetime: UInt16, isManaged: Bool = false, hasOtherSettings: Bool = false
  ) {
    self.router = router
    self.lifetime = lifetime
    self.isManaged = isManaged
    self.hasOtherSettings = hasOtherSettings
  }

  /// - Parameter message: what follows type, code and checksum.
  /// - Returns: nil for what a host would drop (RFC 4861 §6.1.2).
  init?(_ message: RawSpan, from router: IPAddress) {
    guard message.byteCount >= Self.optionsOffset, router.isLinkLocal else { return nil }
    let flags = message.byte(at: 1)
    self.init(
      router: router, lifetime: message.uint16(at: 2), isManaged: flags & 0x80 != 0, hasOtherSettings: flags & 0x40 != 0
    )
    var options = NeighbourOptions(from: Self.optionsOffset)
    do {
      while let (kind, range) = try options.next(message) { take(kind, message, range) }
    } catch {
      return nil
    }
  }

  private mutating func take(_ kind: UInt8, _ message: RawSpan, _ range: Range<Int>) {
    let start = range.lowerBound
    switch kind {
    case NeighbourOptions.Kind.sourceLinkAddress:
      if linkAddress == nil { linkAddress = message.mac(at: start + 2) }
    case NeighbourOptions.Kind.prefix where range.count >= 32 && prefixes.count < Limits.wireList:
      prefixes.append(Prefix(address: message.ipv6(at: start + 16), length: min(message.byte(at: start + 2), 128)))
    case NeighbourOptions.Kind.resolvers:
      for offset in stride(from: start + 8, through: range.upperBound - 16, by: 16)
      where resolvers.count < Limits.wireList {
        resolvers.append(message.ipv6(at: offset))
      }
    case NeighbourOptions.Kind.searchList:
      message.extracting(start + 8..<range.upperBound).appendSearchDomains(to: &searchDomains)
    default: break
    }
  }
}
