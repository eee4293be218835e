import Foundation

/// A program that a test runs, and what it said.
struct Program {
  var status: Int32
  var output: String
  var errors: String

  /// The folder of the binaries that were built with these tests.
  static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  /// The checkout.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static var minewatch: String { folder.appendingPathComponent("minewatch").path }

  /// Where real captures are, beside a checkout that has them.
  static let captures = root.appendingPathComponent("../shared/captures").standardizedFileURL

  /// Runs `executable` to its end.
  ///
  /// - Parameter input: what it reads from standard input; nothing by default.
  static func run(
    _ arguments: [String], of executable: String = minewatch, input: Data = Data(), environment: [String: String] = [:]
  ) throws -> Program {
    let running = try Running(arguments, of: executable, input: input, environment: environment)
    return try running.wait()
  }

  /// Finds a program in the places where Debian puts them.
  static func path(of name: String) -> String? {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"].map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

/// A program that still runs. Its output goes to files, so that it can say any amount.
final class Running {
  let process = Process()
  private let folder: URL

  init(
    _ arguments: [String], of executable: String = Program.minewatch, input: Data = Data(),
    environment: [String: String] = [:]
  ) throws {
    folder = try Temporary.folder()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for name in ["out", "err", "in"] {
      try (name == "in" ? input : Data()).write(to: folder.appendingPathComponent(name))
    }
    process.standardInput = try FileHandle(forReadingFrom: folder.appendingPathComponent("in"))
    process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("err"))
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
    try? FileManager.default.removeItem(at: folder)
  }

  var output: String { text("out") }
  var errors: String { text("err") }

  func wait() throws -> Program {
    process.waitUntilExit()
    return Program(status: process.terminationStatus, output: output, errors: errors)
  }

  /// Looks again and again until `condition` holds, for three minutes at the most.
  func wait(until condition: () -> Bool) -> Bool {
    Deadline.wait(until: condition)
  }

  private func text(_ name: String) -> String {
    let data = (try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}

enum Deadline {
  /// Polls a condition of the world outside; the answer says whether it came to hold in three minutes.
  static func wait(until condition: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(180)
    while Date() < end {
      if condition() { return true }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return condition()
  }
}

enum Temporary {
  /// A new folder under the system's temporary one.
  static func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("minewatch-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}
