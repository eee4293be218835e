import Foundation
import Testing

/// The programs as a person or a script meets them: words, exit codes, and what goes to which stream.
@Suite(.serialized)
struct CommandTests {
  @Test
  func `help names the commands and an example`() throws {
    let help = try Program.run(["--help"])
    #expect(help.status == 0)
    for word in [
      "run", "replay", "check", "rules", "alerts", "status", "miners", "top",
      "minewatch replay --config minewatch.yaml site.pcap",
    ] {
      #expect(help.output.contains(word), "\(word) is not in the help")
    }
    #expect(help.errors.isEmpty)
  }

  /// Arguments, exit code, and a word of the one line on standard error.
  static let refusals: [(arguments: [String], status: Int32, says: String)] = [
    (["replay"], 64, "capture"),
    (["replay", "--format", "xml", "x.pcap"], 64, "xml"),
    (["replay", "--store", "", "CAPTURE"], 64, "--store is empty"),
    (["replay", "--store", "README.md", "--config", "CONFIG", "CAPTURE"], 74, "it is no SQLite database"),
    (["frobnicate"], 64, "frobnicate"),
    (["rules", "pool.unlistd"], 64, "did you mean pool.unlisted"),
    (["rules", "\u{1b}[31m"], 64, "minewatch rules --help"),
    (["alerts", "--since", "tomorrow"], 64, "minewatch alerts --help"),
    (["check", "--config", ""], 64, "--config is empty"),
    (["run", "--interface", "w0", "--interface", "w0"], 64, "stands twice"),
    (["run", "--interface", ""], 64, "--interface"),
    (["status", "--store", "/"], 74, "no plain file"),
    (["learn", "/nowhere/site.pcap"], 66, "/nowhere/site.pcap"),
    (["learn", "--filter", "tcp prot 3333", "CAPTURE"], 78, "tcp prot 3333"),
    (["check", "--config", "/nowhere/minewatch.yaml"], 78, "/nowhere/minewatch.yaml"),
    (["replay", "--config", "CONFIG", "/nowhere/site.pcap"], 66, "/nowhere/site.pcap"),
    (["replay", "--config", "CONFIG", "README.md"], 65, "README.md"),
    (["replay", "--config", "CONFIG", "--filter", "tcp prot 3333", "CAPTURE"], 78, "tcp prot 3333"),
    (["learn", "--interface", "nosuch0"], 69, "nosuch0"),
    (["run", "--config", "CONFIG"], 78, "--interface"),
  ]

  @Test(arguments: refusals.indices)
  func `a refusal is one line and a code`(index: Int) throws {
    let (arguments, status, word) = Self.refusals[index]
    let capture = try Self.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    let result = try Program.run(
      arguments.map {
        switch $0 {
        case "CONFIG": Self.demoPolicy
        case "CAPTURE": capture
        case "README.md": Program.root.appendingPathComponent("README.md").path
        default: $0
        }
      })
    #expect(result.status == status)
    #expect(result.errors.contains(word), "\(result.errors)")
    let lines = result.errors.split(separator: "\n").filter { !$0.contains("warning:") }
    #expect(lines.count == 1 && lines[0].hasPrefix("minewatch: "), "\(result.errors)")
    #expect(!result.errors.contains("\u{1b}"), "an argument reached the terminal")
    #expect(result.output.isEmpty || arguments[0] == "replay", "\(result.output)")
  }

  @Test
  func `a replay prints alerts and a summary`() throws {
    let capture = try Self.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    let result = try Program.run(["replay", "--config", Self.demoPolicy, capture])
    #expect(result.status == 0)
    #expect(result.output.contains(#"authorized as "mallory.x""#))
    #expect(result.output.contains("watched"))
    #expect(!result.output.contains("\u{1b}"), "colour went to a file")
    #expect(result.errors.isEmpty, "\(result.errors)")
  }

  @Test
  func `standard input is a capture too`() throws {
    let capture = try Self.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: capture))
    let fromFile = try Program.run(["replay", "--config", Self.demoPolicy, "--eve", "-", capture])
    let fromInput = try Program.run(["replay", "--config", Self.demoPolicy, "--eve", "-", "-"], input: bytes)
    #expect(fromInput.status == 0)
    #expect(!fromFile.output.isEmpty)
    #expect(fromInput.output == fromFile.output)
  }

  @Test
  func `EVE on standard output is JSON lines and nothing else`() throws {
    let capture = try Self.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    let result = try Program.run(["replay", "--config", Self.demoPolicy, "--eve", "-", capture])
    let lines = result.output.split(separator: "\n")
    #expect(lines.count > 10)
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["event_type"] is String)
    }
    #expect(result.errors.contains("watched"), "the summary belongs to standard error here")
  }

  @Test(arguments: [("critical", Int32(1)), ("info", 1)])
  func `fail-on ends with 1`(level: String, status: Int32) throws {
    let capture = try Self.attackedCapture()
    defer { try? FileManager.default.removeItem(atPath: capture) }
    let result = try Program.run(["replay", "--config", Self.demoPolicy, "--fail-on", level, capture])
    #expect(result.status == status)
  }

  @Test
  func `fail-on ends with 0 when nothing was found`() throws {
    let folder = try Temporary.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let capture = folder.appendingPathComponent("healthy.pcap").path
    try Program.simulate(["healthy", capture, "--miners", "20", "--packets", "3000"])
    let result = try Program.run(["replay", "--config", Self.demoPolicy, "--fail-on", "info", capture])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test
  func `the README's rule table is the rule book's`() throws {
    let table = try Program.run(["rules", "--format", "markdown"]).output
    let readme = try String(contentsOf: Program.root.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(table.contains("| 1001 | `pool.unlisted` |"))
    #expect(readme.contains(table.trimmingCharacters(in: .newlines)), "run: minewatch rules --format markdown")
  }

  static let demoPolicy = Program.root.appendingPathComponent("Configs/demo.yaml").path

  static func attackedCapture() throws -> String {
    let path = try Temporary.folder().appendingPathComponent("attacked.pcap").path
    try Program.simulate(["attacked", path])
    return path
  }
}

extension Program {
  static func simulate(_ arguments: [String]) throws {
    let result = try run(arguments, of: folder.appendingPathComponent("minewatch-simulate").path)
    guard result.status == 0 else { throw Failed(description: result.errors) }
  }

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }
}
