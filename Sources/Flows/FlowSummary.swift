package import Capture
package import Decode

/// What the table knows of one flow, copied out: for observations and for the flow's end, not for every packet.
package struct FlowSummary: Sendable {
  package struct Side: Sendable {
    package var address: IPAddress
    /// 0 for protocols without ports.
    package var port: UInt16
    /// As last seen when this end first sent, or as addressed by the other.
    package var mac: MACAddress
    /// What this end sent.
    package var counters: FlowCounters
    /// Bytes that this end sent and we never saw.
    package var missedBytes: UInt64
  }

  /// Unique in one run; never reused.
  package var id: UInt64
  package var a: Side
  package var b: Side
  package var client: End
  package var basis: DirectionBasis
  /// The connection was seen from its SYN on.
  package var sawStart: Bool
  /// IANA protocol number.
  package var ipProtocol: UInt8
  /// For ICMP and ICMPv6: the type of the first packet.
  package var icmpType: UInt8
  /// VLAN identifiers, outermost first; the first ``vlanCount`` are set.
  package var outerVLAN: UInt16
  package var innerVLAN: UInt16
  package var vlanCount: UInt8
  package var interface: UInt16
  package var firstSeen: Timestamp
  package var lastSeen: Timestamp
  package var isIdentified: Bool
  /// Which end closed the connection or broke it off first; nil while none has, and where there is no connection.
  package var endedBy: End?
  /// The first packet's encapsulation.
  package var tunnel: Tunnel

  package func side(_ end: End) -> Side {
    end == .a ? a : b
  }
}
