package import Capture
import Decode

/// A site's policy, read and checked: who is a miner, where they may mine and go, what to say and where.
///
/// Immutable; a reload makes a new one. Everything that is asked often answers in constant time.
package struct Policy: Sendable {
  package var site = "site"
  package var capture = CaptureSettings()
  package var miners = Miners()
  package var pools: [Pool] = []
  package var services = Services()
  package var detection = Detection()
  /// What miners are told, and what it does to them.
  package var commands = CommandBook()
  /// Pools that anybody may mine for: to name strangers, not to allow them.
  package var knownPools = KnownPools()
  /// What kinds of miners do at their nameplate.
  package var models = MinerModels()
  /// Resolvers of the Internet that speak encrypted DNS, by name, address or range. Being with one is no crime by itself.
  package var publicResolvers = Indicators()
  package var alerts = AlertSettings()
  package var store = StoreSettings()
  /// FNV-1a (64 bits) of the policy file and the files it names, in hexadecimal: tells two policies apart in events, and
  /// proves nothing about who wrote them.
  package var digest = ""
  /// What the reader found odd, but not wrong, in the order of the file.
  package var warnings: [PolicyProblem] = []

  package init() {}

  /// For captures that are looked at without any policy: every private address is a miner, and no pool is allowed, so
  /// that all mining is told with its pool and user.
  package static var withoutFile: Policy {
    var policy = Policy()
    policy.miners.networks = PrefixSet(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]) ?? PrefixSet()
    return policy
  }

  package struct CaptureSettings: Equatable, Sendable {
    package var interfaces: [String] = []
    /// Threads; nil is `auto`.
    package var workers: Int?
    /// Extra BPF in libpcap's syntax.
    package var filter = ""
    /// Bytes of a frame to capture.
    package var snaplen = Limits.frameBytes
    /// Kernel ring, in bytes.
    package var buffer = Limits.captureRing

    package init() {}
  }

  package struct Miners: Sendable {
    package var networks = PrefixSet()
    /// Who may open connections to miners.
    package var managers = PrefixSet()
    /// Managers and servers of the site inside `networks`: they are no miners.
    package var except = PrefixSet()
    package var inventory = Inventory()

    package init() {}
  }

  package struct Services: Sendable {
    /// Nil where the policy says nothing: then every private address may serve.
    package var dns: HostSet?
    package var ntp: HostSet?
    package var dhcp: HostSet?
    package var allow: [Allowance] = []

    package init() {}
  }

  /// Something else that miners may reach.
  package struct Allowance: Sendable {
    package var name: String
    package var hosts: HostSet
    /// Empty: any.
    package var ports: [PortMatch]

    package init(name: String, hosts: HostSet, ports: [PortMatch]) {
      self.name = name
      self.hosts = hosts
      self.ports = ports
    }
  }

  /// `tcp/443`, `udp/6000-6100`, `icmp`.
  package struct PortMatch: Equatable, Sendable {
    package var ipProtocol: UInt8
    /// Nil: any, or a protocol without ports.
    package var ports: ClosedRange<UInt16>?

    package init(ipProtocol: UInt8, ports: ClosedRange<UInt16>?) {
      self.ipProtocol = ipProtocol
      self.ports = ports
    }

    /// - Parameter port: the server's; 0 for protocols without ports. ICMP stands for ICMPv6 too.
    package func matches(ipProtocol: UInt8, port: UInt16) -> Bool {
      let isSame = ipProtocol == self.ipProtocol
      guard isSame || (self.ipProtocol == IPProtocol.icmp && ipProtocol == IPProtocol.icmpv6) else { return false }
      return ports?.contains(port) ?? true
    }
  }

  package struct Detection: Sendable {
    /// By rule name.
    package var overrides: [String: RuleOverride] = [:]
    package var planned: [PlannedWindow] = []
    package var suppressions: [Suppression] = []
    package var indicators = Indicators()

    package init() {}
  }

  /// What a policy changes about a rule.
  package struct RuleOverride: Equatable, Sendable {
    package var isOff = false
    /// A level's name; checked against the rule book's levels when the policy is read.
    package var level: String?
    /// Parameters as written, by name; the reader has checked that name and type are the rule's.
    package var parameters: [String: ParameterValue] = [:]

    package init() {}
  }

  package enum ParameterValue: Equatable, Sendable {
    case duration(Duration)
    case fraction(Double)
    case count(Int)
  }

  /// Curtailment or maintenance: fleet alarms inside are info and say so.
  package struct PlannedWindow: Sendable {
    package var name: String
    package var from: Timestamp
    package var to: Timestamp
    /// Empty: all.
    package var miners: PrefixSet

    package init(name: String, from: Timestamp, to: Timestamp, miners: PrefixSet) {
      self.name = name
      self.from = from
      self.to = to
      self.miners = miners
    }
  }

  /// An exemption: findings that match are counted, not written. Every field that is set must match.
  package struct Suppression: Sendable {
    package var rule: String?
    package var miner: PrefixSet?
    package var destination: HostSet?
    package var until: Timestamp?
    package var reason: String

    package init(rule: String?, miner: PrefixSet?, destination: HostSet?, until: Timestamp?, reason: String) {
      self.rule = rule
      self.miner = miner
      self.destination = destination
      self.until = until
      self.reason = reason
    }
  }

  package struct AlertSettings: Sendable {
    /// The same finding inside this time is counted, not repeated.
    package var fold = Duration.seconds(600)
    package var log: FileSink?
    package var eve: EVESink?
    package var syslog: SyslogSink?
    package var evidence: EvidenceSink?

    package init() {}
  }

  package struct FileSink: Equatable, Sendable {
    package var path: String

    package init(path: String) {
      self.path = path
    }
  }

  package struct EVESink: Equatable, Sendable {
    package var path: String
    package var types: Set<EventType>

    package init(path: String, types: Set<EventType>) {
      self.path = path
      self.types = types
    }
  }

  package enum EventType: String, CaseIterable, Sendable {
    case alert, miner, fleet, stats, flow
  }

  package struct SyslogSink: Equatable, Sendable {
    package var socket: String
    package var format: SyslogFormat
    package var facility: SyslogFacility

    package init(socket: String, format: SyslogFormat, facility: SyslogFacility) {
      self.socket = socket
      self.format = format
      self.facility = facility
    }
  }

  package enum SyslogFormat: String, CaseIterable, Sendable {
    case rfc3164, rfc5424, journal
  }

  /// RFC 5424 §6.2.1 table 1; the raw value is the facility's number.
  package enum SyslogFacility: Int, CaseIterable, Sendable {
    case kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp
    case local0 = 16
    case local1, local2, local3, local4, local5, local6, local7
  }

  package struct EvidenceSink: Equatable, Sendable {
    package var path: String
    package var packets: Int
    /// Bytes.
    package var keep: Int

    package init(path: String, packets: Int = 64, keep: Int = 1 << 30) {
      self.path = path
      self.packets = packets
      self.keep = keep
    }

    /// Another folder, with what the settings say of the policy's own where they name one.
    package init(path: String, as settings: AlertSettings) {
      self = settings.evidence ?? EvidenceSink(path: path)
      self.path = path
    }
  }

  package struct StoreSettings: Equatable, Sendable {
    package var path = "/var/lib/minewatch/minewatch.db"
    package var keep = Duration.seconds(30 * 86_400)

    package init() {}
  }
}
