import Foundation
import Testing

/// What holds for the sources as a whole.
@Suite
struct TidyTests {
  /// The only files that may say `unsafe` (ARCHITECTURE.md, "Cross-cutting").
  static let unsafeFiles = ["Sources/Decode/ByteLoads.swift", "Sources/Flows/Slab.swift"]

  @Test
  func `unsafe stands only where the architecture lists it`() throws {
    for (path, text) in try Self.sources() where !path.hasPrefix("Sources/Capture/") && !Self.unsafeFiles.contains(path)
    {
      let lines = text.split(separator: "\n").filter { line in
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return code.contains(/\bunsafe\b/) || code.contains("@unsafe")
      }
      #expect(lines.isEmpty, "\(path): \(lines)")
    }
  }

  @Test
  func `nothing is left to be done, forced or tried blindly`() throws {
    for (path, text) in try Self.sources() {
      for word in ["TODO", "FIXME", "XXX", "try!", "as!"] { #expect(!text.contains(word), "\(path) says \(word)") }
    }
  }

  @Test
  func `a packet's way knows no wall clock`() throws {
    let stages = ["Decode", "Flows", "Policy", "Protocols", "Rules"]
    for (path, text) in try Self.sources() where stages.contains(where: { path.hasPrefix("Sources/\($0)/") }) {
      for word in ["Date()", "clock_gettime", "ContinuousClock", "SuspendingClock", "DispatchTime"] {
        #expect(!text.contains(word), "\(path) reads a clock: \(word)")
      }
    }
  }

  private static func sources() throws -> [(path: String, text: String)] {
    let root = Program.root.appendingPathComponent("Sources")
    let names = try #require(FileManager.default.enumerator(atPath: root.path)).compactMap { $0 as? String }
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      ("Sources/\(name)", try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8))
    }
  }
}
