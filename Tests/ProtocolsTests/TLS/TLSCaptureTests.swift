import Foundation
import Testing

@testable import Protocols

/// Real sessions, against what tshark 4.0.17 reads of them; it has no JA4, which was computed from its fields.
@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct TLSCaptureTests {
  private static let expected: [(file: String, count: Int, ja4: String, ja3: String, names: Set<String>)] = [
    (
      "dns_doh.pcap", 1, "t13d1814h2_29a2cd9e9f10_d267a5f792d4", "b20b44b18b853ef29ab773e921b03422",
      ["mozilla.cloudflare-dns.com"]
    ),
    ("dns_dot.pcap", 1, "t12i250900_7415a186c913_cdf51c020b42", "4fa5e77b91a47e7cdcf5a5e6d25f8449", []),
    ("tls-esni-fuzzed.pcap", 3, "t13i1813h2_29a2cd9e9f10_0d6ff543c596", "957015a0b1e2500d8777219893a09495", []),
    (
      "tls_verylong_certificate.pcap", 1, "t12d6707h1_2955a3196ffa_c83f907a73d3", "2a26b1a62e40d25d4de3babc9d532f30",
      ["feodotracker.abuse.ch"]
    ),
    ("tls_with_huge_ch.pcapng", 1, "t13i1811h2_f71e3e15ae0d_5c3a8cf9b2bc", "66d6080b942b0b593896bf729f3fd326", []),
    (
      "tor.pcap", 7, "t10d360300_77f462745360_33a13ba74d1c", "581a3c7f54555512b8cd16e87dfe165b",
      [
        "www.6gyip7tqim7sieb.com", "www.ct7ctrgb6cr7.com", "www.e6r5p57kbafwrxj3plz.com", "www.gfu7hbxpfp.com",
        "www.jmts2id.com", "www.q4cyamnc6mtokjurvdclt.com", "www.t3i3ru.com",
      ]
    ),
  ]

  private func sessions(_ file: String) throws -> [TLSSession] {
    let folder = try #require(SharedCaptures.folder)
    return SharedCaptures.observations(folder.appendingPathComponent("other/nDPI--" + file)).compactMap {
      if case .tls(let event) = $0.content, event.what == .introduced { event.session } else { nil }
    }
  }

  @Test(arguments: expected.indices)
  func `reads hellos as tshark does`(index: Int) throws {
    let (file, count, ja4, ja3, names) = Self.expected[index]
    let found = try sessions(file).filter(\.sawHello)
    #expect(found.count == count)
    #expect(Set(found.compactMap(\.ja4)) == [ja4])
    #expect(Set(found.compactMap(\.ja3)) == [ja3])
    #expect(Set(found.compactMap(\.serverName)) == names)
  }

  @Test func `reads a very long certificate`() throws {
    let certificate = try #require(try sessions("tls_verylong_certificate.pcap").first?.certificate)
    #expect(certificate.sha256 == "2e5ba3db861217589824526e4e9c864460a588e940fd8d076a33a90619d294ee")
    #expect(certificate.subject.hasSuffix("CN=p2.shared.global.fastly.net"))
    #expect(certificate.issuer == "C=BE, O=GlobalSign nv-sa, CN=GlobalSign CloudSSL CA - SHA256 - G3")
    #expect(certificate.names.count == 16 && certificate.names[1] == "*.12wbt.com")
    #expect(!certificate.isSelfSigned)
  }

  @Test func `reads the made-up certificates of Tor relays`() throws {
    let subjects = try sessions("tor.pcap").compactMap { $0.certificate?.subject }
    #expect(subjects.count == 7)
    #expect(subjects.allSatisfy { $0.hasPrefix("CN=www.") && $0.hasSuffix(".net") })
  }

  /// Whatever other protocols a capture has, every TLS and QUIC flow is introduced once.
  @Test(arguments: ["malformed", "other", "third"])
  func `introduces every session exactly once`(kind: String) throws {
    for file in try SharedCaptures.files(kind) {
      var introduced: [UInt64: Int] = [:]
      var named: Set<UInt64> = []
      for observation in SharedCaptures.observations(file) {
        guard let flow = observation.flow?.id else { continue }
        switch observation.content {
        case .flowIdentified(.tls), .flowIdentified(.quic): named.insert(flow)
        case .tls(let event) where event.what == .introduced: introduced[flow, default: 0] += 1
        default: continue
        }
      }
      #expect(Set(introduced.keys) == named && introduced.values.allSatisfy { $0 == 1 }, "\(file.lastPathComponent)")
    }
  }
}
