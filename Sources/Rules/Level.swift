/// How much a finding matters. The order is that of urgency, worst first.
package enum Level: String, CaseIterable, Comparable, Sendable {
  case critical, high, medium, low, info

  /// EVE's `severity`: 1 is worst.
  package var severity: Int {
    switch self {
    case .critical: 1
    case .high: 2
    case .medium: 3
    case .low: 4
    case .info: 5
    }
  }

  /// `a < b` means that `a` is worse.
  package static func < (left: Level, right: Level) -> Bool {
    left.severity < right.severity
  }
}
