import Decode
import Rules
import Sinks
package import Store

extension StoredAlert {
  /// The line as the alert log has it: time, level, what happened.
  package func line(isColoured: Bool) -> String {
    let name = isColoured ? "\u{1b}[\(TextFormat.rendition(of: level))m\(level.rawValue)\u{1b}[0m" : level.rawValue
    return "\(CivilTime.rfc3339(time, fractionDigits: 3)) \(name) \(summary)"
  }
}

extension AlertQuery {
  /// Whether an alert is asked for: what the store does with columns, for alerts out of a log.
  func wants(_ alert: StoredAlert) -> Bool {
    if let since, alert.time < since { return false }
    if let level, alert.level > level { return false }
    if let rule, alert.rule != rule { return false }
    guard let miner else { return true }
    return [alert.miner?.description, alert.mac == .none ? nil : alert.mac.description, alert.name].contains(miner)
  }
}
