import Capture
package import Policy
package import Rules

/// One syslog message a finding: RFC 3164 as /dev/log takes it, or RFC 5424.
///
/// The facts stand in the message, in ``TextFormat``'s words: structured data would need an enterprise number of our own
/// (RFC 5424 §7.2.2), so only the names that IANA registered are used.
package struct SyslogFormat: Sendable {
  package enum Version: Sendable {
    case rfc3164, rfc5424
  }

  package static let tag = "minewatch"

  package var origin: Origin
  package var version: Version
  package var facility: Policy.SyslogFacility

  package init(origin: Origin, version: Version, facility: Policy.SyslogFacility) {
    self.origin = origin
    self.version = version
    self.facility = facility
  }

  /// - Parameter sequence: for `meta`'s sequenceId (RFC 5424 §7.3.1): 1 for the first message of a run, then 2...
  package func message(_ finding: Finding, sequence: UInt32) -> [UInt8] {
    let text = "\(finding.level.rawValue) \(TextFormat.summary(finding, host: origin.host))"
    var message: [UInt8] = []
    message.append("<\(facility.rawValue * 8 + finding.level.syslogSeverity)>")
    switch version {
    case .rfc3164:
      message.append("\(CivilTime.rfc3164(finding.time)) \(Self.tag)[\(origin.processID)]: ")
    case .rfc5424:
      message.append("1 \(CivilTime.rfc3339(finding.time, fractionDigits: 6)) ")
      message.append("\(Self.header(origin.host, limit: 255)) \(Self.tag) \(origin.processID) ")
      message.append("\(Self.header(finding.rule.name, limit: 32)) ")
      // From 1 to 2,147,483,647 and then from 1 again.
      message.append("[meta sequenceId=\"\((sequence &- 1) % 0x7fff_ffff + 1)\"] ")
      // §6.4: text that is UTF-8 and more than ASCII says so with a byte order mark.
      if !text.utf8.allSatisfy({ $0 < 0x80 }) { message += [0xef, 0xbb, 0xbf] }
    }
    message.append(text)
    return message
  }

  /// A header field: visible ASCII without blanks, cut to its longest form; `-` for none (RFC 5424 §6).
  static func header(_ text: String, limit: Int) -> String {
    let bytes = text.utf8.prefix(limit).map { (0x21...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }
    return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
  }
}

extension Level {
  /// RFC 5424 §6.2.1 table 2: crit, err, warning, notice, info.
  var syslogSeverity: Int { severity + 1 }
}
