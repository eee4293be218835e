import Flows
import Foundation
import Protocols
import Testing

/// Captures of tricks that suricata-verify has: overlapping segments that differ, and connections that are refused, ended and held all
/// the same.
@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct EvasionCaptureTests {
  @Test(arguments: [
    ("eve-overlap-payload-01--tcp-overlap.pcap", 1), ("eve-overlap-payload-04-partial-overlap--tcp-overlap2.pcap", 1),
    ("eve-overlap-payload-05-gap--tcp-simple-gap2.pcap", 0), ("bug-8278-krb5-02--evasion.1.flow.2.segments.pcap", 0),
  ])
  func `segments that differ are told`(name: String, conflicts: Int) throws {
    let found = try Self.observations(name).count { if case .streamConflict = $0.content { true } else { false } }
    #expect(found == conflicts)
  }

  /// Linux and Windows go on after the server's RST and FIN in answer to the SYN.
  @Test(arguments: [
    "bug-3286-01-no-evasion--without_evasion.pcap", "bug-3286-02-linux-evasion--with_evasion_linux.pcap",
    "bug-3286-03-windows-evasion--with_evasion_windows.pcap",
  ])
  func `a request behind a RST that does not count is read`(name: String) throws {
    #expect(try Self.observations(name).contains { $0.line.hasPrefix("http ") })
  }

  private static func observations(_ name: String) throws -> [Observation] {
    let files = try SharedCaptures.files("malformed")
    return SharedCaptures.observations(try #require(files.first { $0.lastPathComponent == "suricata-verify--\(name)" }))
  }
}
