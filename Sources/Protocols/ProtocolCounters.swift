/// What the protocol stage has done, and how often it hit a bound.
package struct ProtocolCounters: Equatable, Sendable {
  /// Flows by what they were identified as, in the order of ``AppProtocol/allCases``. One that was upgraded counts twice.
  package private(set) var flows = [UInt64](repeating: 0, count: AppProtocol.allCases.count)
  package var dnsQueries: UInt64 = 0
  package var dnsResponses: UInt64 = 0
  package var dnsAnomalies: UInt64 = 0
  package var dnsContradictions: UInt64 = 0
  /// Messages with more answers than ``Capture/Limits/dnsAnswers``.
  package var dnsAnswersLeftOut: UInt64 = 0
  /// Datagrams or stream messages in DNS flows whose header no DNS implementation would write.
  package var dnsImplausible: UInt64 = 0
  package var ntpPackets: UInt64 = 0
  /// ARP, neighbour discovery, redirects and DHCP that were observed.
  package var linkMessages: UInt64 = 0
  /// Such packets that no host would heed.
  package var linkMalformed: UInt64 = 0
  /// Messages of multicast DNS and LLMNR.
  package var localNames: UInt64 = 0
  /// Unfinished messages forgotten because no buffer was to be had.
  package var buffersExhausted: UInt64 = 0
  /// Streams that spoke text past ``Capture/Limits/probedText`` without saying anything that is known.
  package var probesGivenUp: UInt64 = 0
  /// Stratum sessions not followed because the table was full.
  package var stratumSessionsRefused: UInt64 = 0
  /// Streams named but not read because the table of readers was full.
  package var readersRefused: UInt64 = 0
  /// Streams no longer read because a message did not fit into the largest buffer, or none was to be had.
  package var readersGivenUp: UInt64 = 0
  /// QUIC connections whose hello was not read because the table was full.
  package var quicHellosRefused: UInt64 = 0
  /// Streams with two payloads for the same bytes.
  package var streamConflicts: UInt64 = 0

  package init() {}

  package func flows(identifiedAs appProtocol: AppProtocol) -> UInt64 {
    flows[Int(appProtocol.number)]
  }

  mutating func countFlow(_ appProtocol: AppProtocol) {
    flows[Int(appProtocol.number)] += 1
  }
}

extension AppProtocol {
  private static let all = Array(allCases)

  /// Its place among all cases: six bits of a flow's state.
  var number: UInt32 {
    UInt32(truncatingIfNeeded: Self.all.firstIndex(of: self) ?? 0)
  }

  init?(number: UInt32) {
    guard number < Self.all.count else { return nil }
    self = Self.all[Int(number)]
  }
}
