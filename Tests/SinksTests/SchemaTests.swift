import Flows
import Foundation
import Protocols
import Rules
import Testing

@testable import Sinks

private let python = "/usr/bin/python3"
private let hasValidator =
  Programs.isInstalled(python) && (try? Programs.run(python, ["-c", "import jsonschema"]))?.status == 0
private let ourSchema = Programs.root.appending(path: "Configs/schema/minewatch-eve.schema.json").path
/// Beside the package, or beside the folder of worktrees that the package is in.
private let suricataSchema: String = {
  let parent = Programs.root.deletingLastPathComponent()
  let places = [parent, parent.deletingLastPathComponent()].map {
    $0.appending(path: "shared/schemas/suricata-eve.json").path
  }
  return places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0]
}()

/// Holds events against Suricata's schema and ours, with a validator that neither wrote.
@Suite(.enabled(if: hasValidator, "needs Debian's python3-jsonschema"))
struct SchemaTests {
  private static let format = EVEFormat(origin: Fixtures.origin)

  private static var alerts: [[UInt8]] {
    var findings = [Fixtures.login(), Fixtures.finding(Fixtures.captureLoss, .high, flow: nil)]
    for ipProtocol in [UInt8(1), 17, 47, 58, 255] {
      findings.append(Fixtures.finding(flow: Fixtures.flow(ipProtocol: ipProtocol, icmpType: 8, vlans: [])))
    }
    findings.append(Fixtures.finding(flow: Fixtures.flow("2001:db8::1", 1, "fe80::1", 65_535)))
    var crowd = Fixtures.login()
    crowd.miners = Finding.Crowd(count: 2, some: [Fixtures.address("10.20.3.4"), Fixtures.address("fd00::1")])
    crowd.facts = [("rate", .number(.nan)), ("none", .list([]))]
    findings.append(crowd)
    var kept = Fixtures.login()
    kept.evidence = Fixtures.evidence
    findings.append(kept)
    findings += Fixtures.hostileTexts.map(Fixtures.hostile)
    findings += Level.allCases.map { Fixtures.finding(Fixtures.unlisted, $0) }
    for application in AppProtocol.allCases {
      var finding = Fixtures.login()
      finding.application = application
      findings.append(finding)
    }
    return findings.map(format.line)
  }

  private static var flows: [[UInt8]] {
    let ends: [FlowEnd] = [.finished, .reset, .idle, .evicted, .replaced, .shutdown]
    return ends.map { format.line(Fixtures.flow(), Fixtures.totals($0), .stratum) }
      + [format.line(Fixtures.flow(ipProtocol: 1, icmpType: 8), Fixtures.totals(), nil)]
  }

  private static var minutes: [[UInt8]] {
    Fixtures.minutes.flatMap { minute in
      minute.workers.map { format.line($0, at: minute.time) } + [format.fleetLine(minute)]
    }
  }

  /// - Returns: one line for every error; empty when all is valid.
  private func errors(_ lines: [[UInt8]], _ schema: String) throws -> String {
    try Programs.withFolder { folder in
      let path = folder + "/events"
      try Data(lines.joined()).write(to: URL(filePath: path))
      let script = """
        import json, sys, jsonschema
        check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
        check.check_schema(check.schema)
        lines = open(sys.argv[2]).read().split("\\n")[:-1]
        assert len(lines) == int(sys.argv[3]), "some event is not one line"
        for line in lines:
          for error in check.iter_errors(json.loads(line)):
            print(error.json_path, error.message[:200])
        """
      return try Programs.run(python, ["-c", script, schema, path, "\(lines.count)"]).output
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: suricataSchema), "needs the folder \(suricataSchema)"))
  func `alerts and flows are Suricata's EVE`() throws {
    #expect(try errors(Self.alerts + Self.flows, suricataSchema) == "")
  }

  @Test func `every event is what our schema says`() throws {
    #expect(try errors(Self.alerts + Self.flows + Self.minutes + [Self.format.line(Fixtures.stats)], ourSchema) == "")
  }

  @Test(arguments: [
    ("an unknown field", #""host":"#, #""hosts":1,"host":"#),
    ("another generator", #""gid":3333"#, #""gid":1"#),
    ("a level that is none", #""level":"critical""#, #""level":"fatal""#),
    ("an alert without its rule", #""rule":"pool.unlisted","#, ""),
    ("a fact that is no fact", #""user":"mallory.x""#, #""user":{"name":"mallory.x"}"#),
    ("local time", "+0000", "+0100"),
    ("a port without the other", #""src_port":40112,"#, ""),
    ("an alert that says it is a flow", #""event_type":"alert""#, #""event_type":"flow""#),
  ])
  func `our schema refuses`(what: String, original: String, replacement: String) throws {
    let line = text(Self.format.line(Fixtures.login()))
    let changed = line.replacing(original, with: replacement)
    #expect(changed != line)
    #expect(try errors([Array(changed.utf8)], ourSchema) != "", "\(what)")
  }
}
