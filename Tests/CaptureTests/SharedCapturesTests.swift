import Capture
import Foundation
import Testing

/// Other people's captures, of mining, of everything else, and of what fuzzers left. They are not part of the project
/// (some have no licence): they lie in `shared/captures` beside the package or beside a folder that it is in.
@Suite struct SharedCapturesTests {
  static let folder: URL? = {
    var parent = URL(fileURLWithPath: #filePath)
    while parent.pathComponents.count > 1 {
      parent.deleteLastPathComponent()
      let folder = parent.appendingPathComponent("shared/captures")
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    return nil
  }()

  @Test(
    .enabled(if: folder != nil, "there is no folder shared/captures above this one"),
    arguments: ["malformed", "other", "real", "third"])
  func `every file is read to its end or refused in one sentence`(kind: String) throws {
    let folder = try #require(Self.folder).appendingPathComponent(kind)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      let (frames, failure) = read(file.path)
      if let failure {
        #expect(isOneSentence(failure.sentence), "\(file.lastPathComponent)")
        #expect(failure.exitStatus == .badCapture, "\(file.lastPathComponent): \(failure)")
      } else {
        #expect(frames > 0, "\(file.lastPathComponent)")
      }
      // What was captured of mining has to be read whole.
      if kind == "real" { #expect(failure == nil, "\(file.lastPathComponent)") }
    }
  }

  private func read(_ path: String) -> (frames: Int, failure: CaptureError?) {
    var frames = 0
    do throws(CaptureError) {
      var file = try CaptureFile(path: path, source: 0)
      while try !file.forEachFrame(limit: 512, { frame in frames += frame.originalLength >= 0 ? 1 : 0 }).ended {}
      return (frames, nil)
    } catch {
      return (frames, error)
    }
  }
}
