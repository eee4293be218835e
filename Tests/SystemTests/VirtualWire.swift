import Foundation

/// A pair of virtual Ethernet interfaces: one end here, the other in a network namespace of its own, so that nothing but what
/// a test sends is on the wire.
final class VirtualWire {
  /// The end to capture from.
  let interface: String
  /// The end that frames are sent into, inside ``namespace``.
  let farEnd: String
  let namespace: String

  /// Why wires cannot be made here; nil when they can.
  static var obstacle: String? {
    if geteuid() != 0 { return "network namespaces need root" }
    for program in ["ip", "tcpreplay"] where Program.path(of: program) == nil { return "\(program) is not installed" }
    let probe = "mwprobe\(getpid())"
    guard (try? ip(["netns", "add", probe])) != nil else {
      return "this machine does not let root make a network namespace"
    }
    _ = try? ip(["netns", "del", probe])
    return nil
  }

  init() throws {
    let number = String(UInt32.random(in: 0x1000...0xffff), radix: 16)
    interface = "mw\(number)"
    farEnd = "mwfar\(number)"
    namespace = "mwns\(number)"
    try Self.ip(["netns", "add", namespace])
    try plug()
  }

  deinit {
    unplug()
    _ = try? Self.ip(["netns", "del", namespace])
  }

  /// Makes the pair and brings both ends up.
  func plug() throws {
    try Self.ip(["link", "add", interface, "type", "veth", "peer", "name", farEnd, "netns", namespace])
    // IPv6 would send its own neighbour and router solicitations into the wire.
    let silence = { (name: String) in ["sysctl", "-qw", "net.ipv6.conf.\(name).disable_ipv6=1"] }
    _ = try Program.run(silence(interface), of: "/usr/bin/env")
    _ = try Program.run(["netns", "exec", namespace] + silence(farEnd), of: Program.path(of: "ip") ?? "ip")
    try Self.ip(["link", "set", interface, "mtu", "9000", "up"])
    try Self.ip(["-n", namespace, "link", "set", farEnd, "mtu", "9000", "up"])
  }

  /// Deletes the pair, as pulling the card would.
  func unplug() {
    _ = try? Self.ip(["link", "del", interface])
  }

  /// Sets this end of the pair up or down.
  func setLink(_ state: String) throws {
    try Self.ip(["link", "set", interface, state])
  }

  /// Sends a capture's frames into the wire and waits until all are sent.
  func send(_ capture: String, packetsPerSecond: Int) throws {
    let result = try startSending(capture, packetsPerSecond: packetsPerSecond).wait()
    guard result.status == 0 else { throw Program.Failed(description: result.errors) }
  }

  /// Begins to send a capture's frames into the wire.
  func startSending(_ capture: String, packetsPerSecond: Int) throws -> Running {
    let tcpreplay = Program.path(of: "tcpreplay") ?? "tcpreplay"
    return try Running(
      ["netns", "exec", namespace, tcpreplay, "-q", "-i", farEnd, "--pps", "\(packetsPerSecond)", capture],
      of: Program.path(of: "ip") ?? "ip")
  }

  @discardableResult
  private static func ip(_ arguments: [String]) throws -> String {
    let result = try Program.run(arguments, of: Program.path(of: "ip") ?? "ip")
    guard result.status == 0 else { throw Program.Failed(description: "ip \(arguments): \(result.errors)") }
    return result.output
  }
}
