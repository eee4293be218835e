/// The policy as it is in effect, defaults spelled out, for `minewatch check`: one line a fact, always the same for the
/// same policy.
package struct PolicyReport: CustomStringConvertible {
  private let policy: Policy

  package init(_ policy: Policy) {
    self.policy = policy
  }

  package var description: String {
    (general + miners + pools + services + detection + reference + sinks).map { line in
      let name = line.name.padding(to: 12)
      return (line.text.isEmpty ? line.name : name + line.text).visible
    }.joined(separator: "\n") + "\n"
  }

  private typealias Line = (name: String, text: String)

  private var general: [Line] {
    let capture = policy.capture
    let interfaces = capture.interfaces.isEmpty ? "no interface" : capture.interfaces.joined(separator: ", ")
    let workers = capture.workers.map { "\($0)" } ?? "auto"
    var lines: [Line] = [
      ("site", policy.site),
      (
        "capture",
        "\(interfaces); workers \(workers); snaplen \(capture.snaplen) B; buffer \(Self.size(capture.buffer))"
      ),
    ]
    if !capture.filter.isEmpty { lines.append(("", "filter \(capture.filter.quoted)")) }
    return lines
  }

  private var miners: [Line] {
    let miners = policy.miners
    var lines: [Line] = [("miners", Self.list(miners.networks.description))]
    if !miners.except.isEmpty { lines.append(("", "but not \(miners.except)")) }
    lines.append(("managers", Self.list(miners.managers.description)))
    lines.append(("inventory", miners.inventory.isEmpty ? "none" : Self.count(miners.inventory.count, "miner")))
    return lines
  }

  private var pools: [Line] {
    policy.pools.flatMap { pool in
      let accounts = pool.accounts.map { $0.map(\.pattern).joined(separator: ", ") } ?? "any"
      let endpoints = pool.endpoints.map { Line("", $0.url) }
      let pins = pool.addresses.map { "only at \($0)" } ?? "at the addresses that its names stand for"
      return [("pool", pool.name)] + endpoints + [("", pins), ("", "accounts \(accounts)")]
    }
  }

  private var services: [Line] {
    let named = [("dns", policy.services.dns), ("ntp", policy.services.ntp), ("dhcp", policy.services.dhcp)]
    let lines = named.map { name, hosts in
      Line(name, hosts.map { Self.list($0.description) } ?? "any private address (the policy says nothing)")
    }
    return lines
      + policy.services.allow.map { allowance in
        let ports = allowance.ports.map(\.description).joined(separator: ", ")
        return ("allow", "\(allowance.name): \(allowance.hosts) \(ports.isEmpty ? "at any port" : "at \(ports)")")
      }
  }

  private var detection: [Line] {
    let detection = policy.detection
    let overrides = detection.overrides.sorted { $0.key < $1.key }.map { Line("rule", "\($0.key): \($0.value)") }
    let planned = detection.planned.map { window in
      Line(
        "planned",
        "\(window.name): \(window.from.utcText) to \(window.to.utcText), "
          + (window.miners.isEmpty ? "all miners" : window.miners.description))
    }
    let suppressions = detection.suppressions.map { Line("suppress", "\($0)") }
    return overrides + planned + suppressions
  }

  /// The data that rules look things up in.
  private var reference: [Line] {
    let (indicators, pools, models) = (policy.detection.indicators, policy.knownPools, policy.models)
    return [
      ("indicators", Self.dated(indicators.count, indicators.dates)),
      ("commands", "\(policy.commands.count) known"),
      ("known pools", Self.dated(pools.count, pools.dates)),
      ("models", Self.dated(models.count, models.dates)),
      ("resolvers", Self.dated(policy.publicResolvers.count, policy.publicResolvers.dates)),
    ]
  }

  private var sinks: [Line] {
    let alerts = policy.alerts
    var lines: [Line] = [("repeat", Self.duration(alerts.fold))]
    if let log = alerts.log { lines.append(("log", log.path)) }
    if let eve = alerts.eve {
      let types = Policy.EventType.allCases.filter(eve.types.contains).map(\.rawValue)
      lines.append(("eve", "\(eve.path) (\(types.joined(separator: ", ")))"))
    }
    if let syslog = alerts.syslog {
      lines.append(("syslog", "\(syslog.socket) (\(syslog.format.rawValue), \(syslog.facility))"))
    }
    if let evidence = alerts.evidence {
      lines.append(("evidence", "\(evidence.path) (\(evidence.packets) packets, \(Self.size(evidence.keep)))"))
    }
    return lines + [("store", "\(policy.store.path) (\(Self.duration(policy.store.keep)))")]
  }

  private static func list(_ text: String) -> String {
    text.isEmpty ? "none" : text
  }

  /// `24, of 2026-07 to 2026-09`
  private static func dated(_ number: Int, _ dates: DataSpan) -> String {
    "\(number)\(dates.first == nil ? "" : ", \(dates)")"
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// In the largest unit that divides it, as the policy file has it.
  static func size(_ bytes: Int) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes > 0 && bytes & ((1 << shift) - 1) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)B"
  }

  /// In the largest unit that divides it, as the policy file has it.
  static func duration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    guard attoseconds == 0 else { return "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)ms" }
    for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)] where seconds > 0 && seconds % length == 0 {
      return "\(seconds / length)\(unit)"
    }
    return "\(seconds)s"
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 1))
  }
}

extension Policy.PortMatch: CustomStringConvertible {
  /// `tcp/443`, as in the policy file.
  package var description: String {
    let name = [1: "icmp", 6: "tcp", 17: "udp"][ipProtocol] ?? "protocol \(ipProtocol)"
    guard let ports else { return name }
    return ports.count == 1 ? "\(name)/\(ports.lowerBound)" : "\(name)/\(ports.lowerBound)-\(ports.upperBound)"
  }
}

extension Policy.RuleOverride: CustomStringConvertible {
  /// `off`, or `level low, window 60s` with the parameters in alphabetical order.
  package var description: String {
    if isOff { return "off" }
    let settings = parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return ((level.map { ["level \($0)"] } ?? []) + settings).joined(separator: ", ")
  }
}

extension Policy.ParameterValue: CustomStringConvertible {
  package var description: String {
    switch self {
    case .duration(let duration): PolicyReport.duration(duration)
    case .fraction(let fraction): "\(fraction)"
    case .count(let count): "\(count)"
    }
  }
}

extension Policy.Suppression: CustomStringConvertible {
  /// `destination.unlisted for 10.20.9.9 to 198.51.100.7 until 2027-02-01T00:00:00Z: ticket 812`
  package var description: String {
    let miner = miner.map { " for \($0)" } ?? ""
    let destination = destination.map { " to \($0)" } ?? ""
    let until = until.map { " until \($0.utcText)" } ?? " for ever"
    return "\(rule ?? "any rule")\(miner)\(destination)\(until): \(reason)"
  }
}
