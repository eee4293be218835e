import Capture
import Decode
import Foundation
import Testing

@testable import Policy

/// Small generator for repeatable tests (Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension RuleCatalogue {
  /// Some rules with a parameter of each kind.
  static let sample = RuleCatalogue(
    entries: [
      Entry(name: "fleet.coordinated-stop", parameters: [("fraction", .fraction), ("window", .duration)]),
      Entry(name: "stratum.show-message"),
      Entry(name: "dns.unlisted-name"),
      Entry(name: "destination.unlisted", parameters: [("grace", .duration)]),
      Entry(name: "control.scan", parameters: [("miners", .count)]),
    ],
    levels: ["critical", "high", "medium", "low", "info"])
}

/// A folder of files for one test, gone afterwards.
final class TestFolder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "minewatch-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(text, to: name) }
  }

  func write(_ text: String, to name: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// The repository's `Configs` folder.
let configs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "Configs").path

func read(_ text: String, file: String = "p.yaml", now: Timestamp? = nil) throws -> Policy {
  try PolicyReader.read(text: text, file: file, rules: .sample, builtIn: .none, now: now)
}

/// What the reader says of a bad policy, one problem a line.
func complaints(_ text: String, file: String = "p.yaml") -> String {
  do {
    _ = try read(text, file: file)
    return ""
  } catch {
    return "\(error)"
  }
}

func address(_ text: String) throws -> IPAddress {
  try #require(IPAddress(text))
}
