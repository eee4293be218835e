import Foundation
package import Policy
import Rules
import Sinks
package import Store

/// Alerts for `minewatch alerts`: out of the store, or out of the logs where no store is.
package struct AlertFeed {
  private enum Source {
    case store(StoreReader)
    case log(AlertLog)
  }

  private var source: Source
  private var query: AlertQuery
  /// The store's file: a damaged one is set aside, and another takes its place.
  private var number: UInt64?

  /// Between two looks for new alerts, in seconds.
  package static let pause = 0.5

  /// - Parameters:
  ///   - storePath: the store to read.
  ///   - settings: where the logs are; nil for the store alone.
  /// - Throws: when there is neither.
  package init(
    storePath: String, logs settings: Policy.AlertSettings?, query: AlertQuery
  ) throws(StoreFailure) {
    self.query = query
    do {
      source = .store(try StoreReader(path: storePath))
      number = AlertLog.number(of: storePath)
    } catch {
      guard error.kind == .absent, let log = settings.flatMap(AlertLog.init) else { throw error }
      source = .log(log)
    }
  }

  /// Alerts that are asked for and were not given yet, the oldest first.
  package mutating func next() throws(StoreFailure) -> [StoredAlert] {
    switch source {
    case .store(var store):
      let current = AlertLog.number(of: store.path)
      if let current, current != number {
        store = try StoreReader(path: store.path)
        source = .store(store)
        number = current
        query.after = 0
      }
      let alerts = try store.alerts(query)
      query.after = alerts.last?.id ?? query.after
      query.limit = nil
      return alerts
    case .log(var log):
      let alerts = log.read().filter(query.wants)
      source = .log(log)
      defer { query.limit = nil }
      return query.limit.map { Array(alerts.suffix($0)) } ?? alerts
    }
  }
}

extension StoredAlert {
  /// The whole as JSON; what a readable log has of it, where there is nothing else.
  package var json: String {
    guard eve.isEmpty else { return eve }
    var json = JSONWriter()
    json.object { json in
      json.field("timestamp", CivilTime.eve(time))
      json.field("event_type", "alert")
      json.object("alert") { json in
        json.field("rule", rule)
        json.object("context") { json in
          json.field("level", level.rawValue)
          json.field("message", summary)
        }
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
