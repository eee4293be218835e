import Capture
import Decode
import Flows
import Foundation
import Protocols
import Rules
import Testing

import struct Simulator.SplitMix64

@testable import Sinks

struct EVEFormatTests {
  private let format = EVEFormat(origin: Fixtures.origin)

  @Test func `writes an alert field by field`() {
    let expected = """
      {"timestamp":"2026-11-22T14:25:01.123456+0000","flow_id":1870246,"in_iface":"span0","event_type":"alert",\
      "vlan":[20],"src_ip":"10.20.3.4","src_port":40112,"dest_ip":"203.0.113.9","dest_port":3333,"proto":"TCP",\
      "app_proto":"stratum","community_id":"1:JV6rUk47NxNpAGTh52Jotn5B1cc=","host":"gw-north",\
      "alert":{"action":"allowed","gid":3333,"signature_id":1001,"rev":1,"severity":1,\
      "signature":"Mining session to a pool that is not allowed","category":"Pool switch","rule":"pool.unlisted",\
      "metadata":{"mitre_technique_id":["T1496.001"],"mitre_version":["18.1"],"signature_severity":["critical"]},\
      "context":{"level":"critical","site":"north-hall","count":1,"first_seen":"2026-11-22T14:25:01.123456+0000",\
      "last_seen":"2026-11-22T14:25:01.123456+0000","message":"A miner mines where it may not.",\
      "advice":"Find out who changed the pool.",\
      "miner":{"ip":"10.20.3.4","mac":"02:00:0a:14:03:04","name":"r3-u12","agent":"bmminer/2.0.0"},\
      "stratum":{"dialect":"stratum-v1","method":"mining.authorize","user":"mallory.x","pool_host":"evil.example",\
      "difficulty":65536.5,"shares":3,"followed":true,"names":["a","b"]}}}}

      """
    #expect(text(format.line(Fixtures.login())) == expected)
  }

  @Test func `writes the monitor's own alert without what it has not`() {
    var finding = Fixtures.finding(Fixtures.captureLoss, .high, flow: nil)
    finding.miners = Finding.Crowd(count: 3, some: [Fixtures.address("10.20.3.4")])
    finding.facts = [("dropped", .count(3))]
    let expected = """
      {"timestamp":"2026-11-22T14:25:01.123456+0000","event_type":"alert","host":"gw-north",\
      "alert":{"action":"allowed","gid":3333,"signature_id":9001,"rev":1,"severity":2,\
      "signature":"Packets were lost before they could be read","category":"Monitor","rule":"monitor.capture-loss",\
      "metadata":{"signature_severity":["high"]},\
      "context":{"level":"high","site":"north-hall","count":1,"first_seen":"2026-11-22T14:25:01.123456+0000",\
      "last_seen":"2026-11-22T14:25:01.123456+0000","message":"A miner mines where it may not.",\
      "advice":"Find out who changed the pool.","facts":{"dropped":3},\
      "miners":{"count":3,"some":["10.20.3.4"]}}}}

      """
    #expect(text(format.line(finding)) == expected)
  }

  @Test func `writes a flow as EVE does`() {
    let expected = """
      {"timestamp":"2026-11-22T14:25:01.123456+0000","flow_id":1870246,"in_iface":"span0","event_type":"flow",\
      "vlan":[20],"src_ip":"10.20.3.4","src_port":40112,"dest_ip":"203.0.113.9","dest_port":3333,"proto":"TCP",\
      "app_proto":"stratum","community_id":"1:JV6rUk47NxNpAGTh52Jotn5B1cc=","host":"gw-north",\
      "flow":{"pkts_toserver":12,"pkts_toclient":11,"bytes_toserver":1500,"bytes_toclient":9000,\
      "start":"2026-11-22T14:23:31.123456+0000","end":"2026-11-22T14:25:01.123456+0000","age":90,"state":"closed",\
      "reason":"finished"}}

      """
    #expect(text(format.line(Fixtures.flow(), Fixtures.totals(), .stratum)) == expected)
  }

  @Test func `writes statistics as EVE does, and its own beside them`() {
    let expected = """
      {"timestamp":"2026-11-22T14:25:01.123456+0000","event_type":"stats","host":"gw-north",\
      "stats":{"uptime":3600,"capture":{"kernel_packets":1000000,"kernel_drops":3,"kernel_ifdrops":0},\
      "decoder":{"pkts":1000000,"ipv4":999000},"flow":{"active":5000},\
      "minewatch":{"site":"north-hall","packet_rate":278.5,"policy":"abc123","findings":7}}}

      """
    #expect(text(format.line(Fixtures.stats)) == expected)
  }

