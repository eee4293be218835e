import Capture
import Decode
package import Protocols
package import Rules

/// Events as one line of JSON each, in the shape of Suricata's EVE, so that what reads EVE reads these.
///
/// An alert or flow validates against Suricata's own etc/schema.json; Configs/schema/minewatch-eve.schema.json says what
/// stands in `alert.context`, `stats`, `miner` and `fleet`. A line ends with a line feed and holds no other.
package struct EVEFormat: Sendable {
  /// Our generator, so that our signature numbers never meet another engine's.
  package static let generator = 3333

  package var origin: Origin

  package init(origin: Origin) {
    self.origin = origin
  }

  package func line(_ finding: Finding) -> [UInt8] {
    event("alert", at: finding.time, finding.flow, reversed: finding.fromServer, finding.application) { json in
      json.object("alert") { writeAlert(finding, to: &$0) }
    }
  }

  /// A flow that ended, at the time of its last packet.
  package func line(_ flow: FlowFacts, _ totals: FlowTotals, _ application: AppProtocol?) -> [UInt8] {
    event("flow", at: totals.lastSeen, flow, application) { json in
      json.object("flow") { writeTotals(totals, of: flow, to: &$0) }
    }
  }

  package func line(_ stats: StatsRecord) -> [UInt8] {
    event("stats", at: stats.time) { json in
      json.object("stats") { json in
        json.field("uptime", stats.uptime)
        write(stats.groups, to: &json)
        json.object("minewatch") { json in
          json.field("site", origin.site)
          write(stats.own, to: &json)
        }
      }
    }
  }

  func event(
    _ type: String, at time: Timestamp, _ flow: FlowFacts? = nil, reversed: Bool = false,
    _ application: AppProtocol? = nil, _ body: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.field("timestamp", CivilTime.eve(time))
      if let flow {
        json.field("flow_id", flow.id)
        if origin.interfaces.indices.contains(Int(flow.interface)) {
          json.field("in_iface", origin.interfaces[Int(flow.interface)])
        }
      }
      json.field("event_type", type)
      if let flow { writeEnds(of: flow, reversed: reversed, to: &json) }
      if let application { json.field("app_proto", application.rawValue) }
      if let name = flow.flatMap(CommunityID.v1) { json.field("community_id", name) }
      if !origin.host.isEmpty { json.field("host", origin.host) }
      body(&json)
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }

  /// `src` is the client unless `reversed`.
  private func writeEnds(of flow: FlowFacts, reversed: Bool, to json: inout JSONWriter) {
    let (source, destination) = reversed ? (flow.server, flow.client) : (flow.client, flow.server)
    let hasPorts = IPProtocol.hasPorts(flow.ipProtocol)
    if !flow.vlans.isEmpty {
      json.array("vlan") { json in flow.vlans.forEach { json.element($0) } }
    }
    json.field("src_ip", source.address.description)
    if hasPorts { json.field("src_port", source.port) }
    json.field("dest_ip", destination.address.description)
    if hasPorts { json.field("dest_port", destination.port) }
    json.field("proto", IPProtocol.name(flow.ipProtocol))
    if flow.ipProtocol == IPProtocol.icmp || flow.ipProtocol == IPProtocol.icmpv6 {
      json.field("icmp_type", flow.icmpType)
    }
  }
}
