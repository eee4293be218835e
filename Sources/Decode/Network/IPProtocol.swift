/// Protocol numbers in IP headers that Decode knows (IANA "Protocol Numbers").
package enum IPProtocol {
  package static let hopByHop: UInt8 = 0
  package static let icmp: UInt8 = 1
  package static let igmp: UInt8 = 2
  package static let ipv4: UInt8 = 4
  package static let tcp: UInt8 = 6
  package static let udp: UInt8 = 17
  package static let ipv6: UInt8 = 41
  package static let routing: UInt8 = 43
  package static let fragment: UInt8 = 44
  package static let gre: UInt8 = 47
  package static let encapsulatingSecurity: UInt8 = 50
  package static let authentication: UInt8 = 51
  package static let icmpv6: UInt8 = 58
  package static let destinationOptions: UInt8 = 60
  package static let sctp: UInt8 = 132
}
