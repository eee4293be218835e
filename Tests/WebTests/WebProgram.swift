import Foundation

/// Programs that these tests run: the one that was built with them, a browser, a checker.
struct WebProgram {
  var status: Int32
  /// Standard output and standard error together.
  var output: String

  static let web = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("minewatch-web").path

  /// Runs a program to its end.
  static func run(_ path: String, _ arguments: [String], input: String = "") throws -> WebProgram {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let (given, said) = (Pipe(), Pipe())
    process.standardInput = given
    process.standardOutput = said
    process.standardError = said
    try process.run()
    given.fileHandleForWriting.write(Data(input.utf8))
    try given.fileHandleForWriting.close()
    let output = try said.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return WebProgram(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// The web program while it serves, on a port that was free.
  final class Server {
    private let process = Process()
    private let said = Pipe()
    let url: String

    /// - Parameters:
    ///   - store: nil for the policy's.
    ///   - policy: for names and power; none by default.
    init(store: String?, policy: String? = nil) throws {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      // A child inherits the signals that this thread blocks, SIGTERM among them: env(1) clears that.
      process.arguments =
        ["--default-signal", WebProgram.web, "--listen", "127.0.0.1:0"] + (store.map { ["--store", $0] } ?? [])
        + (policy.map { ["--config", $0] } ?? [])
      process.standardError = said
      try process.run()
      var line = Data()
      while let byte = try said.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
        line.append(byte)
      }
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard let last = words.last, last.hasPrefix("http://127.0.0.1:") else { throw CocoaError(.featureUnsupported) }
      url = String(last)
    }

    /// Asks it to read its policy again.
    func reload() { kill(process.processIdentifier, SIGHUP) }

    /// What it answers to a question.
    func ask(_ path: String) throws -> String {
      try WebProgram.run("/usr/bin/curl", ["-s", "--max-time", "60", url + path]).output
    }

    /// - Returns: its exit code.
    func end() -> Int32 {
      process.terminate()
      process.waitUntilExit()
      return process.terminationStatus
    }

    deinit {
      if process.isRunning { process.terminate() }
    }
  }
}
