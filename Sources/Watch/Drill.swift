import Capture
package import Policy
import Rules
import Sinks

/// A fire drill: traffic with an attack in it goes the way of all traffic, and what is found goes where the site's alerts go.
///
/// The miners, pools and services are those of the drill's own ground, a policy that belongs to the traffic. From the site's
/// policy come the rules' levels and thresholds, which rules are off, and the sinks: what a drill is to prove. Its
/// exemptions name addresses of the site's and do not apply.
package struct Drill {
  private let policy: Policy
  /// Nil: the alerts are shown, and go nowhere else.
  private let site: Policy?
  private let isColoured: Bool

  /// - Parameters:
  ///   - ground: the policy of the drill's traffic.
  ///   - site: whose sinks are put to the proof; nil for none.
  package init(ground: Policy, site: Policy?, isColoured: Bool) {
    var policy = ground
    policy.site = "DRILL \(site?.site ?? ground.site)"
    if let site {
      policy.detection.overrides = site.detection.overrides
      policy.alerts = site.alerts
    }
    self.policy = policy
    self.site = site
    self.isColoured = isColoured
  }

  /// A drill's hash need not be unpredictable, and two of them shall do the same work.
  private static let seed: UInt64 = 0x6472_696c_6c00_0000

  /// The level at which a rule's alert is to be expected; nil where the site's policy turned the rule off.
  ///
  /// - Parameter rule: a name of the rule book's.
  package func expectedLevel(of rule: String) -> String? {
    let override = policy.detection.overrides[rule]
    return override?.isOff == true ? nil : override?.level ?? RuleBook[rule]?.level.rawValue
  }

  /// Where the alerts go beside standard output, as a person says it.
  package var destinations: [String] {
    guard let site else { return [] }
    var places: [String] = []
    if let log = site.alerts.log { places.append(log.path) }
    if let eve = site.alerts.eve, eve.types.contains(.alert) { places.append(eve.path) }
    if let syslog = site.alerts.syslog { places.append("syslog at \(syslog.socket)") }
    return places
  }

  /// Plays a capture, and writes what is found marked as a drill.
  ///
  /// - Returns: the rules whose alerts were written.
  /// - Throws: when the capture cannot be read or an alert cannot be written: then the drill has found something.
  package func play(_ capture: String) throws(WatchFailure) -> Set<String> {
    let sinks = SinkSet(outlets, origin: .here(site: policy.site, interfaces: []), mode: .direct)
    defer { sinks.close() }
    var sensor = Sensor(policy: policy, sinks: sinks, seed: Self.seed, isDrill: true)
    do {
      var file = try CaptureFile(path: capture, source: 0, filter: "")
      while !(try Self.readBatch(of: &file, into: &sensor)) { sensor.deliver() }
    } catch {
      throw WatchFailure(error)
    }
    sensor.finish()
    if let loss = sinks.losses().first {
      throw WatchFailure(.ioError, loss.sentence)
    }
    return sensor.reporter.rulesWritten
  }

  /// - Returns: whether that was all.
  private static func readBatch(of file: inout CaptureFile, into sensor: inout Sensor) throws(CaptureError) -> Bool {
    try file.forEachFrame(limit: 16_384) { frame in sensor.receive(frame) }.ended
  }

  private var outlets: [SinkSet.Outlet] {
    var alerts = policy.alerts
    // Only alerts: packets and flows that were never there do not belong in the site's records.
    alerts.eve?.types.formIntersection([.alert])
    alerts.evidence = nil
    return [.standardText(isColoured ? .ansi : .none)] + (site == nil ? [] : SinkSet.outlets(of: alerts))
  }
}

extension Finding {
  /// Says in every text that a person reads first that nobody need run.
  mutating func markAsDrill() {
    message = "DRILL, nothing has happened: \(message)"
    brief = "DRILL, nothing has happened: \(brief)"
    advice = "This is a drill: tell whoever plays it that the alert has reached you. In earnest: \(advice)"
  }
}
