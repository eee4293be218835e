import Foundation
import Testing

/// The manual says what the programs can, and nothing is left out.
@Suite struct ManualTests {
  private static let pages = ["minewatch.1", "minewatch.8", "minewatch-web.8", "minewatch.yaml.5"]

  private static func page(_ name: String) throws -> String {
    try String(contentsOf: Program.root.appendingPathComponent("man/\(name)"), encoding: .utf8)
  }

  /// A command as the program describes itself.
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }

      var names: [Name]?
      var shouldDisplay: Bool
    }

    var commandName: String
    var arguments: [Argument]?
    var subcommands: [Command]?

    /// Without those that every command has.
    var options: [String] {
      let shown = (arguments ?? []).filter(\.shouldDisplay)
      let names: [Argument.Name] = shown.flatMap { $0.names ?? [] }
      return names.filter { $0.kind == "long" }.map(\.name).filter { $0 != "help" && $0 != "version" }
    }
  }

  private static func command(_ program: String) throws -> Command {
    struct Tool: Decodable {
      var command: Command
    }
    let described = try Program.run(
      ["--experimental-dump-help"], of: Program.folder.appendingPathComponent(program).path)
    return try JSONDecoder().decode(Tool.self, from: Data(described.output.utf8)).command
  }

  @Test func `every command and option of minewatch is in its manual`() throws {
    let commands = try #require(try Self.command("minewatch").subcommands).filter { $0.commandName != "help" }
    #expect(commands.count > 8)
    for command in commands {
      let manual = try Self.page(command.commandName == "run" ? "minewatch.8" : "minewatch.1")
      let start = try #require(manual.range(of: ".Ss minewatch \(command.commandName)\n"), "no \(command.commandName)")
      let rest = manual[start.upperBound...]
      let section = rest[..<(rest.firstRange(of: #/\n\.S[hs] /#)?.lowerBound ?? rest.endIndex)]
      for option in command.options {
        #expect(section.contains(".It Fl -\(option)"), "\(command.commandName) --\(option)")
      }
      // And none that is no more.
      for match in section.matches(of: /\.It Fl -([a-z-]+)/) {
        #expect(command.options.contains(String(match.1)), "\(command.commandName) has no --\(match.1)")
      }
    }
  }

  @Test func `every option of minewatch-web is in its manual`() throws {
    let manual = try Self.page("minewatch-web.8")
    for option in try Self.command("minewatch-web").options {
      #expect(manual.contains(".It Fl -\(option) "), "--\(option)")
    }
  }

  @Test func `every exit code is the README's`() throws {
    let readme = try String(contentsOf: Program.root.appendingPathComponent("README.md"), encoding: .utf8)
    let manual = try Self.page("minewatch.8")
    let table = try #require(readme.range(of: "| exit code | means |"))
    let rows = readme[table.upperBound...].split(separator: "\n").prefix { $0.hasPrefix("|") }.dropFirst()
    let codes = rows.compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
    #expect(codes.count > 7)
    for code in codes { #expect(manual.contains("\n.It \(code)\n"), "\(code)") }
  }

  @Test(.enabled(if: Program.path(of: "mandoc") != nil, "needs mandoc"))
  func `mandoc finds nothing wrong`() throws {
    let paths = Self.pages.map { Program.root.appendingPathComponent("man/\($0)").path }
    let checked = try Program.run(["-T", "lint", "-W", "warning"] + paths, of: #require(Program.path(of: "mandoc")))
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
  }

  @Test func `the shells' completions are made`() throws {
    for program in ["minewatch", "minewatch-web"] {
      for (shell, word) in [
        ("bash", "complete -o filenames"), ("zsh", "#compdef \(program)"), ("fish", "complete -c '\(program)'"),
      ] {
        let script = try Program.run(
          ["--generate-completion-script", shell], of: Program.folder.appendingPathComponent(program).path)
        #expect(script.status == 0 && script.output.contains(word), "\(program) \(shell)")
      }
    }
  }
}
