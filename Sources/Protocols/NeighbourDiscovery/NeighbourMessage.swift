package import Decode

/// A neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4), which tell IPv6 hosts each other's link-layer addresses.
///
///     +----------+----------+-----------------------+
///     |   Type   |   Code   |       Checksum        |  not in the payload
///     +--+--+--+-+----------+-----------------------+
///     |R |S |O |             Reserved               |
///     +--+--+--+------------------------------------+
///     |              Target address (16)            |
///     +---------------------------------------------+
///     |  Options ...
///
/// The three flags are an advertisement's.
package struct NeighbourMessage: Equatable, Sendable {
  package static let solicitationType: UInt16 = 135
  package static let advertisementType: UInt16 = 136
  private static let optionsOffset = 20

  package var isAdvertisement: Bool
  /// The packet's source; unspecified in a solicitation that asks whether an address is free (RFC 4862 §5.4.2).
  package var sender: IPAddress
  package var target: IPAddress
  /// Of the sender in a solicitation, of the target in an advertisement; absent where the message leaves it to the frame.
  package var linkAddress: MACAddress?
  package var isRouter = false
  package var isSolicited = false
  /// Replace what is known (RFC 4861 §7.2.5).
  package var isOverride = false

  package init(isAdvertisement: Bool, sender: IPAddress, target: IPAddress, linkAddress: MACAddress? = nil) {
    self.isAdvertisement = isAdvertisement
    self.sender = sender
    self.target = target
    self.linkAddress = linkAddress
  }

  /// - Parameter message: what follows type, code and checksum.
  /// - Returns: nil for what a host would drop.
  init?(_ message: RawSpan, type: UInt16, from sender: IPAddress) {
    guard message.byteCount >= Self.optionsOffset else { return nil }
    self.init(
      isAdvertisement: type == Self.advertisementType, sender: sender, target: message.ipv6(at: 4))
    guard !target.isMulticast else { return nil }
    if isAdvertisement {
      let flags = message.byte(at: 0)
      (isRouter, isSolicited, isOverride) = (flags & 0x80 != 0, flags & 0x40 != 0, flags & 0x20 != 0)
    }
    let wanted =
      isAdvertisement ? NeighbourOptions.Kind.targetLinkAddress : NeighbourOptions.Kind.sourceLinkAddress
    var options = NeighbourOptions(from: Self.optionsOffset)
    do {
      while let (kind, range) = try options.next(message) {
        if kind == wanted, linkAddress == nil { linkAddress = message.mac(at: range.lowerBound + 2) }
      }
    } catch {
      return nil
    }
  }
}
