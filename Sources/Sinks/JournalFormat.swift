import Capture
import Crypto
import Decode
package import Policy
import Protocols
package import Rules

/// One datagram of journald's native protocol a finding (systemd.io/JOURNAL_NATIVE_PROTOCOL): every fact a field of its own,
/// so that `journalctl MINEWATCH_RULE=pool.unlisted MINEWATCH_MINER=10.20.3.4` finds it.
package struct JournalFormat: Sendable {
  package var origin: Origin
  package var facility: Policy.SyslogFacility

  package init(origin: Origin, facility: Policy.SyslogFacility) {
    self.origin = origin
    self.facility = facility
  }

  package func message(_ finding: Finding) -> [UInt8] {
    var entry: [UInt8] = []
    Self.append("MESSAGE", "\(finding.level.rawValue) \(TextFormat.summary(finding, host: origin.host))", to: &entry)
    Self.append("PRIORITY", "\(finding.level.syslogSeverity)", to: &entry)
    Self.append("MESSAGE_ID", Self.messageID(finding.rule), to: &entry)
    Self.append("SYSLOG_IDENTIFIER", SyslogFormat.tag, to: &entry)
    Self.append("SYSLOG_FACILITY", "\(facility.rawValue)", to: &entry)
    Self.append("MINEWATCH_TIME", CivilTime.rfc3339(finding.time, fractionDigits: 6), to: &entry)
    Self.append("MINEWATCH_SITE", origin.site, to: &entry)
    Self.append("MINEWATCH_RULE", finding.rule.name, to: &entry)
    Self.append("MINEWATCH_RULE_ID", "\(finding.rule.id)", to: &entry)
    Self.append("MINEWATCH_LEVEL", finding.level.rawValue, to: &entry)
    Self.append("MINEWATCH_COUNT", "\(finding.count)", to: &entry)
    Self.append("MINEWATCH_ADVICE", finding.advice, to: &entry)
    if let miner = finding.miner {
      Self.append("MINEWATCH_MINER", miner.address.description, to: &entry)
      if let name = miner.name { Self.append("MINEWATCH_MINER_NAME", wire: name, to: &entry) }
      if let agent = miner.agent { Self.append("MINEWATCH_MINER_AGENT", wire: agent, to: &entry) }
    }
    if let miners = finding.miners { Self.append("MINEWATCH_MINERS", "\(miners.count)", to: &entry) }
    if let name = finding.destinationName { Self.append("MINEWATCH_DESTINATION_NAME", wire: name, to: &entry) }
    if let flow = finding.flow {
      let (source, destination) = finding.fromServer ? (flow.server, flow.client) : (flow.client, flow.server)
      Self.append("MINEWATCH_SOURCE", source.address.description, to: &entry)
      Self.append("MINEWATCH_DESTINATION", destination.address.description, to: &entry)
      Self.append("MINEWATCH_FLOW", "\(flow.id)", to: &entry)
      if let name = CommunityID.v1(flow) { Self.append("MINEWATCH_COMMUNITY_ID", name, to: &entry) }
    }
    if let evidence = finding.evidence {
      Self.append("MINEWATCH_EVIDENCE", evidence.file, to: &entry)
      Self.append("MINEWATCH_EVIDENCE_SHA256", evidence.sha256, to: &entry)
      Self.append("MINEWATCH_EVIDENCE_BYTES", "\(evidence.bytes)", to: &entry)
    }
    return entry
  }

  /// What came by the wire: escaped as in the message, for `journalctl` writes fields to terminals as they are.
  private static func append(_ key: String, wire text: String, to entry: inout [UInt8]) {
    append(key, WireEscape.escaped(text, as: .sentence, limit: Limits.readableLine), to: &entry)
  }

  /// A field as `KEY=value`, or, when the value holds a line feed, in the form that says its length:
  /// the key, a line feed, eight bytes of length (least significant first), the value, a line feed.
  static func append(_ key: String, _ value: String, to entry: inout [UInt8]) {
    let bytes = cut(Array(value.utf8), to: Limits.readableLine)
    entry.append(key)
    if bytes.contains(UInt8(ascii: "\n")) {
      entry.append("\n")
      for index in 0..<8 { entry.append(UInt8(truncatingIfNeeded: UInt64(bytes.count) >> UInt64(8 * index))) }
    } else {
      entry.append("=")
    }
    entry += bytes
    entry.append("\n")
  }

  /// The number that journald knows a kind of message by: 128 bits from the rule's own number, so never another.
  package static func messageID(_ rule: Rule.Reference) -> String {
    var text: [UInt8] = []
    for byte in SHA256.hash(data: Array("minewatch rule \(rule.id)".utf8)).prefix(16) {
      text.append(hexadecimal: UInt32(byte), digits: 2)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