  @Test func `turns source and destination when the server spoke`() throws {
    var finding = Fixtures.login()
    let forward = try parse(format.line(finding))
    finding.fromServer = true
    let back = try parse(format.line(finding))
    #expect(back["src_ip"] as? String == "203.0.113.9")
    #expect(back["src_port"] as? Int == 3_333)
    #expect(back["dest_ip"] as? String == "10.20.3.4")
    #expect(back["community_id"] as? String == forward["community_id"] as? String)
  }

  @Test(arguments: [
    (UInt8(1), "ICMP"), (6, "TCP"), (17, "UDP"), (47, "GRE"), (50, "ESP"), (58, "IPv6-ICMP"), (132, "SCTP"), (0, "000"),
    (99, "099"), (255, "255"),
  ])
  func `spells protocols as EVE does and gives ports to TCP and UDP only`(number: UInt8, name: String) throws {
    let event = try parse(format.line(Fixtures.finding(flow: Fixtures.flow(ipProtocol: number, icmpType: 3))))
    #expect(event["proto"] as? String == name)
    #expect((event["src_port"] != nil) == (number == 6 || number == 17))
    #expect((event["dest_port"] != nil) == (number == 6 || number == 17))
    #expect((event["icmp_type"] != nil) == (number == 1 || number == 58))
  }

  @Test(arguments: [
    (FlowEnd.finished, true, "closed", "finished"), (.reset, true, "closed", "reset"),
    (.idle, true, "established", "timeout"), (.idle, false, "new", "timeout"),
    (.evicted, false, "new", "forced"), (.replaced, true, "established", "tcp_reuse"),
    (.shutdown, true, "established", "shutdown"),
  ])
  func `tells how far a flow came and why it ended`(end: FlowEnd, answered: Bool, state: String, reason: String) throws
  {
    let event = try parse(format.line(Fixtures.flow(), Fixtures.totals(end, answered: answered), nil))
    let flow = event["flow"] as? [String: Any]
    #expect(flow?["state"] as? String == state)
    #expect(flow?["reason"] as? String == reason)
    #expect(event["app_proto"] == nil)
  }

  @Test func `a flow whose packets run backwards has no negative age`() throws {
    var totals = Fixtures.totals()
    totals.lastSeen = Timestamp(nanoseconds: .min)
    let flow = try parse(format.line(Fixtures.flow(), totals, nil))["flow"] as? [String: Any]
    #expect(flow?["age"] as? Int == 0)
  }

  @Test func `leaves out an interface that has no name`() throws {
    var flow = Fixtures.flow()
    flow.interface = 9
    let event = try parse(format.line(Fixtures.finding(flow: flow)))
    #expect(event["in_iface"] == nil)
  }

  @Test(arguments: Fixtures.hostileTexts)
  func `stays one line of JSON whatever the wire says, and loses nothing of it`(hostile: String) throws {
    let line = format.line(Fixtures.hostile(hostile))
    #expect(isOnePrintableLine(line))
    let alert = try parse(line)["alert"] as? [String: Any]
    let context = alert?["context"] as? [String: Any]
    let kept =
      hostile.unicodeScalars.count > Limits.eventText
      ? String(String.UnicodeScalarView(hostile.unicodeScalars.prefix(Limits.eventText))) + "…" : hostile
    // Swift compares canonically; what was sent must come back scalar by scalar.
    #expect((context?["message"] as? String).map { Array($0.unicodeScalars) } == Array(kept.unicodeScalars))
    let section = context?["stratum"] as? [String: Any]
    #expect(section?["names"] as? [String] == [kept, kept])
  }

  @Test func `any text at all comes back from the JSON`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let sent = random.text(upTo: 60)
      let line = format.line(Fixtures.hostile(sent))
      let alert = try parse(line)["alert"] as? [String: Any]
      let context = alert?["context"] as? [String: Any]
      let received = context?["message"] as? String
      #expect(received.map { Array($0.unicodeScalars) } == Array(sent.unicodeScalars), "seed \(seed)")
      #expect(isOnePrintableLine(line), "seed \(seed)")
    }
  }

  private func parse(_ line: [UInt8]) throws -> [String: Any] {
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    let object = try JSONSerialization.jsonObject(with: Data(line))
    return try #require(object as? [String: Any])
  }
}
