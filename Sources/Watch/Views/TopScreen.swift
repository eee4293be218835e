package import Capture
package import Policy
import Rules
package import Store

/// One picture of `minewatch top`: how the sensor is, the latest alerts, and the busiest miners, as many as fit.
package struct TopScreen {
  private static let alertLines = 6
  private static let defaultRows = 24

  /// - Parameters:
  ///   - rows: of the screen; nil for a picture without a screen.
  package static func text(
    _ store: StoreReader, policy: Policy?, order: MinerListing.Order, columns: Int?, rows: Int?, isColoured: Bool,
    now: Timestamp
  ) throws(StoreFailure) -> String {
    var query = AlertQuery()
    query.limit = alertLines
    var lines = try StatusReport(store, now: now).text().split(separator: "\n").map { cut(String($0), columns) }
    let alerts = try store.alerts(query).reversed()
    lines.append("")
    // Colour takes no room, so a line is cut before it is coloured.
    lines += alerts.map { alert in
      let line = cut(alert.line(isColoured: false), columns)
      return isColoured ? line.replacing(" \(alert.level.rawValue) ", with: colour(alert), maxReplacements: 1) : line
    }
    lines.append("")
    var miners = MinerListing.Query()
    miners.order = order
    let table = try MinerListing(store, policy: policy, query: miners).text(width: columns, isColoured: isColoured)
    let room = max((rows ?? defaultRows) - lines.count - 1, 2)
    lines += table.split(separator: "\n").prefix(rows == nil ? .max : room).map(String.init)
    return lines.joined(separator: "\n")
  }

  private static func colour(_ alert: StoredAlert) -> String {
    let parts = alert.line(isColoured: true).split(separator: " ", maxSplits: 2)
    return " \(parts.count > 1 ? String(parts[1]) : alert.level.rawValue) "
  }

  private static func cut(_ line: String, _ width: Int?) -> String {
    guard let width, line.unicodeScalars.count > width else { return line }
    return String(String.UnicodeScalarView(line.unicodeScalars.prefix(max(width - 1, 0)))) + "…"
  }
}
