package import Capture
package import Decode
package import Protocols

/// What Rules hands on: something that a person should know, ready to be written.
package struct Finding: Sendable {
  package var rule: Rule.Reference
  package var level: Level
  /// When what it tells happened (not when it was decided).
  package var time: Timestamp
  /// One sentence for a person; bytes from the wire stand in it as they came, a sink escapes them.
  package var message: String
  /// The same as a clause that ends the readable line, which has miner and destination before it: `authorized as "x"`.
  package var brief: String
  package var advice: String
  /// Who spoke, in the direction that matters: `source` did it to `destination`. Absent for the sensor's own.
  package var flow: FlowFacts?
  /// `source` is the flow's server: what is reported went from server to client.
  package var fromServer = false
  package var application: AppProtocol?
  package var miner: Miner?
  /// A pool, a name, a host: what the other end is called, for the readable line.
  package var destinationName: String?
  /// Rule-specific facts, in order; goes to `alert.context` under `section` ("stratum", "dns", "capture").
  package var section: String?
  package var facts: [(name: String, value: FactValue)] = []
  /// What is known of the TLS or QUIC session that it is about; goes to `alert.context.tls`.
  package var tls: [(name: String, value: FactValue)] = []
  /// How many times since `firstSeen`; over 1 when the book had held some back.
  package var count: UInt64 = 1
  package var firstSeen: Timestamp
  package var lastSeen: Timestamp
  /// Many miners in one finding: how many, and some of them.
  package var miners: Crowd?
  /// Where its packets are; nil when none are kept.
  package var evidence: Evidence?
  /// Beside rule and miner, what makes two findings the same: a destination, a user, a name.
  package var subject: String
  /// The subject of the same rule and miner that this undoes.
  package var undoes: String?

  package struct Miner: Equatable, Sendable {
    package var address: IPAddress
    package var mac: MACAddress
    package var name: String?
    package var agent: String?
    /// Of the last quarter of an hour, in TH/s; nil when it is not known.
    package var terahashes: Double?

    package init(
      address: IPAddress, mac: MACAddress = .none, name: String? = nil, agent: String? = nil, terahashes: Double? = nil
    ) {
      self.address = address
      self.mac = mac
      self.name = name
      self.agent = agent
      self.terahashes = terahashes
    }
  }

  package struct Crowd: Equatable, Sendable {
    package var count: Int
    package var some: [IPAddress]

    package init(count: Int, some: [IPAddress]) {
      self.count = count
      self.some = some
    }
  }

  /// A capture file with the packets of a finding. It may grow at its end after the finding was written.
  package struct Evidence: Equatable, Sendable {
    /// With its folder.
    package var file: String
    /// Of the file's first ``bytes``, in hexadecimal.
    package var sha256: String
    package var bytes: Int
    /// In those bytes.
    package var packets: Int

    package init(file: String, sha256: String, bytes: Int, packets: Int) {
      self.file = file
      self.sha256 = sha256
      self.bytes = bytes
      self.packets = packets
    }
  }

  package enum FactValue: Equatable, Sendable {
    case text(String)
    case number(Double)
    case count(UInt64)
    case flag(Bool)
    case list([String])
  }

  package init(
    rule: Rule.Reference, level: Level, time: Timestamp, message: String, brief: String? = nil, advice: String,
    subject: String
  ) {
    self.rule = rule
    self.level = level
    self.time = time
    self.message = message
    self.brief = brief ?? message
    self.advice = advice
    self.subject = subject
    firstSeen = time
    lastSeen = time
  }
}
