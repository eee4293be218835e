import Foundation
import Testing

/// The Debian package, made of the programs that these tests were built with.
@Suite struct PackageTests {
  private static let canInstall =
    getuid() == 0
    && ["dpkg-deb", "dpkg-shlibdeps", "systemd-nspawn", "nsenter", "curl"].allSatisfy { Program.path(of: $0) != nil }

  @Test(.enabled(if: canInstall, "needs root, dpkg-dev and systemd-container"))
  func `the package installs, runs, upgrades and goes on a machine with systemd`() throws {
    let folder = try Temporary.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let packages = try ["0.1.0", "0.1.1"].map { try Self.package($0, in: folder) }
    let tested = try Program.run(
      [Program.root.appendingPathComponent("Scripts/test-deb.sh").path] + packages, of: "/bin/bash")
    // 77 says that this machine cannot boot another, and why.
    #expect([0, 77].contains(tested.status), "\(tested.output)\(tested.errors)")
    print(tested.output)
  }

  /// - Returns: its path.
  private static func package(_ version: String, in folder: URL) throws -> String {
    let script = "cd '\(Program.root.path)' && Scripts/deb.sh '\(Program.folder.path)' '\(folder.path)'"
    let made = try Program.run(
      ["-c", script], of: "/bin/bash", environment: ["VERSION": version, "COMPRESSION": "none"])
    guard made.status == 0 else { throw Program.Failed(description: made.errors) }
    return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
