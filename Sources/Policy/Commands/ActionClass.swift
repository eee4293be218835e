/// What a command does to a miner, whatever its vendor calls it. The raw value is what `commands.d` and events say.
package enum ActionClass: String, CaseIterable, Sendable {
  /// Telemetry and settings are read.
  case read = "READ"
  /// Pool, user, quota: who is paid.
  case pool = "POOL"
  /// Frequency, voltage, power target, fans.
  case performance = "PERF"
  /// Hashing starts, stops, sleeps.
  case mining = "MINE"
  /// Restart, reboot, power.
  case boot = "BOOT"
  case firmware = "FW"
  /// Passwords and permissions.
  case credentials = "CRED"
  /// Back to factory settings.
  case reset = "RESET"
  /// SSH, telnet, root, debugging.
  case shell = "SHELL"
  /// IP, DNS, NTP, host name, clock.
  case network = "NET"
  /// A light blinks.
  case locate = "LOCATE"

  /// Whether the miner is another one afterwards.
  package var isChange: Bool { self != .read && self != .locate }

  /// What it means for the miner, after "a command that".
  package var meaning: String {
    switch self {
    case .read: "reads its state"
    case .pool: "decides where it mines and for whom"
    case .performance: "changes its power, frequency or cooling"
    case .mining: "starts or stops its mining"
    case .boot: "restarts it"
    case .firmware: "changes its firmware"
    case .credentials: "changes who may control it"
    case .reset: "puts it back to factory settings"
    case .shell: "opens remote access to its system"
    case .network: "changes its network or clock settings"
    case .locate: "makes its light blink"
    }
  }
}

/// What one argument of a command is: what a rule asks for, whatever the vendor calls the parameter.
package enum ArgumentMeaning: String, CaseIterable, Sendable {
  /// Where to mine, as typed into a miner.
  case url
  /// Who is paid.
  case user
  /// Number of a pool in the miner's list.
  case pool
  /// When, in Unix seconds.
  case time
  /// A mode or a switch: sleep, normal, on, off.
  case mode
  /// Frequency, voltage, watts, percent, fan speed.
  case value
  /// Where firmware or a file comes from.
  case file
  /// Address, name or server of a network setting.
  case host
}

/// A door through which commands reach a miner. The raw value is what `commands.d` says; Protocols has the same words.
package enum CommandSurface: String, CaseIterable, Sendable {
  /// cgminer's socket API in JSON or text, and what speaks like it: btminer v2, LuxOS, Avalon, Braiins, VNish.
  case cgminer
  /// Whatsminer's API v3: length and JSON.
  case btminer3
  /// The daemon behind Whatsminer's own tool.
  case remoteDaemon = "remote-daemon"
  /// Datagrams that find miners or announce them.
  case discovery
  /// HTTP, gRPC included: a method and a path.
  case http
  /// What a miner's own agent is answered.
  case agent
}
