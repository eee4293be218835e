import Foundation
import Synchronization

/// Folders, files and programs that tests use; everything is gone afterwards.
enum Programs {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func isInstalled(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  struct Outcome {
    var status: Int32
    /// Standard output and standard error together.
    var output: String
  }

  /// Runs a program to its end.
  static func run(_ path: String, _ arguments: [String], environment: [String: String]? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    if let environment { process.environment = environment }
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// Starts a program that goes on until ``end(_:)``.
  static func start(_ path: String, _ arguments: [String]) throws -> Process {
    let process = Process()
    // A child inherits the signals that this thread blocks, SIGTERM among them: env(1) clears that.
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal", path] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  static func end(_ process: Process) {
    process.terminate()
    process.waitUntilExit()
  }

  /// A new folder with a path short enough for sockets in it, for the length of `body`.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = "/tmp/mw-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  /// Whether this process may mount a tmpfs, as root outside of most containers may.
  static let canMount: Bool = {
    let outcome: Void? = try? withFolder { try withSmallDisk(in: $0, kilobytes: 16) { _ in } }
    return outcome != nil
  }()

  /// A file system of its own that is full after so many kilobytes.
  static func withSmallDisk<Result>(in folder: String, kilobytes: Int, _ body: (String) throws -> Result) throws
    -> Result
  {
    let disk = folder + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    let mounted = try run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k,mode=0755", "tmpfs", disk])
    guard mounted.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
    defer { _ = try? run("/usr/bin/umount", ["--lazy", disk]) }
    return try body(disk)
  }

  /// Looks every few milliseconds whether something has come true, for two minutes at the most: the machine may have a whole
  /// suite to run beside this.
  static func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while !condition() {
      if ContinuousClock.now > deadline { return false }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return true
  }

  static func contents(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// The lines of a file without their line feeds; the last is there only when it has one.
  static func lines(_ path: String) -> [String] {
    contents(path).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}
