import Flows
import Foundation
import Testing

@testable import Protocols

/// Captures of real miners and pools, read in place where they are at hand.
@Suite struct StratumCaptureTests {
  private static let folder = SharedCaptures.folder ?? URL(fileURLWithPath: "shared/captures")

  static func isThere(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }

  private static func turns(of name: String) throws -> [[Turn]] {
    try PlainCapture.conversations([UInt8](Data(contentsOf: folder.appending(path: name))))
  }

  @Test(
    .enabled(if: isThere("real/real-minerd-ckpool-v1.pcap"), "no captures in ../shared/captures"),
    arguments: [1, 100, .max])
  func `follows minerd at ckpool`(segment: Int) throws {
    let lines = try Self.turns(of: "real/real-minerd-ckpool-v1.pcap").flatMap { story($0, segment: segment) }
    #expect(lines.filter(\.isAccusation) == [])
    #expect(
      lines.filter { $0.hasPrefix("user") } == ["user 1BoatSLRHtKNngkdXEeobR76b53LETtpyT.rig1 by mining.authorize"])
    #expect(lines.last?.hasPrefix("shares 11 11 0 worth 0.022") == true)
    // Six: the seventh "mining.notify" in the capture stands in the reply to subscribe.
    #expect(lines.last?.hasSuffix("unknown 0 jobs 6 final") == true)
  }

  @Test(.enabled(if: isThere("real/real-xmrig-xmrigproxy-plain.pcap"), "no captures in ../shared/captures"))
  func `follows xmrig at xmrig-proxy`() throws {
    let lines = try Self.turns(of: "real/real-xmrig-xmrigproxy-plain.pcap").flatMap { story($0) }
    #expect(lines.filter(\.isAccusation) == [])
    #expect(
      lines.contains {
        $0.hasPrefix(
          "user 48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD")
      })
    #expect(lines.contains { $0.hasPrefix("shares 35 ") })
  }

  @Test(
    .enabled(if: isThere("third/zeek-cryptomining--bitcoin-mining.pcap"), "no captures in ../shared/captures"),
    arguments: [
      "third/zeek-cryptomining--bitcoin-mining.pcap", "third/zeek-cryptomining--bitcoin-mining-in-progress.pcap",
    ])
  func `recognises and follows bfgminer at its pool`(name: String) throws {
    let conversations = try Self.turns(of: name).filter { $0.isMining }
    #expect(!conversations.isEmpty)
    for turns in conversations {
      let story = story(turns, midstream: true, rolesAreCertain: false)
      #expect(!story.contains { $0.hasPrefix("method") || $0.hasPrefix("order") })
      // What it works on may be told before who works.
      #expect(story.first { !$0.hasPrefix("work on") } == "introduced")
    }
  }

  @Test(
    .enabled(if: isThere("other/nDPI--jsonrpc.pcap"), "no captures in ../shared/captures"),
    arguments: [
      "nDPI--jsonrpc.pcap", "nDPI--elasticsearch.pcap", "nDPI--mqtt.pcap", "nDPI--irc.pcap", "nDPI--zabbix.pcap",
      "nDPI--http_ipv6.pcap",
    ])
  func `does not take other traffic for mining`(name: String) throws {
    for turns in try Self.turns(of: "other/\(name)") { #expect(!turns.isMining) }
  }

}

extension [Turn] {
  /// Either direction is recognised as mining.
  var isMining: Bool {
    [Role.client, .server].contains { role in
      let bytes = filter { $0.sender == role }.flatMap(\.bytes)
      let slab = Slab(copying: bytes)
      if case .match = StratumProbe.probe(slab.bytes(0..<bytes.count), midstream: true) { return true }
      return false
    }
  }
}

/// A naive reader of classic captures of Ethernet: TCP payloads in the order of the packets, by connection. No options, no
/// reassembly, no care for retransmission beyond dropping what repeats a sequence number.
enum PlainCapture {
  static func conversations(_ file: [UInt8]) -> [[Turn]] {
    var order: [String] = []
    var turns: [String: [Turn]] = [:]
    var clients: [String: String] = [:]
    var seen: Set<String> = []
    var position = 24
    while position + 16 <= file.count {
      let length = Int(file[position + 8]) | Int(file[position + 9]) << 8 | Int(file[position + 10]) << 16
      let packet = Array(file[min(position + 16, file.count)..<min(position + 16 + length, file.count)])
      position += 16 + length
      guard packet.count >= 54, packet[12] == 8, packet[13] == 0, packet[23] == 6 else { continue }
      let tcp = 14 + Int(packet[14] & 15) * 4
      guard packet.count >= tcp + 20 else { continue }
      let payload = tcp + Int(packet[tcp + 12] >> 4) * 4
      let end = min(packet.count, 14 + Int(packet[16]) << 8 + Int(packet[17]))
      let source = "\(packet[26..<30])\(packet[tcp..<tcp + 2])"
      let target = "\(packet[30..<34])\(packet[tcp + 2..<tcp + 4])"
      let key = min(source, target) + max(source, target)
      if clients[key] == nil {
        order.append(key)
        // SYN and ACK come from the server; joined in the middle, the higher port is the client's.
        let isReply = packet[tcp + 13] & 0x12 == 0x12
        let higher = (Int(packet[tcp]) << 8 + Int(packet[tcp + 1])) > (Int(packet[tcp + 2]) << 8 + Int(packet[tcp + 3]))
        clients[key] = packet[tcp + 13] & 2 != 0 ? (isReply ? target : source) : (higher ? source : target)
      }
      guard payload < end, seen.insert(source + target + "\(packet[tcp + 4..<tcp + 8])").inserted else { continue }
      turns[key, default: []].append(
        Turn(sender: source == clients[key] ? .client : .server, bytes: Array(packet[payload..<end])))
    }
    return order.compactMap { turns[$0] }
  }
}
