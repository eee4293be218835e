import Capture
import Decode
import Protocols

/// One link of the site, as a tap tells links apart: an interface and the VLANs on it.
struct LinkSegment: Hashable, Sendable {
  var interface: UInt16
  var vlans: [UInt16]

  init(_ link: LinkFacts) {
    interface = link.interface
    vlans = link.vlans
  }

  init(_ flow: FlowFacts) {
    interface = flow.interface
    vlans = flow.vlans
  }
}

/// A host says that an address is its own: by ARP, or by neighbour discovery.
struct AddressClaim: Sendable {
  var address: IPAddress
  var mac: MACAddress
  var segment: LinkSegment
  /// The frame's own source; another one than ``mac`` when somebody speaks for somebody else.
  var frame: MACAddress
}

extension Observation {
  /// What the observation claims, if it is a claim.
  var claim: AddressClaim? {
    guard let link else { return nil }
    let segment = LinkSegment(link)
    switch content {
    case .arp(let header):
      guard !header.senderAddress.isUnspecified, header.senderMAC != .none else { return nil }
      return AddressClaim(
        address: header.senderAddress, mac: header.senderMAC, segment: segment, frame: link.source)
    case .neighbour(let message):
      let address = message.isAdvertisement ? message.target : message.sender
      let mac = message.linkAddress ?? (message.isAdvertisement ? link.source : MACAddress.none)
      guard !address.isUnspecified, mac != MACAddress.none else { return nil }
      return AddressClaim(address: address, mac: mac, segment: segment, frame: link.source)
    default: return nil
    }
  }
}

extension MACAddress {
  /// Whether routers share it among themselves, so that it may stand for any of them: VRRP and CARP (RFC 9568 §7.3), HSRP,
  /// GLBP (Cisco's registered blocks).
  var isVirtualRouter: Bool {
    switch rawValue >> 8 {
    case 0x00_005e_0001, 0x00_005e_0002, 0x00_000c_07ac: true
    default:
      // HSRP version 2, for IPv4 and IPv6, and GLBP.
      rawValue >> 12 == 0x0_0000_c9ff || rawValue >> 12 == 0x0_0057_3a00 || rawValue >> 24 == 0x0007b4
    }
  }
}

/// The first few of what may be many: a flood of forged strangers then shares one finding instead of filling the log.
struct FirstFew<Element: Hashable & Sendable>: Sendable {
  private var elements: Set<Element> = []

  /// Whether `element` is one of the first that came.
  mutating func has(_ element: Element) -> Bool {
    if elements.contains(element) { return true }
    guard elements.count < Limits.namedStrangers else { return false }
    elements.insert(element)
    return true
  }
}
