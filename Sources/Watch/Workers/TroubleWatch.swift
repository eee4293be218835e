import Sinks

/// Finds out when a sink or the store begins to fail, and when it works again, for the daemon's own log: an alert about it goes to
/// sinks and store, and where all of these stand on one full disk it would be told to nobody.
struct TroubleWatch {
  /// By name; what works is not in it.
  private var troubles: [String: String] = [:]

  /// Names of what fails, in order.
  var failing: [String] { troubles.keys.sorted() }

  /// - Returns: what changed since the last call, a sentence each.
  mutating func hear(_ conditions: [SinkCondition]) -> [(level: OperationLog.Level, sentence: String)] {
    var news: [(OperationLog.Level, String)] = []
    var now: [String: String] = [:]
    for condition in conditions {
      let former = troubles[condition.name]
      now[condition.name] = condition.trouble
      if let trouble = condition.trouble {
        if trouble != former { news.append((.error, trouble)) }
      } else if former != nil {
        news.append((.notice, "\(condition.name): written again"))
      }
    }
    troubles = now
    return news
  }
}
