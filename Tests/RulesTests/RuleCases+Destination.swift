import Decode
import Flows
import Protocols

extension RuleCase {
  static let pools: [RuleCase] = [
    .fires(
      "mining for a stranger",
      [answers("evil.example", stranger)] + flow(to: stranger, 3333).mines(as: "mallory.x"),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333 evil.example: authorized as "mallory.x""#),
    .fires(
      "a factory account at a public pool",
      [answers("btc-na.f2pool.com", stranger)] + flow(to: stranger, 1314).mines(as: "microbt.init"),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:1314 btc-na.f2pool.com: authorized as "microbt.init", "#
        + "factory account of Whatsminer at a known public pool (F2Pool)"),
    .fires(
      "mining for a stranger, user never said", flow(to: stranger, 3333).mines(as: nil),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333: said "mining.subscribe", user unknown"#),
    .fires(
      "Stratum V2 to a stranger", [flow(to: stranger, 3336).carries(.stratumV2)],
      "critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3336: speaks Stratum V2"),
    .fires(
      "a pool's address at another port", morning + flow(to: goodPool, 25).mines(as: "acme.1"),
      #"critical pool.unlisted 10.20.0.5 -> 203.0.113.9:25 stratum.good.example: authorized as "acme.1""#),
    .fires(
      "work over HTTP for a stranger",
      [
        flow(to: stranger, 8332).carries(.http),
        flow(to: stranger, 8332).observed(
          .http(.introduced(.mining(HTTPMining(method: "getwork", user: "mallory"))))),
        flow(to: stranger, 8332).carries(.getwork),
      ],
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:8332: "getwork" over HTTP as "mallory""#),
    .fires(  // It speaks HTTP and does not mine.
      "the web at a pool and elsewhere",
      morning
        + [goodPool, stranger].flatMap { server in
          let flow = flow(to: server, 3333, id: server == stranger ? 2 : 1)
          return [flow.carries(.http), flow.observed(.http(.introduced(.web)))]
        },
      "high pool.not-stratum 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: HTTP instead of plain Stratum",
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:3333: TCP, HTTP"),
    .nearMiss(  // Miners that do not know a pool yet try getwork there first (a capture of jsiwek/zeek-cryptomining).
      of: "pool.unlisted", "pool.not-stratum", when: "a miner tries its pool by HTTP",
      morning + [
        flow(to: goodPool, 3333).carries(.http),
        flow(to: goodPool, 3333).observed(
          .http(.introduced(.mining(HTTPMining(method: "getblocktemplate", user: "acme.1"))))),
      ]),
    .fires(  // An allowance is for anything but mining.
      "mining at an allowance", flow(to: "198.51.100.3", 443).mines(as: "acme.1"),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.3:443: authorized as "acme.1""#),
    .fires(  // What never leaves the link may still lead to a proxy that does.
      "mining at a link-local address", flow(to: "169.254.7.7", 3333).mines(as: "acme.1"),
      #"critical pool.unlisted 10.20.0.5 -> 169.254.7.7:3333: authorized as "acme.1""#),
    .fires(  // Silence was told as what it was; what it became is another finding.
      "silent at first, mining later",
      [flow(to: stranger, 3333).carries(.silent), flow(to: stranger, 3333).stratum(.introduced, user: "m", at: 200)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:3333: TCP, nothing said",
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333: authorized as "m""#),
    .nearMiss(
      of: "pool.unlisted", when: "mining where it should", morning + flow(to: goodPool, 3333).mines(as: "acme.1")),
    .nearMiss(of: "pool.unlisted", when: "a pool by address", flow(to: "198.51.100.20", 3333).mines(as: "anybody")),
    .nearMiss(
      of: "pool.unlisted", when: "a pinned address, no name yet", flow(to: "203.0.113.200", 3333).mines(as: "a")),
    .nearMiss(
      of: "pool.unlisted", when: "a manager mines", flow("10.1.0.2", to: stranger, 3333).mines(as: "mallory")),

    .fires(
      "the TLS port of a pool, in the clear", morning + flow(to: goodPool, 443).mines(as: "acme.1"),
      #"high pool.plaintext 10.20.0.5 -> 203.0.113.9:443 stratum.good.example: mining in the clear, authorized as "acme.1""#
    ),
    .fires(  // The pool has no plain endpoint at all: worse than an unlisted port.
      "any port of a pool that is only for TLS", morning + flow(to: securePool, 3333).mines(as: "acme.1"),
      #"high pool.plaintext 10.20.0.5 -> 192.0.2.44:3333 secure.example: mining in the clear, authorized as "acme.1""#),
    .nearMiss(
      of: "pool.plaintext", "pool.not-stratum", when: "TLS at the TLS port",
      morning + [flow(to: securePool, 443).carries(.tls)]),

    .fires(
      "SSH at a pool", morning + [flow(to: goodPool, 3333).carries(.ssh)],
      "high pool.not-stratum 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: SSH instead of plain Stratum"),
    .fires(
      "TLS at a plain port", morning + [flow(to: goodPool, 3333).carries(.tls)],
      "high pool.not-stratum 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: TLS instead of plain Stratum"),
    .fires(
      "no known protocol, seen from its start", morning + [flow(to: goodPool, 443).carries(.unknown)],
      "high pool.not-stratum 10.20.0.5 -> 203.0.113.9:443 stratum.good.example: an unknown protocol instead of Stratum over TLS"
    ),
    .fires(
      "joined in the middle, much said, never Stratum",
      morning + [
        flow(to: goodPool, 3333, sawStart: false).carries(.unknown),
        flow(to: goodPool, 3333, sawStart: false).ended(.unknown, bytes: 4_096, at: 300),
      ],
      "high pool.not-stratum 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: an unknown protocol instead of plain Stratum"
    ),
    .nearMiss(
      of: "pool.not-stratum", when: "joined in the middle, little said",
      morning + [
        flow(to: goodPool, 3333, sawStart: false).carries(.unknown),
        flow(to: goodPool, 3333, sawStart: false).ended(.unknown, bytes: 4_095, at: 300),
      ]),
    .nearMiss(  // Encryption that is joined in the middle looks like anything.
      of: "pool.not-stratum", when: "joined in the middle where TLS belongs",
      morning + [
        flow(to: goodPool, 443, sawStart: false).carries(.unknown),
        flow(to: goodPool, 443, sawStart: false).ended(.unknown, bytes: 1 << 30, at: 300),
      ]),
    .nearMiss(
      of: "pool.not-stratum", when: "parts of it were lost, or cut off by the capture",
      morning + [flow(to: goodPool, 3333).with(\.hasLoss, true).carries(.unknown)]),
    .nearMiss(of: "pool.not-stratum", when: "nothing said", morning + [flow(to: goodPool, 3333).carries(.silent)]),
    .nearMiss(
      of: "pool.not-stratum", when: "V2 where V2 belongs",
      morning + [flow(to: "203.0.113.10", 3336).carries(.stratumV2)]),
  ]

  static let destinations: [RuleCase] = [
    .fires(
      "TLS to anywhere", [flow(to: stranger, 443).carries(.tls)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:443: TCP, TLS"),
    .fires(
      "a SYN that nobody answers", [flow(to: stranger, 22).ended(answered: false)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:22: TCP, nothing said"),
    .fires(
      "a datagram", [flow(to: stranger, 14235, ipProtocol: 17, basis: .guess).carries(.unknown)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:14235: UDP, unknown protocol"),
    .fires(
      "a ping", [flow(to: stranger, ipProtocol: 1, icmpType: 8).carries(.none)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66: ICMP"),
    .fires(
      "IPv6", [flow("fd00:20::5", to: "2001:db8::1", 443).carries(.tls)],
      "high destination.unlisted fd00:20::5 -> [2001:db8::1]:443: TCP, TLS"),
    .fires(
      "the port of an allowance, as UDP", [flow(to: "198.51.100.3", 443, ipProtocol: 17).carries(.unknown)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.3:443: UDP, unknown protocol"),
    .fires(
      "a pool's port, as UDP", morning + [flow(to: goodPool, 3333, ipProtocol: 17).carries(.unknown)],
      "high destination.unlisted 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: UDP, unknown protocol"),
    .fires(
      "not DNS at the resolver's port", [flow(to: resolver, 53, ipProtocol: 17).carries(.unknown)],
      "high miner.lateral 10.20.0.5 -> 10.1.0.1:53: UDP to a manager, an unknown protocol"),
    .fires(  // A host outside talks, and nobody knows who called: the miner is the one to ask.
      "a guess", [flow(stranger, to: miner, 50_000, ipProtocol: 17, basis: .guess).carries(.unknown)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:40000: UDP, unknown protocol"),
    .fires(
      "the tunnel around a harmless flow",
      [flow(to: resolver, 53, ipProtocol: 17, tunnel: gre(to: stranger)).carries(.dns)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66: GRE to the outside"),
    .nearMiss(of: "destination.unlisted", when: "an allowance", [flow(to: "198.51.100.3", 443).carries(.tls)]),
    .nearMiss(
      of: "destination.unlisted", when: "an allowance by name",
      [answers("firmware.example.com", stranger), flow(to: stranger, 443).carries(.tls)]),
    .nearMiss(
      of: "destination.unlisted", when: "a ping to a pool",
      morning + [flow(to: goodPool, ipProtocol: 1, icmpType: 8).carries(.none)]),
    .nearMiss(
      of: "destination.unlisted", when: "a ping to the resolver",
      [flow(to: resolver, ipProtocol: 1, icmpType: 8).carries(.none)]),
    .nearMiss(
      of: "destination.unlisted", when: "an ICMP error", [flow(to: stranger, ipProtocol: 1, icmpType: 3).carries(.none)]
    ),
    .nearMiss(
      of: "destination.unlisted", when: "the link's own traffic",
      [
        flow(to: "255.255.255.255", 67, ipProtocol: 17).carries(.dhcp),
        flow(to: "224.0.0.251", 5353, ipProtocol: 17).carries(.dns),
        flow("fd00:20::5", to: "ff02::1:ff00:1", ipProtocol: 58, icmpType: 135).carries(.none),
        flow("fd00:20::5", to: "fd00:20::1", ipProtocol: 58, icmpType: 135).carries(.none),
        flow(to: "239.1.1.1", ipProtocol: 2).carries(.none),
        flow(to: "10.20.255.255", 8888, ipProtocol: 17).carries(.unknown),
        flow(to: "10.20.3.255", 8888, ipProtocol: 17, mac: MACAddress(rawValue: 0xffff_ffff_ffff)).carries(.unknown),
        flow(to: "10.99.3.255", 137, ipProtocol: 17, mac: MACAddress(rawValue: 0xffff_ffff_ffff)).carries(.unknown),
        flow(to: "239.255.255.250", 1900, ipProtocol: 17).carries(.unknown),
        flow("fd00:20::5", to: "ff05::c", 1900, ipProtocol: 17).carries(.unknown),
      ]),
    .fires(  // Groups that cross borders, and hosts outside in a frame to everybody.
      "not on the site",
      [
        flow(to: "224.0.1.129", 319, ipProtocol: 17).carries(.unknown),
        flow("fd00:20::5", to: "ff0e::1", 1900, ipProtocol: 17).carries(.unknown),
        flow(to: "198.51.100.67", 9, ipProtocol: 17, mac: MACAddress(rawValue: 0xffff_ffff_ffff)).carries(.unknown),
      ],
      "high destination.unlisted 10.20.0.5 -> 224.0.1.129:319: UDP, unknown protocol",
      "high destination.unlisted fd00:20::5 -> [ff0e::1]:1900: UDP, unknown protocol",
      "high destination.unlisted 10.20.0.5 -> 198.51.100.67:9: UDP, unknown protocol"),
    .fires(
      "the last address of a network is a host to whoever connects to it",
      [flow(stranger, to: "10.20.255.255", 4028).ended(answered: false)],
      "critical destination.inbound 10.20.255.255 <- 198.51.100.66: opened TCP port 4028 of the miner from outside: "
        + "not answered"),
    .fires(  // The same addresses, but not to everybody.
      "no broadcast after all", [flow(to: "10.20.3.255", 8888, ipProtocol: 17).carries(.unknown)],
      "high miner.lateral 10.20.0.5 -> 10.20.3.255:8888: UDP to another miner, an unknown protocol"),
    .nearMiss(
      of: "destination.unlisted", when: "the site's services",
      [
        flow(to: resolver, 53, ipProtocol: 17).carries(.dns), flow(to: resolver, 53).carries(.silent),
        flow(to: resolver, 123, ipProtocol: 17).carries(.ntp), flow(to: resolver, 67, ipProtocol: 17).carries(.dhcp),
      ]),
    .nearMiss(of: "destination.unlisted", when: "a manager at work", [flow(manager, to: miner, 80).carries(.http)]),
    .nearMiss(
      of: "destination.unlisted", when: "a mirror port's own tunnel",
      morning + [
        flow(to: goodPool, 3333, tunnel: mirror).carries(.silent)
      ]),

    .fires(
      "Antbleed's name",
      [asks("auth.minerlink.com")],
      #"critical destination.indicator 10.20.0.5 -> 10.1.0.1:53 auth.minerlink.com: asked for "auth.minerlink.com", Antbleed's phone-home: an answer from there can stop a miner"#
    ),
    .fires(
      "Antbleed's host",
      [answers("auth.minerlink.com", stranger), flow(to: stranger, 7000).carries(.unknown)],
      "critical destination.indicator 10.20.0.5 -> 198.51.100.66:7000 auth.minerlink.com: reached for auth.minerlink.com, Antbleed's phone-home: an answer from there can stop a miner"
    ),
    .fires(
      "Antbleed's host by way of an allowed proxy",
      [
        proxy.carries(.http), proxy.observed(.http(.introduced(.passage))),
        proxy.observed(.wrapped(Wrapper(.httpConnect, host: "AUTH.minerlink.com.", port: 7_000))),
      ],
      #"critical destination.indicator 10.20.0.5 -> 198.51.100.3:443 auth.minerlink.com: asked for "auth.minerlink.com:7000", "#
        + "Antbleed's phone-home: an answer from there can stop a miner"),
    .fires(
      "a proxy that nothing explains is told by whom it was asked for",
      [
        elsewhere.carries(.socks),
        elsewhere.observed(.wrapped(Wrapper(.socks5, host: "auth.minerlink.com", port: 7_000)), at: 101),
      ],
      #"critical destination.indicator 10.20.0.5 -> 198.51.100.66:1080 auth.minerlink.com: asked for "auth.minerlink.com:7000", "#
        + "Antbleed's phone-home: an answer from there can stop a miner"),
    .fires(
      "Antbleed's name in requests of any form",
      [
        proxy.asks("GET", "http://auth.minerlink.com:7000/x", host: "www.example.org"),
        proxy.asks("GET", "/x", host: "auth.minerlink.com", at: 101),
        proxy.asks("CONNECT", "auth.minerlink.com:7000", host: nil, at: 102),
      ],
      #"critical destination.indicator 10.20.0.5 -> 198.51.100.3:443 auth.minerlink.com: asked for "auth.minerlink.com:7000", "#
        + "Antbleed's phone-home: an answer from there can stop a miner",
      #"critical destination.indicator 10.20.0.5 -> 198.51.100.3:443 auth.minerlink.com: asked for "auth.minerlink.com:7000", "#
        + "Antbleed's phone-home: an answer from there can stop a miner [x3]"),
    .nearMiss(
      of: "destination.indicator", when: "other hosts by way of a proxy",
      [
        proxy.observed(.wrapped(Wrapper(.httpConnect, host: "www.example.org", port: 443))),
        proxy.asks("GET", "http:///x", host: "[::1"), proxy.asks("GET", "*", host: ":"),
        proxy.asks("GET", "http://[2001:db8::7]:80/auth.minerlink.com", host: "firmware.example.com"),
      ]),
    .nearMiss(  // Whoever owns a bad name may point it anywhere.
      of: "destination.indicator", when: "a bad name points at a good pool",
      morning + [answers("auth.minerlink.com", goodPool)] + flow(to: goodPool, 3333).mines(as: "acme.1")),
    .nearMiss(
      of: "destination.indicator", when: "a name that only looks like it", [asks("minerlink.com")],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 minerlink.com: asked for "minerlink.com""#),

    .fires(
      "a visitor from outside", [flow(stranger, to: miner, 80).carries(.http)],
      "critical destination.inbound 10.20.0.5 <- 198.51.100.66: opened TCP port 80 of the miner from outside, HTTP: the miner answered"
    ),
    .fires(
      "an attempt from outside", [flow(stranger, to: miner, 4028).ended(answered: false)],
      "critical destination.inbound 10.20.0.5 <- 198.51.100.66: opened TCP port 4028 of the miner from outside: not answered"
    ),
    .fires(
      "a ping from outside",
      [flow(stranger, to: miner, ipProtocol: 1, icmpType: 8, basis: .content).ended(answered: true)],
      "critical destination.inbound 10.20.0.5 <- 198.51.100.66: pinged the miner from outside: the miner answered"),
    .fires(  // Whoever has the higher number, only a miner's management has this one.
      "a command by datagram from outside",
      [flow(miner, from: 14_236, to: stranger, 4_444, ipProtocol: 17, basis: .guess).carries(.unknown)],
      "critical destination.inbound 10.20.0.5 <- 198.51.100.66: opened UDP port 14236 of the miner from outside, "
        + "an unknown protocol: the miner answered"),
    .nearMiss(of: "destination.inbound", when: "a manager", [flow(manager, to: miner, 4028).carries(.unknown)]),
    .nearMiss(
      of: "destination.inbound", when: "an ICMP error from outside",
      [
        flow(stranger, to: miner, ipProtocol: 1, icmpType: 11, basis: .content).carries(.none)
      ]),
    .nearMiss(
      of: "destination.inbound", when: "between strangers", [flow(stranger, to: "192.0.2.1", 80).carries(.http)]),
  ]
}

private let proxy = flow(to: "198.51.100.3", 443)
private let elsewhere = flow(to: stranger, 1_080)

extension FlowFacts {
  fileprivate func asks(_ method: String, _ target: String, host: String?, at time: Double? = nil) -> Observation {
    var request = HTTPRequest(method: method, target: target, path: target)
    request.host = host
    return observed(.http(.request(request)), at: time)
  }
}

/// GRE from the miner.
private func gre(to destination: String) -> Tunnel {
  var tunnel = Tunnel()
  tunnel.kind = .gre
  tunnel.source = address(miner)
  tunnel.destination = address(destination)
  return tunnel
}

/// A switch's mirror session to the monitor.
private let mirror: Tunnel = {
  var tunnel = Tunnel()
  tunnel.kind = .erspan
  tunnel.source = address("10.2.0.1")
  tunnel.destination = address("10.2.0.2")
  return tunnel
}()
