package import Decode

/// What a host and a server say to each other about addresses, in IPv4 (RFC 2131, RFC 2132) or IPv6 (RFC 8415).
package struct DHCPMessage: Equatable, Sendable {
  /// The raw value is what an event says.
  package enum Kind: String, CaseIterable, Sendable {
    // RFC 2132 §9.6, in the order of their numbers.
    case discover, offer, request, decline, ack, nak, release, inform
    // RFC 8415 §7.3; request, release and decline are the same words.
    case solicit, advertise, confirm, renew, rebind, reply, reconfigure
    case informationRequest = "information-request"
  }

  package var kind: Kind
  package var isIPv6: Bool
  /// The client's Ethernet address, as the message has it; ``Decode/MACAddress/none`` where it has none.
  package var clientMAC = MACAddress.none
  /// What the client would like (option 50), or has.
  package var requested: IPAddress?
  /// What the server gives.
  package var assigned: [IPAddress] = []
  /// Which server is meant, or speaks (option 54). IPv6 servers have no address of their own in the message.
  package var server: IPAddress?
  /// The relay that passed it on between the client's link and a server elsewhere; absent on the client's own link in IPv6.
  package var relay: IPAddress?
  /// Option 3.
  package var routers: [IPAddress] = []
  /// Options 6 and 23.
  package var resolvers: [IPAddress] = []
  /// Options 42, 31 and 56.
  package var timeServers: [IPAddress] = []
  /// What resolvers are told to try behind a name (options 15 and 119, RFC 3397, and 24): lower case, without a dot at the
  /// end.
  package var searchDomains: [String] = []
  /// What the client calls itself (option 12), or would be called (option 39).
  package var hostname: String?
  /// What the client asks for, in its own order (options 55 and 6). With ``vendorClass`` this tells firmware apart.
  package var parameters: [UInt16] = []
  /// Options 60 and 16.
  package var vendorClass: String?

  package init(_ kind: Kind, isIPv6: Bool = false) {
    self.kind = kind
    self.isIPv6 = isIPv6
  }

  /// Whether only a server says this.
  package var isFromServer: Bool {
    switch kind {
    case .offer, .ack, .nak, .advertise, .reply, .reconfigure: true
    default: false
    }
  }

  /// How the client's program can be told from others: `udhcp 1.24.1 1,3,6,12,15,28,42`.
  ///
  /// Absent for what is no first question: a program asks for less when it renews.
  package var fingerprint: String? {
    guard kind == .discover || kind == .solicit, !parameters.isEmpty || vendorClass != nil else { return nil }
    let list = parameters.map(String.init).joined(separator: ",")
    return vendorClass.map { list.isEmpty ? $0 : "\($0) \(list)" } ?? list
  }
}
