package import Decode

/// A machine of the synthesised site.
package struct Host: Hashable, Sendable {
  package var address: IPAddress
  package var mac: MACAddress

  package init(_ address: IPAddress, mac: MACAddress? = nil) {
    self.address = address
    // Locally administered, and the low address bytes so that a reader of a dump can tell whose it is.
    self.mac = mac ?? MACAddress(rawValue: 0x0200_0000_0000 | address.low & 0xffff_ffff)
  }

  /// - Parameter text: an address literal of the source code; one that is none gives `0.0.0.0`, which no scenario uses.
  package init(_ text: String, mac: MACAddress? = nil) {
    self.init(IPAddress(text) ?? IPAddress(v4: 0), mac: mac)
  }
}
