import Decode
import Rules

extension EVEFormat {
  func writeAlert(_ finding: Finding, to json: inout JSONWriter) {
    let rule = finding.rule
    // A monitor that watches a copy of the traffic stops nothing.
    json.field("action", "allowed")
    json.field("gid", Self.generator)
    json.field("signature_id", rule.id)
    json.field("rev", rule.revision)
    json.field("severity", finding.level.severity)
    json.field("signature", rule.title)
    json.field("category", rule.category)
    json.field("rule", rule.name)
    json.object("metadata") { json in
      if !rule.techniques.isEmpty {
        json.field("mitre_technique_id", rule.techniques.map(\.identifier))
        json.field("mitre_version", [Technique.matrixVersion])
      }
      json.field("signature_severity", [finding.level.rawValue])
    }
    json.object("context") { writeContext(finding, to: &$0) }
  }

  /// What EVE has no field for.
  private func writeContext(_ finding: Finding, to json: inout JSONWriter) {
    json.field("level", finding.level.rawValue)
    json.field("site", origin.site)
    json.field("count", finding.count)
    json.field("first_seen", CivilTime.eve(finding.firstSeen))
    json.field("last_seen", CivilTime.eve(finding.lastSeen))
    json.field("message", finding.message)
    json.field("advice", finding.advice)
    if let miner = finding.miner {
      json.object("miner") { json in
        writeIdentity(miner, to: &json)
        if let terahashes = miner.terahashes { json.field("hashrate_ths", terahashes.significant) }
      }
    }
    if !finding.facts.isEmpty {
      json.object(finding.section ?? "facts") { json in
        for fact in finding.facts { write(fact.name, fact.value, to: &json) }
      }
    }
    if !finding.tls.isEmpty {
      json.object("tls") { json in
        for fact in finding.tls { write(fact.name, fact.value, to: &json) }
      }
    }
    if let miners = finding.miners {
      json.object("miners") { json in
        json.field("count", miners.count)
        json.field("some", miners.some.map(\.description))
      }
    }
    if let evidence = finding.evidence {
      json.object("evidence") { json in
        json.field("file", evidence.file)
        json.field("sha256", evidence.sha256)
        json.field("bytes", evidence.bytes)
        json.field("packets", evidence.packets)
      }
    }
  }

  func writeIdentity(_ miner: Finding.Miner, to json: inout JSONWriter) {
    json.field("ip", miner.address.description)
    if miner.mac != .none { json.field("mac", miner.mac.description) }
    if let name = miner.name { json.field("name", name) }
    if let agent = miner.agent { json.field("agent", agent) }
  }

  private func write(_ name: String, _ value: Finding.FactValue, to json: inout JSONWriter) {
    switch value {
    case .text(let text): json.field(name, text)
    case .number(let number): json.field(name, number)
    case .count(let count): json.field(name, count)
    case .flag(let flag): json.field(name, flag)
    case .list(let texts): json.field(name, texts)
    }
  }
}
