import Foundation
import Synchronization
import Testing

/// The daemon on a real wire: a veth pair, frames sent by tcpreplay.
@Suite(.serialized)
struct LiveTests {
  @Test(arguments: [1, 2, 3])
  func `what a replay finds, the wire finds, and no frame is lost`(workers: Int) throws {
    guard let site = try Site(workers: workers) else { return }
    let daemon = try site.start()
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    let sent = try Self.frames(in: site.capture)

    // The end writes out what is still held or counted.
    #expect(daemon.wait { site.alerts.contains("stratum.unexpected-method") }, "the attack's last scene")
    daemon.process.terminate()
    let ended = try daemon.wait()
    #expect(ended.status == 0, "\(ended.errors)")

    // A live watch says that it started and stopped; a replay has no life of its own.
    let live = site.alerts.filter { !$0.hasPrefix("monitor.") }
    #expect(Set(live) == Set(site.expectedRules))
    #expect(site.alerts.filter { $0 == "monitor.lifecycle" }.count == 2, "started and stopped")
    #expect(!site.alerts.contains("monitor.capture-loss"))
    #expect(ended.errors.contains("\(sent) packets, 0 dropped"), "\(ended.errors)")
  }

  @Test(arguments: [1, 2])
  func `an interface that goes away is waited for`(workers: Int) throws {
    guard let site = try Site(workers: workers) else { return }
    let daemon = try site.start()

    site.wire.unplug()
    #expect(daemon.wait { site.alerts.contains("monitor.interface") }, "\(daemon.errors)")
    try site.wire.plug()
    #expect(daemon.wait { daemon.errors.contains("capturing again") }, "\(daemon.errors)")

    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") }, "\(daemon.errors)")
    #expect(
      site.alerts.filter { $0 == "monitor.interface" }.count == 2, "away and back, whatever the number of workers")
  }

  @Test
  func `an interface that is not there at the start is waited for`() throws {
    guard let site = try Site(workers: 2) else { return }
    site.wire.unplug()
    let listener = try NotifySocket(at: site.folder.appendingPathComponent("notify").path)
    let daemon = try site.start(environment: ["NOTIFY_SOCKET": listener.path])
    let waits = "waiting for \(site.wire.interface)"
    #expect(daemon.wait { daemon.errors.contains(waits) }, "\(daemon.errors)")
    #expect(daemon.wait { listener.messages.contains { $0.hasPrefix("READY=1") && $0.contains(waits) } })
    #expect(daemon.wait { site.alerts.contains("monitor.interface") })

    try site.wire.plug()
    #expect(daemon.wait { daemon.errors.contains("capturing again") }, "\(daemon.errors)")
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") }, "\(daemon.errors)")
  }

  @Test
  func `a link that goes down is told, and when it is up again`() throws {
    guard let site = try Site(workers: 2) else { return }
    let daemon = try site.start()
    try site.wire.setLink("down")
    #expect(daemon.wait { daemon.errors.contains("waiting for \(site.wire.interface)") }, "\(daemon.errors)")
    try site.wire.setLink("up")
    #expect(daemon.wait { daemon.errors.contains("capturing again") }, "\(daemon.errors)")
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") }, "\(daemon.errors)")
  }

  /// The policy is read again and again while the attack passes by: no frame and no session is lost by it.
  @Test
  func `reloads under load lose nothing`() throws {
    guard let site = try Site(workers: 2) else { return }
    let daemon = try site.start()
    let reloading = Flag()
    let reloader = Thread { [process = daemon.process.processIdentifier] in
      while reloading.isUp.load(ordering: .relaxed) {
        kill(process, SIGHUP)
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    reloader.start()
    try site.wire.send(site.capture, packetsPerSecond: 10_000)
    reloading.isUp.store(false, ordering: .relaxed)
    #expect(daemon.wait { site.alerts.contains("stratum.unexpected-method") }, "the attack's last scene")
    daemon.process.terminate()
    let ended = try daemon.wait()
    let sent = try Self.frames(in: site.capture)
    #expect(ended.errors.contains("\(sent) packets, 0 dropped"), "\(ended.errors)")
    #expect(Set(site.alerts.filter { !$0.hasPrefix("monitor.") }) == Set(site.expectedRules))
    #expect(ended.errors.contains("policy read again"), "\(ended.errors)")
  }

  /// The shape of the site is one file, what is known of it are others: a change of each is named.
  @Test
  func `a reload tells what changed in the files that the policy names`() throws {
    guard let site = try Site() else { return }
    let inventory = site.folder.appendingPathComponent("miners.csv")
    let pools = site.folder.appendingPathComponent("pools.d")
    let indicators = site.folder.appendingPathComponent("bad.txt")
    try "ip,name\n10.20.0.1,r1-u1\n10.20.0.2,r1-u2\n".write(to: inventory, atomically: true, encoding: .utf8)
    try "evil.example\n".write(to: indicators, atomically: true, encoding: .utf8)
    let policy = site.policy
      .replacing("  managers: [10.1.0.16/28]", with: "  managers: [10.1.0.16/28]\n  inventory: miners.csv")
      .replacing("detection:", with: "detection:\n  indicators: [bad.txt]")
    try site.write(policy: policy)
    let daemon = try site.start()

    try "ip,name\n10.20.0.1,r1-u1\n10.20.0.2,r2-u2\n10.20.0.3,r1-u3\n"
      .write(to: inventory, atomically: true, encoding: .utf8)
    try "worse.example\n".write(to: indicators, atomically: true, encoding: .utf8)
    try FileManager.default.createDirectory(at: pools, withIntermediateDirectories: true)
    try """
    pools:
      - {name: nearby, endpoints: ["stratum+tcp://nearby.example:3333"], users: address, confidence: low, seen: 2026-08, source: test}
    """.write(to: pools.appendingPathComponent("own.yaml"), atomically: true, encoding: .utf8)
    kill(daemon.process.processIdentifier, SIGHUP)
    for word in [
      "inventory: 1 added (10.20.0.3), 1 changed (10.20.0.2)",
      "indicators: 1 added (worse.example), 1 removed (evil.example)", "known pools: 1 added (nearby)",
    ] {
      #expect(daemon.wait { daemon.errors.contains(word) }, "\(word): \(daemon.errors)")
    }
    let log = site.folder.appendingPathComponent("alerts.log").path
    #expect(
      daemon.wait { (try? String(contentsOfFile: log, encoding: .utf8))?.contains("1 added (nearby)") == true })
  }

  @Test
  func `a reload takes a good policy and refuses a bad one`() throws {
    guard let site = try Site() else { return }
    let daemon = try site.start()

    // Another name for the site, and another file for the alerts.
    let moved = site.policy.replacing("demo-hall", with: "south-hall").replacing("alerts.log", with: "moved.log")
    try site.write(policy: moved)
    kill(daemon.process.processIdentifier, SIGHUP)
    #expect(daemon.wait { daemon.errors.contains("now: site south-hall") }, "\(daemon.errors)")
    let movedLog = site.folder.appendingPathComponent("moved.log").path
    #expect(daemon.wait { (try? String(contentsOfFile: movedLog, encoding: .utf8))?.contains("lifecycle") == true })

    try site.write(policy: site.policy.replacing("networks:", with: "netwroks:"))
    kill(daemon.process.processIdentifier, SIGHUP)
    #expect(daemon.wait { daemon.errors.contains("the old one stands") }, "\(daemon.errors)")
    #expect(daemon.errors.contains(#"did you mean "networks""#), "\(daemon.errors)")
    #expect(daemon.wait { site.alerts.contains("monitor.config-rejected") })

    // The old policy stands: the same attack is still found.
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") })
  }

  @Test
  func `logs are reopened where rotation moved them away`() throws {
    guard let site = try Site() else { return }
    let daemon = try site.start()
    #expect(daemon.wait { site.alerts.contains("monitor.lifecycle") })
    try FileManager.default.moveItem(
      at: site.folder.appendingPathComponent("eve.json"), to: site.folder.appendingPathComponent("eve.json.1"))
    kill(daemon.process.processIdentifier, SIGHUP)
    #expect(daemon.wait { site.alerts.contains("monitor.lifecycle") }, "the reload itself belongs into the new file")
  }

  @Test
  func `the sensor opens no IP socket`() throws {
    guard let strace = Program.path(of: "strace") else {
      print("skipped: strace is not installed")
      return
    }
    guard let site = try Site() else { return }
    let trace = site.folder.appendingPathComponent("trace").path
    // "-D": the sensor is our own child and strace its, so that it is the sensor that is ended afterwards.
    let daemon = try site.start(through: [strace, "-D", "-f", "-qq", "-e", "trace=socket", "-o", trace])
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    #expect(daemon.wait { site.alerts.contains("pool.unlisted") }, "\(daemon.errors)")

    let sockets = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    #expect(sockets.contains { $0.contains("AF_PACKET") }, "the trace saw nothing")
    // libpcap asks the kernel over AF_NETLINK whether the interface is wireless. It cannot reach a network, libpcap does
    // without when the unit refuses it, and no later socket may be anything but these.
    let harmless = ["AF_PACKET", "AF_UNIX", "AF_NETLINK"]
    let foreign = sockets.filter { line in
      line.contains("socket(") && !harmless.contains { line.contains("socket(\($0)") }
    }
    #expect(foreign.isEmpty, "\(foreign)")
  }

  @Test
  func `after a crash the store still answers, and the next start goes on with it`() throws {
    guard let site = try Site() else { return }
    let daemon = try site.start()
    try site.wire.send(site.capture, packetsPerSecond: 20_000)
    let store = site.folder.appendingPathComponent("minewatch.db").path
    #expect(
      daemon.wait {
        (try? Program.run(["alerts", "--store", store]))?.output.contains("pool.unlisted") == true
      }, "\(daemon.errors)")
    kill(daemon.process.processIdentifier, SIGKILL)
    _ = try daemon.wait()

    let status = try Program.run(["status", "--store", store])
    #expect(status.output.contains("running since"), "\(status.output)\(status.errors)")
    #expect(status.output.contains("\(site.wire.interface) up"))
    let again = try site.start()
    again.process.terminate()
    #expect(try again.wait().status == 0)
    let alerts = try Program.run(["alerts", "--store", store, "--rule", "monitor.lifecycle"])
    #expect(alerts.output.split(separator: "\n").count == 3, "started, started again, stopped: \(alerts.output)")
    #expect(try Program.run(["status", "--store", store]).output.contains("stopped at"))
  }

  @Test
  func `systemd hears that it is ready, alive and stopping`() throws {
    guard let site = try Site() else { return }
    let listener = try NotifySocket(at: site.folder.appendingPathComponent("notify").path)
    let daemon = try site.start(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "400000"])
    #expect(daemon.wait { listener.messages.contains { $0.hasPrefix("READY=1") } })
    #expect(daemon.wait { listener.messages.filter { $0 == "WATCHDOG=1" }.count >= 3 })

    kill(daemon.process.processIdentifier, SIGHUP)
    #expect(daemon.wait { listener.messages.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") } })

    daemon.process.terminate()
    _ = try daemon.wait()
    #expect(listener.messages.contains { $0.hasPrefix("STOPPING=1") })
  }

  /// Frames of a classic pcap file, by its record headers.
  private static func frames(in path: String) throws -> Int {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var offset = 24
    var count = 0
    while offset + 16 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
      offset += 16 + length
      count += 1
    }
    return count
  }
}

