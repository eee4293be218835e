import Capture
import Decode
import Foundation

/// A frame kept past the call that lent it.
struct KeptFrame: Equatable {
  var bytes: [UInt8]
  var timestamp: Timestamp
  var originalLength: Int
  var linkType: LinkType
  var source: UInt16

  init(_ frame: borrowing Frame) {
    bytes = (0..<frame.bytes.byteCount).map { frame.bytes.byte(at: $0) }
    timestamp = frame.timestamp
    originalLength = frame.originalLength
    linkType = frame.linkType
    source = frame.source
  }
}

/// What came of a file: its frames, and the failure that ended it if there was one.
struct Reading {
  var frames: [KeptFrame] = []
  var failure: CaptureError?

  /// Reads the file at `path` to its end, `limit` frames at a time.
  init(path: String, source: UInt16 = 0, filter: String = "", limit: Int = 3) {
    var kept: [KeptFrame] = []
    do {
      var file = try CaptureFile(path: path, source: source, filter: filter)
      while try !file.forEachFrame(limit: limit, { kept.append(KeptFrame($0)) }).ended {}
    } catch {
      failure = error
    }
    frames = kept
  }

  init(bytes: [UInt8], source: UInt16 = 0, filter: String = "", limit: Int = 3) throws {
    let file = try TemporaryFile(bytes)
    self.init(path: file.path, source: source, filter: filter, limit: limit)
  }
}

/// A file of its own, removed when nobody holds it any more.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8], name: String = "capture") throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
