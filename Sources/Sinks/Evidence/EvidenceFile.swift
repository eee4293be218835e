package import Capture
import Crypto
import Decode
import Protocols
package import Rules

/// A capture file of one alert's packets, named for the alert:
///
///     20261122T142501.123456Z-pool.unlisted-1870246-9f2c01ab.pcap
///
/// Time of the alert (UTC), rule, flow (or miner, or `site`), and a mark of what it is about, so that two alerts of one
/// packet have two files. Names sort by time and hold nothing but letters, digits, dots, hyphens and underscores.
/// A file only ever grows at its end, so a hash of its first bytes stays true.
package struct EvidenceFile: Equatable, Sendable {
  package let name: String
  package private(set) var bytes: [UInt8]
  package private(set) var packets = 0

  package init(for finding: Finding, linkType: LinkType) {
    name = Self.name(finding)
    bytes = PcapFormat.header(linkType)
  }

  package mutating func append(_ frame: [UInt8], originalLength: Int, at time: Timestamp) {
    bytes += PcapFormat.record(frame, originalLength: originalLength, at: time)
    packets += 1
  }

  /// Of all its bytes so far, as `sha256sum` writes it.
  package var sha256: String {
    hexadecimal(SHA256.hash(data: bytes))
  }

  /// What an alert says of it.
  ///
  /// - Parameter folder: where it is kept.
  package func reference(in folder: String) -> Finding.Evidence {
    Finding.Evidence(file: "\(folder)/\(name)", sha256: sha256, bytes: bytes.count, packets: packets)
  }

  private static func name(_ finding: Finding) -> String {
    let about = finding.flow.map { "\($0.id)" } ?? finding.miner.map { "\($0.address)" } ?? "site"
    let subject =
      "\(finding.rule.id) \(finding.miner?.address.description ?? "") \(finding.subject) \(finding.time.nanoseconds)"
    let mark = hexadecimal(SHA256.hash(data: Array(subject.utf8)).prefix(4))
    return "\(CivilTime.fileName(finding.time))-\(safe(finding.rule.name))-\(safe(about))-\(mark)\(suffix)"
  }

  private static func safe(_ text: String) -> String {
    String(text.unicodeScalars.map { isSafe($0) ? Character($0) : "_" })
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
    default: false
    }
  }

  static let suffix = ".pcap"

  /// Whether a file of that name may be one of these: nothing else in the folder is ever removed.
  static func isName(_ name: String) -> Bool {
    name.hasSuffix(suffix) && name.unicodeScalars.allSatisfy(isSafe)
      && name.firstMatch(of: /^[0-9]{8,}T[0-9]{6}\.[0-9]{6}Z-/) != nil
  }
}
