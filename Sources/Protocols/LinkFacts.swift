package import Decode

/// Where on the site's cables something was said: for what no flow carries, and for messages that mean something to one link
/// only.
package struct LinkFacts: Hashable, Sendable {
  /// Who put the frame on the link; ``Decode/MACAddress/none`` when it had no Ethernet header.
  package var source: MACAddress
  package var destination: MACAddress
  /// Outermost first.
  package var vlans: [UInt16]
  /// Index of the interface or capture file.
  package var interface: UInt16

  package init(source: MACAddress, destination: MACAddress = .none, vlans: [UInt16] = [], interface: UInt16 = 0) {
    self.source = source
    self.destination = destination
    self.vlans = vlans
    self.interface = interface
  }
}

extension LinkFacts {
  /// - Parameter packet: not changed; `inout` because the compiler copies all of a borrowed one.
  init(_ packet: inout Packet) {
    let vlans: [UInt16] =
      switch packet.vlanCount {
      case 0: []
      case 1: [packet.outerVLAN]
      default: [packet.outerVLAN, packet.innerVLAN]
      }
    self.init(
      source: packet.sourceMAC, destination: packet.destinationMAC, vlans: vlans, interface: packet.interface)
  }
}
