/// EtherTypes that Decode knows (IANA "IEEE 802 Numbers").
package enum EtherType {
  package static let ipv4: UInt16 = 0x0800
  package static let arp: UInt16 = 0x0806
  package static let transparentBridging: UInt16 = 0x6558
  /// IEEE 802.1Q, the customer's tag.
  package static let vlan: UInt16 = 0x8100
  package static let ipv6: UInt16 = 0x86dd
  package static let slowProtocols: UInt16 = 0x8809
  package static let mpls: UInt16 = 0x8847
  /// MPLS with an upstream-assigned label (RFC 5332), once "multicast".
  package static let mplsUpstream: UInt16 = 0x8848
  package static let pppoeDiscovery: UInt16 = 0x8863
  package static let pppoeSession: UInt16 = 0x8864
  package static let eapol: UInt16 = 0x888e
  /// IEEE 802.1ad, the provider's tag.
  package static let providerVLAN: UInt16 = 0x88a8
  package static let erspan: UInt16 = 0x88be
  package static let lldp: UInt16 = 0x88cc
  package static let macsec: UInt16 = 0x88e5
  /// Used for the outer tag of two before 802.1ad gave it a number.
  package static let oldProviderVLAN: UInt16 = 0x9100
  package static let erspan3: UInt16 = 0x22eb
}
