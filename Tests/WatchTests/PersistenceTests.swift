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
      var sensor = try sensor(store)
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

  /// The process is killed in the middle of everything, and another begins two minutes later.
  @Test func `a restart loses nothing that was learned and cries nothing`() throws {
    var plan = HealthySite.Plan()
    plan.miners = 24
    // While nobody looks, and soon after.
    plan.incidents = [
      (.seconds(35 * 60 + 30), .reconnect(miner: 3)), (.seconds(36 * 60), .newBlock),
      (.seconds(38 * 60), .reconnect(miner: 5)), (.seconds(39 * 60), .difficulty(miner: 7, 466_000)),
    ]
    var site = HealthySite(plan)
    let tape = site.tape(until: plan.start.advanced(by: .seconds(60 * 60)))
    let killed = plan.start.advanced(by: .seconds(35 * 60))
    let begun = plan.start.advanced(by: .seconds(37 * 60))
    let folder = FileManager.default.temporaryDirectory.appending(path: "minewatch-killed-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "minewatch.db").path

    // Nothing is finished, and nothing that was not written yet will be.
    let first = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
    var sensor = try Self.sensor(first)
    sensor.receive(tape.frames.filter { $0.time < killed })
    first.close()
    #expect(try StoreReader(path: path).alerts(AlertQuery()).map(\.rule) == [])

    let second = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
    let memory = second.memory
    #expect(memory.bindings.contains { $0.name == "stratum.example-pool.com" })
    #expect(memory.miners.count >= plan.miners)
    #expect(Set(memory.habits.map(\.address)) == Set((0..<plan.miners).map { HealthySite.miner($0).address }))
    // A share each ten seconds, learned from ten minutes at the least.
    #expect(memory.habits.allSatisfy { (3...9).contains($0.pace.mean / $0.weight) && $0.pace.count >= 10 })
    sensor = try Self.sensor(second)
    sensor.receive(tape.frames.filter { $0.time >= begun })
    sensor.finish()
    second.close()
    #expect(try StoreReader(path: path).alerts(AlertQuery()).map(\.rule) == [])
    let kept = StoreWriter(path: path, keep: .seconds(86_400), mode: .direct)
    defer { kept.close() }
    #expect(kept.memory.habits.count == plan.miners)
    #expect(
      kept.memory.habits.allSatisfy { habit in
        memory.habits.contains { $0.address == habit.address && $0.pace.count <= habit.pace.count }
      })
  }

  private static func sensor(_ store: StoreWriter) throws -> Sensor {
    let origin = Origin(host: "", site: "test")
    return Sensor(
      policy: try Bench.policy(namesOnly), sinks: SinkSet([], origin: origin, mode: .direct),
      store: StoreFeed(store, origin: origin), seed: 1)
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
  /// As on an interface, where what was found is looked at all the time.
  fileprivate mutating func receive(_ frames: [Tape.TimedFrame]) {
    for (place, frame) in frames.enumerated() {
      receive(frame)
      if place % 64 == 0 { deliver() }
    }
    deliver()
  }

  fileprivate mutating func receive(_ frame: Tape.TimedFrame) {
    let span = frame.bytes.span
    let bytes = unsafe span.bytes
    receive(
      Frame(bytes: bytes, timestamp: frame.time, originalLength: frame.bytes.count, linkType: .ethernet, source: 0))
  }
}