/// Something to be told to another thread.
private final class Flag: Sendable {
  let isUp = Atomic(true)
}

/// A folder with a policy that logs into it, a wire, and a capture of an attacked site.
final class Site {
  let folder: URL
  let wire: VirtualWire
  let capture: String
  let policy: String
  /// Rules of the alerts that a replay of the capture gives.
  let expectedRules: [String]

  /// Nil, with the reason printed, where no wire can be made.
  ///
  /// - Parameter workers: threads that share the wire.
  init?(workers: Int = 1) throws {
    if let obstacle = VirtualWire.obstacle {
      print("skipped: \(obstacle)")
      return nil
    }
    folder = try Temporary.folder()
    wire = try VirtualWire()
    capture = try CommandTests.attackedCapture()
    let demo = try String(contentsOfFile: CommandTests.demoPolicy, encoding: .utf8)
    policy =
      demo + """

        capture: {workers: \(workers)}
        alerts:
          log: {path: \(folder.path)/alerts.log}
          eve: {path: \(folder.path)/eve.json, types: [alert]}
        store: {path: \(folder.path)/minewatch.db}
        detection:
          rules:
            # Twelve minutes pass in a second here; nothing shall wait for a name that will not come.
            pool.unlisted: {grace: 100ms}
            destination.unlisted: {grace: 100ms}
            # For the same reason time servers are asked far too often.
            ntp.abuse: off
        """
    let replay = try Program.run(["replay", "--config", CommandTests.demoPolicy, "--eve", "-", capture])
    expectedRules = Self.rules(replay.output)
    try write(policy: policy)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
    try? FileManager.default.removeItem(atPath: capture)
  }

  func write(policy: String) throws {
    try policy.write(to: policyURL, atomically: true, encoding: .utf8)
  }

  /// Starts the daemon, through a tracer if one is named, and waits until it watches.
  func start(through tracer: [String] = [], environment: [String: String] = [:]) throws -> Running {
    let command = tracer + [Program.minewatch, "run", "--config", policyURL.path, "--interface", wire.interface]
    let daemon = try Running(Array(command.dropFirst()), of: command[0], environment: environment)
    guard daemon.wait(until: { daemon.errors.contains("watching \(self.wire.interface)") }) else {
      throw Program.Failed(description: "it never watched: \(daemon.errors)")
    }
    return daemon
  }

  /// Rules of the alerts written so far.
  var alerts: [String] {
    Self.rules((try? String(contentsOf: folder.appendingPathComponent("eve.json"), encoding: .utf8)) ?? "")
  }

  var policyPath: String { policyURL.path }

  private var policyURL: URL { folder.appendingPathComponent("minewatch.yaml") }

  private static func rules(_ lines: String) -> [String] {
    lines.split(separator: "\n").compactMap { line in
      let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return (event?["alert"] as? [String: Any])?["rule"] as? String
    }
  }
}
