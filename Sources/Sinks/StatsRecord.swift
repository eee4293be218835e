package import Capture

/// The program's counters at one time, as Watch gathers them: groups of named numbers in the order they are written.
///
/// EVE's own groups come in ``groups`` under the names that Suricata gives them (`capture` with `kernel_packets`,
/// `kernel_drops` and `kernel_ifdrops`; `decoder`; `flow`); what only Minewatch counts comes in ``own``.
package struct StatsRecord: Sendable {
  package indirect enum Value: Sendable {
    case count(UInt64)
    case number(Double)
    case text(String)
    case group([Entry])
  }

  package struct Entry: Sendable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }

    package init(_ name: String, _ count: UInt64) {
      self.init(name, .count(count))
    }
  }

  package var time: Timestamp
  /// Whole seconds since the run began, by packet time in a replay.
  package var uptime: UInt64
  package var groups: [Entry]
  /// Stands under `stats.minewatch`, after the site's name.
  package var own: [Entry]

  package init(time: Timestamp, uptime: UInt64, groups: [Entry] = [], own: [Entry] = []) {
    self.time = time
    self.uptime = uptime
    self.groups = groups
    self.own = own
  }
}
