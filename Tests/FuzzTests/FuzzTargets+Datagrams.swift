import Capture
import Decode
import Flows

@testable import Protocols

extension FuzzTarget {
  /// Messages that come whole, and what is inside other messages.
  static let datagrams: [FuzzTarget] = [
    parser("dns", { Seeds.dns }) { _ = DNSParser.parse($0) },
    parser("ntp", { Seeds.ntp }) { _ = NTPPacket($0, claimedLength: $0.byteCount) },
    parser("dhcp", { Seeds.dhcp }) { bytes in
      _ = DHCPv4Packet(bytes)?.message
      _ = DHCPv6Packet(bytes)?.message
    },
    parser("neighbour", { Seeds.neighbours }) { bytes in
      for type in 133...137 as ClosedRange<UInt16> {
        _ = NeighbourMessage(bytes, type: type, from: Seeds.router)
      }
      _ = RouterAdvertisement(bytes, from: Seeds.router)
      _ = RouteRedirect(ipv4: bytes, from: Seeds.router, to: Seeds.router)
      _ = RouteRedirect(ipv6: bytes, from: Seeds.router, to: Seeds.router)
    },
    parser("quic", { Seeds.quic }) { _ = QUICInitial($0) },
    parser("certificate", { Seeds.certificates }) { _ = TLSCertificate($0) },
    parser("local-names", { Seeds.dns }) { _ = LocalNames($0) },
    parser("discovery", { Seeds.discovery }) { _ = MinerDiscovery.read($0) },
    parser("api-text", { Seeds.apiTexts }) { bytes in
      let all = 0..<bytes.byteCount
      _ = CgminerRequest.read(bytes, all, number: 1)
      _ = CgminerAnswer.read(bytes, all)
      var text: [UInt8] = []
      for index in all { text.append(bytes.byte(at: index)) }
      _ = CgminerRequest.read(text: text, number: 1)
      _ = CgminerAnswer.read(text: text)
      _ = RemoteDaemon.read(String(decoding: text, as: UTF8.self), number: 1)
    },
    parser("agent-frame", { Seeds.agentFrames }) { _ = BTCAgentFrame($0, at: 0) },
    recognisers,
  ]

  private static func parser(
    _ name: String, _ seeds: @escaping @Sendable () -> [[UInt8]], _ parse: @escaping @Sendable (RawSpan) -> Void
  ) -> FuzzTarget {
    FuzzTarget(name, seeds: seeds) { input in
      input.withBytes(parse)
      return nil
    }
  }

  /// The first byte is how many of the others the opener said.
  private static let recognisers = FuzzTarget("recognisers", seeds: { Seeds.firstBytes }) { input in
    guard let count = input.first else { return nil }
    let rest = Array(input.dropFirst())
    rest.withBytes { span in
      let split = min(Int(count), span.byteCount)
      var first = FirstBytes(
        opening: span.extracting(0..<split), answer: span.extracting(split..<span.byteCount))
      for port in [53, 123, 443, 4_028, 5_353] as [UInt16] {
        first.answererPort = port
        _ = Recogniser.recognise(first, among: Recogniser.streams)
        _ = Recogniser.recognise(first, among: Recogniser.datagrams)
      }
    }
    return nil
  }
}
