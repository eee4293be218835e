import Foundation
import Testing

private let analyze = "/usr/bin/systemd-analyze"
private let logrotate = "/usr/sbin/logrotate"

/// The files that make the program a service of the system.
struct ServiceFileTests {
  private static let names = ["minewatch", "minewatch-web"]

  private static func unit(_ name: String) -> String {
    Programs.root.appending(path: "systemd/\(name).service").path
  }

  /// The settings of a section, in order, with the comment lines right before each.
  private static func settings(of name: String = "minewatch") -> [(key: String, value: String, comment: [String])] {
    var settings: [(String, String, [String])] = []
    var comment: [String] = []
    for line in Programs.lines(unit(name)) {
      if line.hasPrefix("#") {
        comment.append(line)
      } else if let sign = line.firstIndex(of: "=") {
        settings.append((String(line[..<sign]), String(line[line.index(after: sign)...]), comment))
        comment = []
      } else {
        comment = []
      }
    }
    return settings
  }

  private static func value(_ key: String, of name: String = "minewatch") -> String? {
    settings(of: name).first { $0.key == key }?.value
  }

  @Test(.enabled(if: Programs.isInstalled(analyze), "needs systemd-analyze"), arguments: names)
  func `systemd finds nothing wrong with a unit`(name: String) throws {
    try Programs.withFolder { folder in
      // Neither the program nor its manual need be installed here.
      let unit = Programs.contents(Self.unit(name)).replacing("/usr/bin/\(name) ", with: "/bin/true ")
      let path = folder + "/\(name).service"
      try unit.write(toFile: path, atomically: false, encoding: .utf8)
      let good = try Programs.run(analyze, ["verify", "--man=no", path])
      #expect(good.status == 0)
      #expect(good.output == "")

      // It exits with 0 for a key that it does not know, but it speaks.
      try unit.replacing("ProtectClock=", with: "ProtectClocks=").write(
        toFile: path, atomically: false, encoding: .utf8)
      try #expect(Programs.run(analyze, ["verify", "--man=no", path]).output.contains("ProtectClocks"))
    }
  }

  @Test(.enabled(if: Programs.isInstalled(analyze), "needs systemd-analyze"), arguments: names)
  func `a unit is confined to 1·5 or better`(name: String) throws {
    let outcome = try Programs.run(
      analyze, ["security", "--offline=true", "--threshold=15", "--no-pager", Self.unit(name)])
    #expect(outcome.status == 0, "\(outcome.output.suffix(200))")
  }

  @Test func `the unit holds what the program promises`() {
    #expect(Self.value("CapabilityBoundingSet") == "CAP_NET_RAW")
    #expect(Self.value("AmbientCapabilities") == "CAP_NET_RAW")
    #expect(Self.value("RestrictAddressFamilies") == "AF_PACKET AF_UNIX")
    #expect(Self.value("RestartPreventExitStatus") == "64 77 78")
    #expect(Self.value("Type") == "notify")
    #expect(Self.value("ExecReload") == "/bin/kill -HUP $MAINPID")
    // A list that takes away must come after the one that gives; the exception from it comes last.
    #expect(
      Self.settings().filter { $0.key == "SystemCallFilter" }.map(\.value) == [
        "@system-service", "~@privileged @resources", "setpriority",
      ])
  }

  @Test func `what listens may not capture, nor speak to other machines`() {
    #expect(Self.value("RestrictAddressFamilies", of: "minewatch-web") == "AF_INET AF_INET6 AF_UNIX")
    #expect(Self.value("CapabilityBoundingSet", of: "minewatch-web") == "")
    #expect(Self.value("IPAddressAllow", of: "minewatch-web") == "localhost")
    #expect(Self.value("User", of: "minewatch-web") != Self.value("User"))
    #expect(Self.value("SupplementaryGroups", of: "minewatch-web") == Self.value("Group"))
  }

  @Test(arguments: names) func `every line of hardening says what it is for`(name: String) {
    let hardening = Self.settings(of: name).drop { $0.key != "AmbientCapabilities" }.prefix { $0.key != "WantedBy" }
    #expect(hardening.count > 25)
    for setting in hardening {
      #expect(!setting.comment.isEmpty, "\(setting.key) has no comment")
    }
  }

  @Test(.enabled(if: Programs.isInstalled(logrotate), "needs logrotate"))
  func `logrotate reads its file`() throws {
    let path = Programs.root.appending(path: "Configs/logrotate/minewatch").path
    try Programs.withFolder { folder in
      // The user may not exist here, and a copy that root owns is one that logrotate reads.
      let copy = folder + "/minewatch"
      let rules = Programs.contents(path).replacing("su minewatch minewatch", with: "su root root")
      try rules.write(toFile: copy, atomically: false, encoding: .utf8)
      let outcome = try Programs.run(logrotate, ["--debug", "--state", folder + "/state", copy])
      #expect(outcome.status == 0)
      #expect(!outcome.output.contains("error"), "\(outcome.output)")
      #expect(!rules.contains("\n\tcopytruncate"))
    }
  }

  @Test(.enabled(if: Programs.isInstalled("/usr/bin/systemd-sysusers"), "needs systemd-sysusers"))
  func `the user file makes the units' users`() throws {
    let path = Programs.root.appending(path: "systemd/minewatch.sysusers").path
    let outcome = try Programs.run("/usr/bin/systemd-sysusers", ["--dry-run", path])
    #expect(outcome.status == 0, "\(outcome.output)")
    for name in Self.names {
      #expect(Self.value("User", of: name) == name)
      #expect(Programs.lines(path).contains { $0.split(separator: " ").prefix(2) == ["u", Substring(name)] })
    }
  }
}
