package import Capture
package import Policy
import Rules
package import Store

/// One picture of `minewatch top`: how the sensor is, the latest alerts, and the busiest miners, as many as fit.
package struct TopScreen {
  private static let alertLines = 6

  /// - Parameters:
  ///   - rows: of the screen; nil for a picture without a screen.
  package static func text(
    _ store: StoreReader, policy: Policy?, order: MinerListing.Order, columns: Int?, rows: Int?, isColoured: Bool,
    now: Timestamp
  ) throws(StoreFailure) -> String {
    let status = try StatusReport(store, now: now).text().split(separator: "\n").map { cut(String($0), columns) }
    let room = Room(rows: rows ?? .max, status: status.count)
    var lines = Array(status.prefix(room.status))
    if room.alerts > 0 {
      var query = AlertQuery()
      query.limit = room.alerts
      lines.append("")
      // Colour takes no room, so a line is cut before it is coloured.
      lines += try store.alerts(query).reversed().map { alert in
        let line = cut(alert.line(isColoured: false), columns)
        return isColoured ? line.replacing(" \(alert.level.rawValue) ", with: colour(alert), maxReplacements: 1) : line
      }
    }
    lines.append("")
    var miners = MinerListing.Query()
    miners.order = order
    let table = try MinerListing(store, policy: policy, query: miners).text(width: columns, isColoured: isColoured)
    lines += table.split(separator: "\n").map(String.init)
    return lines.prefix(rows ?? .max).joined(separator: "\n")
  }

  /// How many lines of a screen each part has: miners the rest, and at least two where that can be.
  private struct Room {
    var status: Int
    var alerts: Int

    /// Lines that a screen must have for all of the status and some of the rest.
    private static let rest = 9

    init(rows: Int, status: Int) {
      self.status = min(status, max(rows &- Self.rest, rows / 2))
      alerts = min(TopScreen.alertLines, max(rows - self.status - 2, 0) / 2)
    }
  }

  private static func colour(_ alert: StoredAlert) -> String {
    let parts = alert.line(isColoured: true).split(separator: " ", maxSplits: 2)
    return " \(parts.count > 1 ? String(parts[1]) : alert.level.rawValue) "
  }

  private static func cut(_ line: String, _ width: Int?) -> String {
    width.map { TextWidth.cut(line, to: $0) } ?? line
  }
}
