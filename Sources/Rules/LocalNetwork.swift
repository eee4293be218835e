import Capture
import Decode
import Protocols

/// The links that miners are on, as far as they were listened to: which machines there are, who has which address, who
/// routes, who hands addresses out.
package struct LocalNetwork: Sendable {
  package internal(set) var devices = KnownDevices()
  var owners = AddressOwners()
  var routers = KnownRouters()
  /// Links on which a host claimed an address of the miner networks. Bounded by `Limits.routers`.
  private var minerLinks: Set<LinkSegment> = []
  /// Who was the first to claim the address of a server that the policy lists. Bounded by `Limits.routers`.
  private var servers: [IPAddress: MACAddress] = [:]
  /// Gateways that a DHCP server of the site handed out. Bounded by `Limits.routers`.
  private(set) var gateways: Set<IPAddress> = []
  /// Domains that a DHCP server of the site has resolvers try behind a name. Bounded by `Limits.routers`.
  private(set) var searchDomains: Set<String> = []
  /// Who passes on what DHCP servers of the site say. Bounded by `Limits.routers`.
  private(set) var relays: Set<IPAddress> = []
  /// Those that findings tell apart; further ones share one.
  var namedRivals = FirstFew<MACAddress>()
  var namedRouters = FirstFew<MACAddress>()
  var namedServers = FirstFew<IPAddress>()

  package init() {}

  func hasMiners(on segment: LinkSegment) -> Bool { minerLinks.contains(segment) }

  /// Whether a machine is a server of the site's, whatever address it speaks from.
  func isServer(_ mac: MACAddress) -> Bool {
    mac != MACAddress.none && servers.values.contains(mac)
  }

  mutating func heardMiner(on segment: LinkSegment) {
    if minerLinks.count < Limits.routers { minerLinks.insert(segment) }
  }

  mutating func heardServer(_ address: IPAddress, at mac: MACAddress) {
    if servers[address] == nil, servers.count < Limits.routers { servers[address] = mac }
  }

  /// A relay has an address that the server knows it by, and may speak to clients from another.
  mutating func relay(_ relay: IPAddress, _ sender: IPAddress) {
    for address in [relay, sender] where relays.count < Limits.routers { relays.insert(address) }
  }

  mutating func search(_ domains: [String]) {
    for domain in domains where searchDomains.count < Limits.routers { searchDomains.insert(domain) }
  }

  mutating func routes(_ gateways: [IPAddress]) {
    for gateway in gateways where self.gateways.count < Limits.routers { self.gateways.insert(gateway) }
  }
}
