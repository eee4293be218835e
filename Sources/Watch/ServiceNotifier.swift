import Capture
import Foundation

/// Tells the service manager how we are: sd_notify(3)'s protocol, a datagram of `NAME=value` lines to NOTIFY_SOCKET.
///
/// Without NOTIFY_SOCKET every call does nothing, so the program runs alike under a shell.
package struct ServiceNotifier: Sendable {
  /// How often the manager wants to hear `WATCHDOG=1`: half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises.
  package let watchdogInterval: Duration?
  private let socketPath: String?

  /// - Parameter environment: looks a variable up; a test gives its own.
  package init(environment: (String) -> String? = ServiceNotifier.variable) {
    socketPath = environment("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") ? $0 : nil }
    let isOurs = environment("WATCHDOG_PID").map { Int32($0) == ProcessInfo.processInfo.processIdentifier } ?? true
    let microseconds = environment("WATCHDOG_USEC").flatMap(Int64.init).flatMap { $0 > 0 && isOurs ? $0 : nil }
    watchdogInterval = microseconds.map { .microseconds($0 / 2) }
  }

  package func ready(_ status: String) {
    send("READY=1\nSTATUS=\(status)")
  }

  package func status(_ status: String) {
    send("STATUS=\(status)")
  }

  package func watchdog() {
    guard watchdogInterval != nil else { return }
    send("WATCHDOG=1")
  }

  /// The time has to stand in the same datagram (systemd 253 and later demand it).
  package func reloading() {
    // Foundation reads CLOCK_MONOTONIC for this on Linux, which is the clock that systemd compares with.
    let microseconds = Int64(ProcessInfo.processInfo.systemUptime * 1_000_000)
    send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  package func stopping() {
    send("STOPPING=1\nSTATUS=writing out what is counted")
  }

  /// The environment variable `name` of this process.
  package static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }

  private func send(_ message: String) {
    guard let socketPath else { return }
    // A manager that does not listen is no reason to stop watching.
    guard let socket = try? Descriptor.connected(to: socketPath, .datagram) else { return }
    _ = try? socket.send(Array(message.utf8)[...])
  }
}
