import Decode
import Rules
import Sinks
import Store
import Watch

/// Alerts as JSON: what a list shows of each, and the whole event.
enum AlertText {
  static func json(_ alerts: [StoredAlert]) -> String {
    "{\"alerts\":[\(alerts.map(json).joined(separator: ","))]}"
  }

  /// One object in one line.
  static func json(_ alert: StoredAlert) -> String {
    var json = JSONWriter()
    json.object { json in
      json.field("id", alert.id)
      json.field("time", CivilTime.rfc3339(alert.time, fractionDigits: 3))
      json.field("level", alert.level.rawValue)
      json.field("rule", alert.rule)
      if let rule = RuleBook[alert.rule] { json.field("title", rule.reference.title) }
      if let miner = alert.miner { json.field("miner", miner.description) }
      if let name = alert.name { json.field("name", name) }
      json.field("summary", alert.summary)
      json.field("event", json: alert.json)
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

extension Rule {
  /// What `minewatch rules NAME` tells, as JSON.
  var json: String {
    var json = JSONWriter()
    json.object { json in
      json.field("id", reference.id)
      json.field("name", name)
      json.field("level", level.rawValue)
      json.field("title", reference.title)
      json.field("rationale", rationale)
      json.field("advice", advice)
      json.field("other_causes", falsePositives)
      json.field("techniques", reference.techniques.map { "\($0.identifier) \($0.name)" })
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
