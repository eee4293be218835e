import Capture
import Decode
import Flows
import Foundation
import Protocols
import Testing

/// Other people's captures. They are not part of the project: they lie in `shared/captures` beside the package or beside a
/// folder that it is in.
enum SharedCaptures {
  static let missing: Comment = "there is no folder shared/captures above this one"

  static let folder: URL? = {
    var parent = URL(fileURLWithPath: #filePath)
    while parent.pathComponents.count > 1 {
      parent.deleteLastPathComponent()
      let folder = parent.appendingPathComponent("shared/captures")
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    return nil
  }()

  static func files(_ kind: String) throws -> [URL] {
    guard let folder else { return [] }
    return try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent(kind), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
  }

  /// Everything that is observed in a capture, read to its end or to where it is damaged. Fragments are left out.
  static func observations(_ file: URL, bufferBytes: Int = 8 << 20) -> [Observation] {
    var site = Site(flows: 4_096, sessions: 2_048, bufferBytes: bufferBytes)
    var packet = Packet()
    var nextTick: Timestamp?
    do throws(CaptureError) {
      var capture = try CaptureFile(path: file.path, source: 0)
      repeat {
        let result = try capture.forEachFrame(limit: 512) { frame in
          guard PacketDecoder.decode(frame, into: &packet).isPacket, !packet.fragment.isFragment else { return }
          if packet.timestamp >= nextTick ?? packet.timestamp {
            if nextTick != nil { site.tick(packet.timestamp) }
            nextTick = packet.timestamp.advanced(by: .seconds(1))
          }
          let update = site.flows.receive(&packet, frame.bytes)
          site.stage.receive(update, &packet, frame.bytes, &site.flows)
        }
        if result.ended { break }
      } while true
    } catch {
      // What was read before the damage counts.
    }
    site.shutDown()
    return site.take()
  }
}
