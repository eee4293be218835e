import Capture
import Decode
import Foundation
import Testing

@testable import Policy

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

/// The least that a policy must say.
let smallPolicy = """
  miners: {networks: [10.20.0.0/16]}
  pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
  """

/// Reads a small policy in a folder with these files, and with the data among them that ships with the program. Files are named in
/// problems as they are here.
///
/// - Parameter builtIn: where the data is, in the folder of this path.
func readWithData(_ files: [String: String], builtIn: (String) -> BuiltInData) throws -> Policy {
  let folder = try TestFolder(files)
  do {
    return try PolicyReader.read(
      text: smallPolicy, file: "\(folder.path)/p.yaml", rules: .sample, builtIn: builtIn(folder.path))
  } catch {
    throw PolicyErrors(
      problems: error.problems.map { problem in
        var problem = problem
        problem.file = problem.file.replacingOccurrences(of: folder.path + "/", with: "")
        return problem
      })
  }
}
