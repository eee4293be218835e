import Flows
import Foundation
import Protocols
import Testing

@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct SharedCapturesTests {
  /// What a capture of mining holds: sessions, shares sent and accepted.
  static let mining: [(file: String, sessions: Int, submitted: UInt64, accepted: UInt64)] = [
    ("real/real-minerd-ckpool-v1.pcap", 1, 11, 11),
    ("real/real-xmrig-xmrigproxy-plain.pcap", 1, 35, 35),
    ("real/real-cgminer-api.pcap", 4, 0, 0),  // The other connections are cgminer's own API.
    ("real/real-vlan10-tcp.pcap", 1, 0, 0),
    ("real/real-bitcoin-p2p.pcap", 0, 0, 0),
    ("real/real-monerod-p2p.pcap", 0, 0, 0),
    ("third/DI-cryptominingdetection--cgminer.g0.pcapng", 202, 0, 0),
    ("third/DI-cryptominingdetection--cgminer.s0.pcapng", 17, 0, 0),
    ("third/DI-cryptominingdetection--cgminer.s2.pcapng", 174, 0, 0),
    ("third/DI-cryptominingdetection--eth-eu1.nanopool.org.pcapng", 1, 1, 1),
    ("third/DI-cryptominingdetection--pool.eth.pp.ua.pcapng", 0, 0, 0),  // getwork over HTTP.
    ("third/DI-cryptominingdetection--xmr-eu1.nanopool.org.pcapng", 1, 0, 0),
    ("third/DI-cryptominingdetection--xmr.suprnova.cc.pcapng", 1, 5, 5),
    ("third/DI-cryptominingdetection--zec-eu.suprnova.cc.pcapng", 1, 11, 11),
    ("third/DI-cryptominingdetection--zec-eu1.nanopool.org.pcapng", 1, 6, 6),
    ("third/nDPI--mining.pcapng", 4, 78, 77),
    ("third/nicehash--dwarf_s.pcapng", 1, 4, 1),
    ("third/nDPI--bitcoin.pcap", 0, 0, 0),
    ("third/nDPI--ethereum.pcap", 0, 0, 0),
    ("third/nDPI--monero.pcap", 0, 0, 0),
    ("third/zeek-cryptomining--bitcoin-mining-in-progress.pcap", 1, 0, 0),
    ("third/zeek-cryptomining--bitcoin-mining.pcap", 3, 0, 0),
    ("third/zeek-cryptomining--coinhive-stratum.pcap", 3, 0, 0),
    ("third/zeek-cryptomining--coinhive.pcap", 0, 0, 0),  // Inside TLS.
  ]

  @Test(arguments: mining)
  func `reads every session of a capture`(file: String, sessions: Int, submitted: UInt64, accepted: UInt64) throws {
    let folder = try #require(SharedCaptures.folder)
    let found = SharedCaptures.observations(folder.appendingPathComponent(file))
    var sums: (sessions: Int, submitted: UInt64, accepted: UInt64) = (0, 0, 0)
    for observation in found {
      switch observation.content {
      case .flowIdentified(.stratum): sums.sessions += 1
      case .stratum(let event):
        guard case .shares(let shares) = event.what else { continue }
        sums.submitted += shares.submitted
        sums.accepted += shares.accepted
      default: continue
      }
    }
    #expect(sums == (sessions, submitted, accepted))
  }

  /// Every client there that subscribes, and some whose start the capture misses.
  @Test(arguments: [("cgminer.g2.pcapng", 992), ("cgminer.s1.pcapng", 848)])
  func `misses no session of the large captures`(file: String, subscribers: Int) throws {
    let path = "third/DI-cryptominingdetection--" + file
    let folder = try #require(SharedCaptures.folder)
    let found = SharedCaptures.observations(folder.appendingPathComponent(path))
    let sessions = found.count { if case .flowIdentified(.stratum) = $0.content { true } else { false } }
    #expect(sessions >= subscribers)
  }

  @Test(
    arguments: [
      ("dns.pcap", [.dns: 2]), ("dns_dot.pcap", [.tls: 1]), ("ssh.pcap", [.ssh: 2]), ("http.pcapng", [.http: 1]),
      ("http2.pcapng", [.http2: 1]), ("http_connect.pcap", [.dns: 1, .tls: 2]), ("ipp.pcap", [.http: 3]),
      ("tls_verylong_certificate.pcap", [.tls: 1]), ("tls_with_huge_ch.pcapng", [.tls: 1]), ("NTPv4.pcap", [.ntp: 1]),
      ("dhcp-fuzz.pcapng", [.dhcp: 1]), ("jsonrpc.pcap", [.http: 1, .unknown: 1]), ("mysql.pcapng", [.unknown: 2]),
      ("quic.pcap", [.quic: 9, .unknown: 1]), ("irc.pcap", [.unknown: 1]), ("telnet.pcap", [.telnet: 1]),
      ("openvpn.pcap", [.openVPN: 10]), ("wireguard.pcap", [.wireGuard: 2]), ("mqtt.pcap", [.mqtt: 2]),
      ("quic-v2.pcapng", [.quic: 1]), ("quic_t51.pcap", [.quic: 1]), ("dns_doh.pcap", [.tls: 1]),
    ] as [(String, [AppProtocol: Int])])
  func `tells other protocols`(file: String, expected: [AppProtocol: Int]) throws {
    let folder = try #require(SharedCaptures.folder)
    var found: [AppProtocol: Int] = [:]
    for observation in SharedCaptures.observations(folder.appendingPathComponent("other/nDPI--" + file)) {
      if case .flowEnded(_, let identified?) = observation.content { found[identified, default: 0] += 1 }
    }
    #expect(found == expected)
  }

  @Test func `never takes other traffic for mining`() throws {
    for file in try SharedCaptures.files("other") {
      for observation in SharedCaptures.observations(file) {
        switch observation.content {
        case .flowIdentified(.stratum), .flowIdentified(.stratumV2), .stratum:
          Issue.record("\(file.lastPathComponent): \(observation.line)")
        default: continue
        }
      }
    }
  }

  @Test(arguments: ["malformed", "other", "real", "third"])
  func `says of every flow once what it is, and once that it is over`(kind: String) throws {
    for file in try SharedCaptures.files(kind) {
      var identified: [UInt64: [AppProtocol]] = [:]
      var ended: Set<UInt64> = []
      for observation in SharedCaptures.observations(file) {
        guard let flow = observation.flow else { continue }
        #expect(!ended.contains(flow.id), "\(file.lastPathComponent): \(observation.line) after the end")
        switch observation.content {
        case .flowIdentified(let appProtocol): identified[flow.id, default: []].append(appProtocol)
        case .flowEnded: ended.insert(flow.id)
        default: continue
        }
      }
      for (flow, names) in identified {
        // Silence and ignorance may give way to knowledge, and HTTP to what it carries; nothing else changes.
        let mayGiveWay: [AppProtocol] = [.silent, .unknown, .http]
        #expect(names.dropLast().allSatisfy(mayGiveWay.contains), "\(file.lastPathComponent): \(names)")
        #expect(Set(names).count == names.count && ended.contains(flow), "\(file.lastPathComponent): \(names)")
      }
    }
  }
}
