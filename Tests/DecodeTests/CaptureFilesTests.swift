import Foundation
import Testing

@testable import Decode

/// Frames of real networks and of other programs' fuzzers, decoded one by one.
@Suite(.enabled(if: PcapFile.folder != nil, "the folder ../shared/captures is missing"))
struct CaptureFilesTests {
  /// - Returns: all frames, decoded; nil when the file is in another format than classic pcap.
  private func decodeAll(_ url: URL) throws -> [Decoded]? {
    guard let file = try PcapFile(url) else { return nil }
    return file.records.map { decode($0.bytes, file.link, wireLength: $0.originalLength) }
  }

  private func packets(_ path: String) throws -> [Packet] {
    let folder = try #require(PcapFile.folder)
    let decoded = try #require(try decodeAll(folder.appending(path: path)))
    return decoded.filter { $0.outcome == .packet }.map(\.packet)
  }

  @Test
  func `decodes whatever there is`() throws {
    let folder = try #require(PcapFile.folder)
    var files = 0
    var frames = 0
    for part in ["real", "third", "other", "malformed"] {
      let urls = try FileManager.default.contentsOfDirectory(
        at: folder.appending(path: part), includingPropertiesForKeys: nil)
      for url in urls where url.pathExtension == "pcap" {
        guard let decoded = try decodeAll(url) else { continue }
        files += 1
        frames += decoded.count
        for (index, frame) in decoded.enumerated() where !frame.holdsInvariant {
          Issue.record("\(url.lastPathComponent), frame \(index + 1)")
        }
      }
    }
    print("\(frames) frames of \(files) files")
    #expect(files > 300)
    #expect(frames > 20_000)
  }

  @Test(arguments: [
    "real-bitcoin-p2p", "real-cgminer-api", "real-minerd-ckpool-v1", "real-monerod-p2p", "real-vlan10-tcp",
    "real-xmrig-xmrigproxy-plain",
  ])
  func `finds no fault in real traffic`(name: String) throws {
    let folder = try #require(PcapFile.folder)
    let decoded = try #require(try decodeAll(folder.appending(path: "real/\(name).pcap")))
    #expect(decoded.allSatisfy { $0.outcome == .packet && $0.packet.unopened == .packet })
    #expect(decoded.contains { $0.packet.transport == .tcp })
  }

  @Test
  func `reads the VLAN`() throws {
    let packets = try packets("real/real-vlan10-tcp.pcap")
    #expect(packets.count == 25)
    #expect(packets.allSatisfy { $0.vlanCount == 1 && $0.outerVLAN == 10 })
  }

  @Test
  func `reads both tags`() throws {
    let packets = try packets("other/tcpdump--802.1ad_QinQ.pcap")
    #expect(!packets.isEmpty)
    #expect(packets.allSatisfy { $0.vlanCount == 2 })
  }

  @Test
  func `opens VXLAN`() throws {
    let packets = try packets("other/tcpdump--vxlan.pcap")
    #expect(!packets.isEmpty)
    #expect(packets.allSatisfy { $0.tunnel.kind == .vxlan && $0.tunnel.source != $0.source })
  }

  @Test
  func `tells PPPoE discovery from sessions`() throws {
    let folder = try #require(PcapFile.folder)
    let decoded = try #require(try decodeAll(folder.appending(path: "other/tcpdump--pppoe.pcap")))
    #expect(decoded.map(\.outcome) == [.ignored(.pppoeDiscovery)])
  }

  @Test(arguments: [("bigtcp-ipv4-vxlan-ipv6", 79_924), ("bigtcp-ipv6-hbh", 80_000), ("gso-ipv6", 7_140)])
  func `reads packets that do not say their length`(name: String, payload: Int) throws {
    let packets = try packets("other/tcpdump--\(name).pcap")
    #expect(packets.contains { $0.transport == .tcp && $0.claimedPayloadLength == payload })
  }

  @Test
  func `opens IPv6 in IPv4`() throws {
    #expect(try packets("other/nDPI--6in4tunnel.pcap").contains { $0.tunnel.kind == .ip && $0.network == .ipv6 })
  }
}
