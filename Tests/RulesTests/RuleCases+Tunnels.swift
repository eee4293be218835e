import Decode
import Flows
import Protocols

extension RuleCase {
  static let tunnels: [RuleCase] = passages + encryptedNames + wrapped + encryptedPools + unreadable

  private static let passages: [RuleCase] = [
    .fires(
      "IPsec", [flow(to: stranger, ipProtocol: 50, basis: .guess).carries(.none)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66: IPsec to the outside"),
    .fires(
      "GRE", [flow(to: stranger, ipProtocol: 47, basis: .guess).carries(.none)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66: GRE to the outside"),
    .fires(
      "WireGuard", [flow(to: stranger, 51_820, ipProtocol: 17).carries(.wireGuard)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66:51820: WireGuard to the outside"),
    .fires(
      "OpenVPN over TCP", [flow(to: stranger, 443).carries(.openVPN)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66:443: OpenVPN to the outside"),
    .fires(
      "SSH to the outside", [flow(to: stranger, 22).carries(.ssh)],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66:22: SSH to the outside"),
    .fires(
      "SSH to the outside, with what both ends call themselves",
      [
        flow(to: stranger, 22).carries(.ssh),
        flow(to: stranger, 22).observed(
          .ssh(SSHIdentification(sender: .client, line: "SSH-2.0-dropbear_2022.83")), at: 101),
        flow(to: stranger, 22).observed(.ssh(SSHIdentification(sender: .server, line: "SSH-2.0-OpenSSH_9.2")), at: 101),
      ],
      #"high destination.tunnel 10.20.0.5 -> 198.51.100.66:22: SSH to the outside: the miner's "SSH-2.0-dropbear_2022.83", the other end's "SSH-2.0-OpenSSH_9.2""#
    ),
    .fires(
      "a Tor relay's certificate",
      [flow(to: stranger, 9_001).shows(subject: "CN=www.g6ghvisevf3ibuu5.net", issuer: "CN=www.xkgk7fdx362yyyxib.com")],
      "high destination.tunnel 10.20.0.5 -> 198.51.100.66:9001: Tor to the outside"),
    .nearMiss(
      of: "destination.tunnel", when: "a certificate nearly like it",
      [flow(to: stranger, 443).shows(subject: "CN=www.example.net", issuer: "CN=www.example.com, O=Example")],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:443: TCP, TLS"),
    .nearMiss(
      of: "destination.tunnel", when: "SSH on the site", [flow(to: "10.20.0.6", 22).carries(.ssh)],
      "high miner.lateral 10.20.0.5 -> 10.20.0.6:22: TCP to another miner, SSH"),
    .nearMiss(
      of: "destination.tunnel", when: "a tunnel that is allowed", [flow(to: "198.51.100.3", 443).carries(.openVPN)]),
  ]

  private static let encryptedNames: [RuleCase] = [
    .fires(
      "DNS over TLS by its port", [flow(to: stranger, 853).hello(for: "dns.example.org")],
      "high dns.encrypted 10.20.0.5 -> 198.51.100.66:853 dns.example.org: DNS over TLS"),
    .fires(
      "DNS over TLS by what it offers", [flow(to: stranger, 443).hello(for: nil, offering: ["dot"])],
      "high dns.encrypted 10.20.0.5 -> 198.51.100.66:443: DNS over TLS"),
    .fires(
      "DNS over HTTPS by the resolver's name",
      [flow(to: stranger, 443).hello(for: "mozilla.cloudflare-dns.com", offering: ["h2"])],
      "high dns.encrypted 10.20.0.5 -> 198.51.100.66:443 mozilla.cloudflare-dns.com: DNS over HTTPS"),
    .fires(
      "DNS over HTTPS by the resolver's address", [flow(to: "8.8.8.8", 443).hello(for: nil)],
      "high dns.encrypted 10.20.0.5 -> 8.8.8.8:443: DNS over HTTPS"),
    .fires(
      "DNS over QUIC",
      [flow(to: stranger, 8_853, ipProtocol: 17).hello(for: "dns.example.org", offering: ["doq"], quic: true)],
      "high dns.encrypted 10.20.0.5 -> 198.51.100.66:8853 dns.example.org: DNS over QUIC"),
    .nearMiss(
      of: "dns.encrypted", when: "HTTP/2 to anywhere",
      [flow(to: stranger, 443).hello(for: "www.example.org", offering: ["h2", "http/1.1"])],
      #"high destination.unlisted 10.20.0.5 -> 198.51.100.66:443 www.example.org: TCP, TLS for "www.example.org""#),
    .fires(
      "DNS over TLS with a public resolver that may be asked in the clear",
      [answers("dns.example.net", "1.1.1.1")] + [flow(to: "1.1.1.1", 853).hello(for: nil)],
      "high dns.encrypted 10.20.0.5 -> 1.1.1.1:853 dns.example.net: DNS over TLS"),
    .nearMiss(of: "dns.encrypted", when: "TLS with the site's resolver", [flow(to: resolver, 853).hello(for: nil)]),
    .nearMiss(
      of: "dns.encrypted", when: "nothing said on the port", [flow(to: stranger, 853).carries(.silent)],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:853: TCP, nothing said"),
  ]

  private static let proxy = flow(to: "198.51.100.3", 443)
  private static func inside(_ host: String?, _ port: UInt16?) -> Observation {
    proxy.observed(.wrapped(Wrapper(.socks5, host: host, port: port)))
  }

  private static let lateral = flow(to: stranger, 1_080)
  private static func compressed(_ host: String) -> Wrapper {
    var wrapper = Wrapper(.webSocket, host: host, port: 8_080)
    wrapper.isCompressed = true
    return wrapper
  }

  private static let wrapped: [RuleCase] = [
    .fires(
      "mining for a stranger behind a proxy",
      [proxy.carries(.socks), inside("pool.evil.example", 3_333)] + proxy.mines(as: "m"),
      #"critical pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "pool.evil.example:3333", authorized as "m""#
    ),
    .fires(
      "mining for an allowed pool behind a proxy",
      [proxy.carries(.socks), inside("stratum.good.example", 3_333)] + proxy.mines(as: "acme.1"),
      #"high pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "stratum.good.example:3333", authorized as "acme.1""#
    ),
    .fires(
      "a pool's TLS behind a proxy",
      [proxy.carries(.socks), inside("secure.example", 443), proxy.hello(for: "secure.example")],
      #"high pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "secure.example:443", TLS for the pool host "secure.example""#
    ),
    .fires(
      "a pool's TLS behind a proxy, with no name in the hello",
      [proxy.carries(.socks), inside("secure.example", 443), proxy.hello(for: nil)],
      #"high pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "secure.example:443", TLS without a name in its hello"#
    ),
    .fires(
      "mining behind a proxy at an address that is not allowed either: one verdict",
      [lateral.carries(.socks)]
        + [lateral.observed(.wrapped(Wrapper(.socks5, host: "pool.evil.example", port: 3_333)), at: 101)]
        + lateral.mines(as: "m", at: 102),
      #"critical pool.tunnelled 10.20.0.5 -> 198.51.100.66:1080: mining inside SOCKS 5 to "pool.evil.example:3333", authorized as "m""#
    ),
    .fires(
      "a proxy at an address that is not allowed, and nothing inside",
      [
        lateral.carries(.socks),
        lateral.observed(.wrapped(Wrapper(.socks5, host: "www.example.org", port: 80)), at: 101),
      ],
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:1080: TCP, SOCKS"),
    .fires(
      "getwork behind a proxy",
      [proxy.carries(.socks), inside("pool.evil.example", 8_332)]
        + [proxy.observed(.http(.introduced(.mining(HTTPMining(method: "getwork", user: "m")))))],
      #"critical pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "pool.evil.example:8332", "getwork" over HTTP as "m""#
    ),
    .fires(
      "a stranger's account at an allowed pool behind a proxy",
      [proxy.carries(.socks), inside("stratum.good.example", 3_333)] + proxy.mines(as: "mallory.1"),
      #"critical stratum.account-unlisted 10.20.0.5 -> 198.51.100.3:443: authorized as "mallory.1""#,
      #"high pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside SOCKS 5 to "stratum.good.example:3333", authorized as "mallory.1""#
    ),
    .fires(
      "a compressed WebSocket with a pool",
      [
        proxy.observed(.http(.introduced(.passage))),
        proxy.observed(.wrapped(compressed("stratum.good.example"))), proxy.carries(.webSocket),
      ],
      #"critical pool.tunnelled 10.20.0.5 -> 198.51.100.3:443: mining inside a WebSocket to "stratum.good.example:8080", compressed, so not readable"#
    ),
    .nearMiss(
      of: "pool.tunnelled", when: "a compressed WebSocket with anybody",
      [
        proxy.observed(.http(.introduced(.passage))),
        proxy.observed(.wrapped(compressed("www.example.org"))), proxy.carries(.webSocket),
      ]),
    .nearMiss(
      of: "pool.tunnelled", when: "something else behind a proxy",
      [proxy.carries(.socks), inside("www.example.org", 443), proxy.hello(for: "www.example.org")]),
    .nearMiss(
      of: "pool.tunnelled", when: "mining after the proxy's flow is over",
      [proxy.carries(.socks), inside("pool.evil.example", 3_333), proxy.ended(.socks)]
        + proxy.mines(as: "m", at: 200),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.3:443: authorized as "m""#),
  ]

  private static let encryptedPools: [RuleCase] = [
    .fires(
      "a pool's name in a hello to a stranger", [flow(to: stranger, 443).hello(for: "secure.example")],
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:443 secure.example: TLS for the pool host "secure.example""#),
    .fires(
      "a bad name in a hello", [flow(to: stranger, 443).hello(for: "auth.minerlink.com")],
      "critical destination.indicator 10.20.0.5 -> 198.51.100.66:443 auth.minerlink.com: reached for auth.minerlink.com, Antbleed's phone-home: an answer from there can stop a miner"
    ),
    .fires(
      "TLS with the sizes of mining",
      [flow(to: stranger, 443).hello(for: "www.example.org"), flow(to: stranger, 443).sizes(32, 30, at: 500)],
      #"high destination.unlisted 10.20.0.5 -> 198.51.100.66:443 www.example.org: TCP, TLS for "www.example.org""#,
      "high pool.unlisted 10.20.0.5 -> 198.51.100.66:443: TLS that looks like mining, 30 of 32 requests as long as shares and so answered"
    ),
    .nearMiss(
      of: "pool.unlisted", when: "sizes that are not quite mining, or too few, or at the pool",
      morning + [
        flow(to: "198.51.100.3", 443).sizes(32, 25, at: 500),
        flow(to: "198.51.100.3", 443, id: 2).sizes(15, 15, at: 500),
        flow(to: securePool, 443, id: 3).sizes(32, 32, at: 500),
      ]),
    .nearMiss(
      of: "pool.unlisted", when: "a pool's name where the pool is",
      morning + [flow(to: securePool, 443).hello(for: "secure.example")]),
  ]

  private static let encryptedSession = flow("10.20.0.9", to: securePool, 443, id: 7).hello(for: "secure.example")

  private static let unreadable: [RuleCase] = [
    .fires(
      "the share of encrypted miners, told once",
      morning + flow(to: goodPool, 3_333).mines(as: "acme.1")
        + [encryptedSession, flow(manager, to: stranger, 443).carries(.silent, at: 700)]
        + [flow(manager, to: stranger, 443).carries(.silent, at: 5_000)],
      "info monitor.unreadable: 1 of 2 miners (50 %) mine encrypted"),
    .fires(
      "a share that grows",
      morning + flow(to: goodPool, 3_333).mines(as: "acme.1")
        + [
          encryptedSession, flow(manager, to: stranger, 443).carries(.silent, at: 700),
          flow(to: securePool, 443, id: 8, at: 800).hello(for: "secure.example"),
          flow(manager, to: stranger, 443).carries(.silent, at: 5_000),
        ],
      "info monitor.unreadable: 1 of 2 miners (50 %) mine encrypted",
      "medium monitor.unreadable: 2 of 2 miners (100 %) mine encrypted, up from 50 %"),
    .nearMiss(
      of: "monitor.unreadable", when: "everything is in the clear",
      morning + flow(to: goodPool, 3_333).mines(as: "acme.1")
        + [flow(manager, to: stranger, 443).carries(.silent, at: 5_000)]),
  ]
}

extension FlowFacts {
  fileprivate func sizes(_ requests: Int, _ shares: Int, at time: Double) -> Observation {
    let cadence = TLSCadence(requests: requests, shares: shares)
    return observed(.tls(TLSEvent(session: TLSSession(transport: .stream), what: .cadence(cadence))), at: time)
  }

  fileprivate func shows(subject: String, issuer: String) -> Observation {
    var session = TLSSession(transport: .stream)
    session.version = .tls12
    session.certificate = TLSCertificate(sha256: "00", subject: subject, issuer: issuer)
    return says(session)
  }
}
