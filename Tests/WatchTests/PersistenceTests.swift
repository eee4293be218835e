import Capture
import Foundation
import Policy
import Rules
import Simulator
import Sinks
import Store
import Testing

@testable import Watch

/// A restart is no new beginning.
@Suite struct PersistenceTests {
  /// What a sensor writes about the second part of a site's morning, of which the first part went through another sensor.
  private static func rules(sharingStore: Bool) throws -> [String] {
    var plan = HealthySite.Plan()
    plan.miners = 4
    var site = HealthySite(plan)
    let restart = plan.start.advanced(by: .seconds(120))
    let tape = site.tape(until: plan.start.advanced(by: .seconds(300)))
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-restart-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "minewatch.db").path

    var found: [String] = []
    for isSecond in [false, true] {
      let store = StoreWriter(path: sharingStore ? path : path + "\(isSecond)", keep: .seconds(86_400), mode: .direct)
      let feed = StoreFeed(store, origin: Origin(host: "", site: "test"))
      let sinks = SinkSet([], origin: Origin(host: "", site: "test"), mode: .direct)
      var sensor = Sensor(policy: try Bench.policy(namesOnly), sinks: sinks, store: feed, seed: 1)
      for frame in tape.frames where (frame.time >= restart) == isSecond {
        sensor.receive(frame)
      }
      // As a replay does, whose first look at the findings comes after many thousand frames.
      sensor.deliver()
      sensor.finish()
      store.close()
      if isSecond { found = try StoreReader(path: store.path).alerts(AlertQuery()).map(\.rule) }
    }
    return found
  }

  /// A pool that is known by its name alone.
  private static let namesOnly = """
    miners: {networks: [10.20.0.0/16]}
    pools: [{name: demo, endpoints: ["stratum+tcp://stratum.example-pool.com:3333"], accounts: ["acme.*"]}]
    services: {dns: [10.1.0.1]}
    """

  @Test func `a session older than the monitor is explained by a name learned before`() throws {
    #expect(try Self.rules(sharingStore: false).contains("pool.unlisted"))
    #expect(try Self.rules(sharingStore: true) == [])
  }
}

extension Sensor {
  fileprivate mutating func receive(_ frame: Tape.TimedFrame) {
    let span = frame.bytes.span
    let bytes = unsafe span.bytes
    receive(
      Frame(bytes: bytes, timestamp: frame.time, originalLength: frame.bytes.count, linkType: .ethernet, source: 0))
  }
}
