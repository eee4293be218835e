import Capture
import Protocols
import Simulator

/// What comes closest to a rule without raising it. The conversations that raise it are ``Scenario/all``.
///
/// One file a family: `RuleConversations+Family.swift`.
struct NearMiss: Sendable {
  let rule: String
  let traffic: @Sendable (Stage) -> Tape

  init(of rule: String, traffic: @escaping @Sendable (Stage) -> Tape) {
    self.rule = rule
    self.traffic = traffic
  }

  /// All of them: the one list that a new family is added to.
  static let all: [NearMiss] = [
    pools,
    tunnels,
    destinations,
    names,
    channels,
    stratum,
    firmware,
    control,
    lan,
    work,
    behaviour,
    fleet,
  ].flatMap { $0 }
}

/// Rules that the sensor's own events raise, and events that come close.
enum MonitorCase {
  static let all: [(rule: String, fires: SensorEvent, nearMiss: SensorEvent)] = [
    ("monitor.capture-loss", .captureLoss(loss(dropped: 4_000)), .captureLoss(loss(dropped: 0))),
    (
      "monitor.interface", .interface(name: "span0", isUp: false, reason: "the interface disappeared"),
      .captureLoss(loss(dropped: 0))
    ),
    ("monitor.overload", .overload([.init(bound: "flows", count: 12)]), .overload([])),
    ("monitor.config-rejected", .configRejected(errors: ["minewatch.yaml:3:1: unknown key"]), .overload([])),
    ("monitor.lifecycle", .started(version: "0.1.0", policyDigest: "00ff"), .overload([])),
  ]

  private static func loss(dropped: UInt64) -> SensorEvent.CaptureLoss {
    SensorEvent.CaptureLoss(
      interface: "span0", seconds: 10, received: 40_000, kernelDropped: dropped, interfaceDropped: 0,
      missedStreamBytes: 0, seenBytes: 20_000_000)
  }
}
