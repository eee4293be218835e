/// The keys that a group of a policy file may have.
protocol PolicyKeys: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

/// Every key that a policy file may have, group by group, in the order of the sample file.
enum PolicyKey {
  enum Root: String, PolicyKeys {
    case site, capture, miners, pools, services, detection, alerts, store
  }

  enum Capture: String, PolicyKeys {
    case interfaces, workers, filter, snaplen, buffer
  }

  enum Miners: String, PolicyKeys {
    case networks, managers, inventory
  }

  enum Pool: String, PolicyKeys {
    case name, endpoints, addresses, accounts
  }

  enum Services: String, PolicyKeys {
    case dns, ntp, dhcp, allow
  }

  enum Allowance: String, PolicyKeys {
    case name, hosts, ports
  }

  enum Detection: String, PolicyKeys {
    case rules, planned, suppress, indicators, commands
  }

  enum Planned: String, PolicyKeys {
    case name, from, to, miners
  }

  enum Suppression: String, PolicyKeys {
    case rule, miner, destination, until, reason
  }

  enum Alerts: String, PolicyKeys {
    case `repeat`, log, eve, syslog, evidence
  }

  enum Log: String, PolicyKeys {
    case path
  }

  enum EVE: String, PolicyKeys {
    case path, types
  }

  enum Syslog: String, PolicyKeys {
    case socket, format, facility
  }

  enum Evidence: String, PolicyKeys {
    case path, packets, keep
  }

  enum Store: String, PolicyKeys {
    case path, keep
  }

  /// All of them with the group that they stand in, for checks that walk them: `alerts.eve` has `path` and `types`.
  static let groups: [(path: String, keys: [String])] = [
    ("", Root.names), ("capture", Capture.names), ("miners", Miners.names), ("pools", Pool.names),
    ("services", Services.names), ("services.allow", Allowance.names), ("detection", Detection.names),
    ("detection.planned", Planned.names), ("detection.suppress", Suppression.names), ("alerts", Alerts.names),
    ("alerts.log", Log.names), ("alerts.eve", EVE.names), ("alerts.syslog", Syslog.names),
    ("alerts.evidence", Evidence.names), ("store", Store.names),
  ]
}

extension PolicyKeys {
  static var names: [String] { allCases.map(\.rawValue) }
}
