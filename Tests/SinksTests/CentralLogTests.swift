import Foundation
import Policy
import Rules
import Testing

@testable import Sinks

private let relp = "/usr/lib/x86_64-linux-gnu/rsyslog/omrelp.so"
private let openssl = "/usr/bin/openssl"

/// The shipped files for rsyslog, in two real ones: a site's, and the central one that is cut off and comes back.
@Suite(
  .enabled(
    if: Programs.isInstalled(RsyslogDaemon.program) && FileManager.default.fileExists(atPath: relp)
      && Programs.isInstalled(openssl), "needs rsyslog-relp and openssl"))
struct CentralLogTests {
  @Test func `no alert is lost while the central log is away, nor half of an event`() throws {
    try Programs.withFolder { folder in
      let site = try CentralLog(in: folder)
      defer { site.endAll() }
      try site.startCentral()
      try site.startSite()
      try #require(Programs.eventually { FileManager.default.fileExists(atPath: site.socket) })
      let sinks = SinkSet(
        [
          .syslog(Policy.SyslogSink(socket: site.socket, format: .rfc3164, facility: .daemon)),
          .eve(path: folder + "/eve.json", types: [.alert]),
        ], origin: Fixtures.origin, mode: .queued)
      func write(_ numbers: Range<Int>) {
        for number in numbers {
          var finding = Fixtures.finding(brief: "number \(number)")
          finding.message = "This is number \(number)."
          sinks.write(finding)
        }
        sinks.flush()
      }
      write(0..<50)
      #expect(Programs.eventually { site.alerts == Set(0..<50) })
      site.cutCentral()
      write(50..<400)
      try site.startCentral()
      write(400..<410)
      // Lines may come twice, but come.
      #expect(Programs.eventually { site.alerts == Set(0..<410) && site.events == Set(0..<410) })
    }
  }
}

/// Two rsyslogs under one folder, with certificates of their own.
private final class CentralLog {
  private let folder: String
  private let port: Int
  private var central: Process?
  private var site: Process?

  var socket: String { folder + "/log" }

  init(in folder: String) throws {
    self.folder = folder
    port = Int.random(in: 20_000...30_000)
    for name in ["tls", "site", "central"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
    }
    try makeCertificates()
    let socket = "module(load=\"imuxsock\" SysSock.Use=\"off\")\ninput(type=\"imuxsock\" Socket=\"\(folder)/log\")\n"
    try write("site", before: socket)
    try write("central", before: "")
    try "".write(toFile: folder + "/eve.json", atomically: false, encoding: .utf8)
  }

  func startCentral() throws { central = try start("central") }

  func startSite() throws { site = try start("site") }

  /// As a power cut would.
  func cutCentral() {
    guard let central else { return }
    kill(central.processIdentifier, SIGKILL)
    central.waitUntilExit()
    self.central = nil
  }

  func endAll() {
    for process in [site, central].compactMap(\.self) { Programs.end(process) }
  }

  /// Numbers of the alerts that the central log has, as lines and as events.
  var alerts: Set<Int> { numbers(in: "alerts.log") }
  var events: Set<Int> { numbers(in: "eve.json") }

  private func numbers(in file: String) -> Set<Int> {
    let sites = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/sites")) ?? []
    return sites.reduce(into: []) { numbers, site in
      for line in Programs.lines("\(folder)/sites/\(site)/\(file)") {
        // A line has the finding's clause, an event its sentence.
        guard let start = line.range(of: "number ") else { continue }
        if file == "eve.json", (try? JSONSerialization.jsonObject(with: Data(line.utf8))) == nil { continue }
        if let number = Int(line[start.upperBound...].prefix { $0.isNumber }) { numbers.insert(number) }
      }
    }
  }

  private func start(_ name: String) throws -> Process {
    try Programs.start(
      RsyslogDaemon.program, ["-n", "-f", "\(folder)/\(name).conf", "-i", "\(folder)/\(name).pid"])
  }

  /// The shipped file, with this folder's places for the system's.
  private func write(_ name: String, before: String) throws {
    let path = Programs.root.appending(path: "Configs/rsyslog/minewatch-\(name).conf").path
    let shipped = Programs.contents(path)
      .replacing("/etc/rsyslog.d/minewatch", with: folder + "/tls")
      .replacing("/var/log/minewatch-sites", with: folder + "/sites")
      .replacing("/var/log/minewatch/", with: folder + "/")
      .replacing("target=\"log.example.com\"", with: "target=\"127.0.0.1\"")
      .replacing("port=\"2514\"", with: "port=\"\(port)\"")
      .replacing("resumeInterval=\"10\"", with: "resumeInterval=\"1\"")
    let text = "global(workDirectory=\"\(folder)/\(name)\" maxMessageSize=\"64k\")\n" + before + shipped
    try text.write(toFile: "\(folder)/\(name).conf", atomically: false, encoding: .utf8)
    let checked = try Programs.run(RsyslogDaemon.program, ["-N1", "-f", "\(folder)/\(name).conf"])
    #expect(checked.status == 0, "\(checked.output)")
  }

  private func makeCertificates() throws {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    let tls = folder + "/tls/"
    try run(["req", "-x509", "-days", "2", "-subj", "/CN=ca", "-keyout", tls + "ca.key", "-out", tls + "ca.pem"] + key)
    for (name, host) in [("site", "north.sites.example.com"), ("central", "log.example.com")] {
      try run(["req", "-subj", "/CN=\(host)", "-keyout", "\(tls)\(name).key", "-out", "\(tls)\(name).csr"] + key)
      try "subjectAltName=DNS:\(host)".write(toFile: tls + "names", atomically: false, encoding: .utf8)
      try run([
        "x509", "-req", "-in", "\(tls)\(name).csr", "-CA", tls + "ca.pem", "-CAkey", tls + "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", tls + "names", "-out", "\(tls)\(name).pem",
      ])
    }
  }

  private func run(_ arguments: [String]) throws {
    let outcome = try Programs.run(openssl, arguments)
    guard outcome.status == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
