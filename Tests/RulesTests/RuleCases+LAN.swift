import Decode
import Flows
import Protocols

extension RuleCase {
  static let lan: [RuleCase] = [
    .fires(
      "a machine that was not there", [says("10.20.7.7", is: 0x77, at: 700)],
      "medium lan.new-device 10.20.7.7: new: machine 02:00:00:00:00:77 at a new address"),
    .fires(
      "another machine at a known address", [says("10.20.0.9", is: 9, at: 100), says("10.20.0.9", is: 0x78, at: 900)],
      "medium lan.new-device 10.20.0.9: new: machine 02:00:00:00:00:78 at the address of another"),
    .fires(
      "a rack",
      (1...40).map { says("10.20.8.\($0)", is: UInt64($0) << 8, at: 700 + Double($0)) },
      (1...10).map { number in
        let end = "0" + String(number, radix: 16)
        return "medium lan.new-device 10.20.8.\(number): new: machine 02:00:00:00:\(end):00 at a new address"
      } + [
        "medium lan.new-device 11 miners: new: machine 02:00:00:00:0b:00 at a new address "
          + "(11 miners, the first 10 told one by one)",
        "medium lan.new-device 40 miners: new: machine 02:00:00:00:0b:00 at a new address "
          + "(40 miners, the first 10 told one by one) [x30]",
      ]),
    .nearMiss(of: "lan.new-device", when: "seen in the first ten minutes", [says("10.20.7.7", is: 0x77, at: 500)]),
    .nearMiss(
      of: "lan.new-device", when: "a known machine has another address",
      [says("10.20.0.9", is: 9, at: 100), says("10.20.0.10", is: 9, at: 900)]),
    .nearMiss(
      of: "lan.new-device", when: "heard from the start, in a flow that ends later",
      [flow("10.20.7.7", to: resolver, 514, ipProtocol: 17, basis: .guess, at: 1).ends(toServer: 9, at: 900)]),
    .fires(  // It never said a word to the new one, so it is told as it went.
      "a new machine in a flow that goes one way",
      [flow(manager, to: "10.20.7.7", 514, ipProtocol: 17, basis: .guess, at: 700).ends(toClient: 9, at: 900)],
      "medium lan.new-device 10.20.7.7 <- 10.1.0.2: new: a new address behind a machine"),
    .nearMiss(
      of: "lan.new-device", when: "the address that routers share",
      [announces("10.20.0.1", .init(rawValue: 0x0000_5e00_010a), at: 700)]),
    .nearMiss(of: "lan.new-device", when: "no miner's address", [says("10.1.0.99", is: 0x77, at: 700)]),
    .nearMiss(
      of: "lan.new-device", when: "nobody is there",
      [flow(manager, to: "10.20.9.9", 80, at: 700).ended(answered: false, at: 720)]),

    .fires(
      "two machines with one address",
      [
        says("10.20.0.9", is: 9, at: 100), says("10.20.0.9", is: 0x66, at: 120), says("10.20.0.9", is: 9, at: 140),
        says("10.20.0.9", is: 0x66, at: 160),
      ],
      "critical lan.arp-spoof 10.20.0.9: a miner's address 10.20.0.9 of 02:00:00:00:00:09 is claimed by "
        + "02:00:00:00:00:66"),
    .fires(
      "in the resolver's place",
      [
        says(resolver, is: 1, at: 100), says(resolver, is: 0x66, at: 101), says(resolver, is: 0x66, at: 111),
        says(resolver, is: 1, at: 200), says(resolver, is: 0x66, at: 201),
      ],
      "critical lan.arp-spoof 10.1.0.1: the resolver's address 10.1.0.1 of 02:00:00:00:00:01 is claimed by "
        + "02:00:00:00:00:66"),
    .nearMiss(
      of: "lan.arp-spoof", when: "the old board is gone",
      [says("10.20.0.9", is: 9, at: 100)] + (0..<20).map { says("10.20.0.9", is: 0x66, at: 120 + Double($0) * 10) }),
    .nearMiss(
      of: "lan.arp-spoof", when: "a router takes over and gives back",
      [says("10.20.0.1", is: 1, at: 100), says("10.20.0.1", is: 2, at: 200), says("10.20.0.1", is: 1, at: 400)]),
    .nearMiss(
      of: "lan.arp-spoof", when: "routers share a virtual address",
      [routes(1)]
        + (0..<6).map { turn in
          announces(
            "10.20.0.1", turn % 2 == 0 ? .init(rawValue: 0x0000_5e00_010a) : mac(1), at: 100 + Double(turn) * 20)
        }),
    .nearMiss(
      of: "lan.arp-spoof", when: "a lease goes to another machine",
      [
        says("10.20.0.5", is: 9, at: 100), serves(.ack, by: resolver, 1, at: 110), says("10.20.0.5", is: 5, at: 111),
        says("10.20.0.5", is: 5, at: 140),
      ]),

    .fires(
      "a stranger's offer", [serves(.offer, by: "10.20.0.66", 0x66)],
      "critical lan.rogue-dhcp 10.20.0.5 <- 255.255.255.255: offer by DHCP server 10.20.0.66 at 02:00:00:00:00:66: "
        + "10.20.0.5, gateway 10.20.0.66, resolver 9.9.9.9, time server none"),
    .fires(
      "a home router on the miners' link",
      [says("10.20.0.9", is: 9, at: 90), serves(.ack, by: "192.168.1.1", 0x66, gives: "192.168.1.50")],
      "critical lan.rogue-dhcp <- 255.255.255.255: ack by DHCP server 192.168.1.1 at 02:00:00:00:00:66: 192.168.1.50, "
        + "gateway 192.168.1.1, resolver 9.9.9.9, time server none"),
    .nearMiss(of: "lan.rogue-dhcp", when: "the site's server", [serves(.offer, by: resolver, 1)]),
    .nearMiss(
      of: "lan.rogue-dhcp", "miner.lateral", when: "a relay passes on what the site's server says",
      [
        flow(to: "10.20.0.254", 67, id: 9, ipProtocol: 17, at: 99).carries(.dhcp),
        serves(.offer, by: resolver, 1, relay: "10.20.0.254", at: 99.1),
        serves(.ack, by: resolver, 1, relay: "10.20.0.254", at: 99.2),
        flow(to: "10.20.0.254", 67, id: 10, ipProtocol: 17).carries(.dhcp),
      ]),
    .fires(
      "a relay for a stranger",
      [
        flow(to: "10.20.0.66", 67, id: 9, ipProtocol: 17, at: 99).carries(.dhcp),
        serves(.ack, by: "10.5.0.1", 0x66, relay: "10.20.0.66"),
      ],
      "high miner.lateral 10.20.0.5 -> 10.20.0.66:67: UDP to another miner, DHCP",
      "critical lan.rogue-dhcp 10.20.0.5 <- 255.255.255.255: ack by DHCP server 10.5.0.1 at 02:00:00:00:00:66: "
        + "10.20.0.5, gateway 10.5.0.1, resolver 9.9.9.9, time server none"),
    .nearMiss(
      of: "lan.rogue-dhcp", when: "IPv6's router tells more of itself",
      [
        says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::", at: 91),
        tells("fe80::9", by: "fe80::1", 1),
      ]),
    .nearMiss(
      of: "lan.rogue-dhcp", when: "IPv6's router is known for one a second later",
      [says("10.20.0.9", is: 9, at: 90), tells("fe80::9", by: "fe80::1", 1), routes(1, at: 101)]),
    .fires(
      "a stranger tells more of itself",
      [
        says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::", at: 91),
        tells("fe80::9", by: "fe80::66", 0x66),
      ],
      "critical lan.rogue-dhcp <- fe80::9: reply by DHCP server fe80::66 at 02:00:00:00:00:66: no address, "
        + "gateway none, resolver 2001:db8::53, time server none"),
    .nearMiss(
      of: "lan.rogue-dhcp", when: "another network's", [serves(.ack, by: "10.5.0.1", 0x66, gives: "10.5.0.9")]),

    .fires(
      "a second router",
      [
        says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::"),
        advertises("fe80::66", 0x66, prefix: "2001:db8:66::"),
      ],
      "critical lan.rogue-router <- fe80::66: fe80::66 at 02:00:00:00:00:66 advertises itself as router for 1800 s: "
        + "prefix 2001:db8:66::/64, resolver none"),
    .fires(
      "a miner as router",
      [routes(1), says("10.20.0.9", is: 9, at: 90), advertises("fe80::9", 9, prefix: "2001:db8:66::")],
      "critical lan.rogue-router <- fe80::9: fe80::9 at 02:00:00:00:00:09 advertises itself as router for 1800 s: "
        + "prefix 2001:db8:66::/64, resolver none"),
    .fires(
      "a redirect in the gateway's name", [routes(1), sendsElsewhere(from: "10.20.0.1", 0x66)],
      "critical lan.rogue-router 10.20.0.5 <- 10.20.0.1: 10.20.0.1 at 02:00:00:00:00:66 redirects 203.0.113.9 to "
        + "10.20.0.66"),
    .nearMiss(
      of: "lan.rogue-router", when: "the first, again and again",
      [says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::")]
        + [advertises("fe80::1", 1, prefix: "2001:db8:2::", at: 900)]),
    .nearMiss(
      of: "lan.rogue-router", when: "two routers that say the same",
      [
        says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::"),
        advertises("fe80::2", 2, prefix: "2001:db8:1::"),
      ]),
    .nearMiss(
      of: "lan.rogue-router", when: "a router that brings answers from outside",
      [
        routes(1), routes(2), says("10.20.0.9", is: 9, at: 90), advertises("fe80::1", 1, prefix: "2001:db8:1::"),
        advertises("fe80::2", 2, prefix: "2001:db8:2::", at: 900), sendsElsewhere(from: "10.20.0.1", 2, at: 950),
      ]),
    .nearMiss(
      of: "lan.rogue-router", when: "no miners on the link", [advertises("fe80::66", 0x66, prefix: "2001:db8:66::")]),
  ]
}

extension FlowFacts {
  fileprivate func ends(toServer: UInt64 = 0, toClient: UInt64 = 0, at time: Double) -> Observation {
    var totals = FlowTotals(reason: .idle, lastSeen: seconds(after: time))
    totals.toServer.packets = toServer
    totals.toClient.packets = toClient
    return observed(.flowEnded(totals, identified: .unknown), at: time)
  }
}

extension RuleCase {
  static func fires(_ name: String, _ story: [Observation], _ told: [String]) -> RuleCase {
    RuleCase(name: name, nearMissOf: [], story: story, told: told)
  }
}
