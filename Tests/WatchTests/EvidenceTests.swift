import Capture
import Crypto
import Decode
import Foundation
import Policy
import Simulator
import Sinks
import Testing

@testable import Watch

/// The captures that alerts of an attacked site come with.
@Suite struct EvidenceTests {
  private struct Alert {
    let rule: String
    let ends: Set<String>
    let isCrowd: Bool
    let file: String
    let sha256: String
    let bytes: Int
    let packets: Int
  }

  /// Replays an attacked site, with the captures in `folder`.
  private static func alerts(_ folder: String) throws -> [Alert] {
    var policy = try Bench.policy()
    policy.alerts.evidence = Policy.EvidenceSink(path: folder + "/evidence", packets: 16)
    let outlets: [SinkSet.Outlet] = [
      .eve(path: folder + "/eve.json", types: [.alert]), .evidence(policy.alerts.evidence ?? .init(path: folder)),
    ]
    let sinks = SinkSet(outlets, origin: Origin(host: "", site: "test"), mode: .direct)
    var sensor = Sensor(policy: policy, sinks: sinks, seed: 1)
    for frame in AttackedSite.tape().frames {
      let span = frame.bytes.span
      let bytes = unsafe span.bytes
      sensor.receive(
        Frame(bytes: bytes, timestamp: frame.time, originalLength: frame.bytes.count, linkType: .ethernet, source: 0))
    }
    sensor.finish()
    #expect(sinks.losses().isEmpty)
    let lines = try String(contentsOfFile: folder + "/eve.json", encoding: .utf8).split(separator: "\n")
    return lines.compactMap { line in
      guard let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let alert = event["alert"] as? [String: Any], let context = alert["context"] as? [String: Any],
        let evidence = context["evidence"] as? [String: Any]
      else { return nil }
      return Alert(
        rule: alert["rule"] as? String ?? "",
        ends: Set(["src_ip", "dest_ip"].compactMap { event[$0] as? String }), isCrowd: context["miners"] != nil,
        file: evidence["file"] as? String ?? "", sha256: evidence["sha256"] as? String ?? "",
        bytes: evidence["bytes"] as? Int ?? 0, packets: evidence["packets"] as? Int ?? 0)
    }
  }

  private static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-evidence-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test func `each alert's capture has its flow's packets, and its hash stays true`() throws {
    try Self.withFolder { folder in
      let alerts = try Self.alerts(folder)
      #expect(alerts.count > 10)
      for alert in alerts {
        let bytes = try Data(contentsOf: URL(filePath: alert.file))
        let hash = SHA256.hash(data: bytes.prefix(alert.bytes)).map { String(format: "%02x", $0) }.joined()
        #expect(hash == alert.sha256, "\(alert.rule)")
        #expect((1...16).contains(alert.packets) || bytes.count == alert.bytes, "\(alert.rule)")
        let ends = try Self.ends(alert.file)
        #expect(ends.count >= alert.packets && ends.count <= 32)
        guard !alert.isCrowd, alert.ends.count == 2 else { continue }
        #expect(ends.allSatisfy { $0 == alert.ends }, "\(alert.rule): \(ends)")
      }
    }
  }

  @Test func `two replays of one capture make the same files`() throws {
    let first = try Self.withFolder { folder in (try Self.alerts(folder).map(\.sha256), try Self.files(folder)) }
    let second = try Self.withFolder { folder in (try Self.alerts(folder).map(\.sha256), try Self.files(folder)) }
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
    #expect(first.1.count > 10)
  }

  private static func files(_ folder: String) throws -> [String: Data] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/evidence").reduce(into: [:]) { files, name in
      files[name] = try Data(contentsOf: URL(filePath: "\(folder)/evidence/\(name)"))
    }
  }

  /// The two hosts of each frame in a capture, read with the reader that `minewatch replay` uses.
  private static func ends(_ path: String) throws -> [Set<String>] {
    var file = try CaptureFile(path: path, source: 0)
    var ends: [Set<String>] = []
    _ = try file.forEachFrame(limit: 1_000) { frame in
      var packet = Packet()
      guard PacketDecoder.decode(frame, into: &packet).isPacket else { return }
      let isTunnelled = packet.tunnel.kind != .none
      ends.append([
        (isTunnelled ? packet.tunnel.source : packet.source).description,
        (isTunnelled ? packet.tunnel.destination : packet.destination).description,
      ])
    }
    return ends
  }
}
