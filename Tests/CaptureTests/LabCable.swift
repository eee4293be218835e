import Foundation
import Glibc
import Synchronization

/// A cable to capture from: a veth pair whose near end is here and whose far end lies in a network namespace of its own.
///
/// Needs root and iproute2. Nothing of it outlives the value.
final class LabCable {
  let near: String
  private let far: String
  private let namespace: String

  private static let made = Atomic<Int>(0)

  /// Why there can be no cable here; `nil` when there can.
  static let obstacle: String? = {
    if geteuid() != 0 { return "needs root, to make a veth pair" }
    if run(["ip", "-Version"]) != 0 { return "needs ip of iproute2" }
    if run(["tcpreplay", "--version"]) != 0 { return "needs tcpreplay" }
    do {
      _ = try LabCable()
      return nil
    } catch {
      return "no veth pair can be made here: \(error)"
    }
  }()

  struct Failure: Error {
    let command: [String]
  }

  init() throws {
    // An interface's name has at most 15 characters.
    let name = "mw\(getpid() % 1_000_000)n\(Self.made.add(1, ordering: .relaxed).newValue)"
    near = name + "a"
    far = name + "b"
    namespace = name
    try ip("netns", "add", namespace)
    try ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace)
    // Without an address of its own an end says nothing: the kernel would look for routers and neighbours, now and then.
    try ip("link", "set", near, "addrgenmode", "none")
    try ip("-netns", namespace, "link", "set", far, "addrgenmode", "none")
    try ip("-netns", namespace, "link", "set", far, "up")
    try raise()
  }

  deinit {
    _ = Self.run(["ip", "link", "del", near])
    _ = Self.run(["ip", "netns", "del", namespace])
  }

  /// Brings the near end up and waits until both carry: the kernel says so from a thread of its own, and a frame that is sent
  /// before is lost.
  func raise() throws {
    try ip("link", "set", near, "up")
    for (place, end) in [([], near), (["ip", "netns", "exec", namespace], far)] {
      let isUp = "[ \"$(cat /sys/class/net/\(end)/operstate)\" = up ]"
      let command = place + ["timeout", "60", "sh", "-c", "until \(isUp); do sleep 0.01; done"]
      guard Self.run(command) == 0 else { throw Failure(command: command) }
    }
  }

  func ip(_ arguments: String...) throws {
    let command = ["ip"] + arguments
    guard Self.run(command) == 0 else { throw Failure(command: command) }
  }

  /// Sends `frames` from the far end.
  ///
  /// - Parameter pace: how fast, in tcpreplay's words.
  func replay(_ frames: [[UInt8]], pace: String = "--topspeed") throws {
    let file = try TemporaryFile(CaptureBytes.pcap(of: frames).bytes)
    let command = ["ip", "netns", "exec", namespace, "tcpreplay", "--quiet", pace, "--intf1", far, file.path]
    let status = withExtendedLifetime(file) { Self.run(command) }
    guard status == 0 else { throw Failure(command: command) }
  }

  /// - Returns: the exit status; 127 when there is no such program.
  private static func run(_ command: [String]) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return 127 }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
