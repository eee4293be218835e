import Capture
import Testing

@testable import Rules

/// What a miner takes in the tables that have a row of each: the promise is 250 MB for 100,000.
@Suite struct FootprintTests {
  struct Footprint: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: Int
    let budget: Int
    /// Row of ``Limits/all`` that speaks of it.
    let limit: String

    init<Row>(_ row: Row.Type, _ limit: String, budget: Int) {
      name = String(reflecting: row)
      bytes = MemoryLayout<Row>.stride
      self.budget = budget
      self.limit = limit
    }

    var testDescription: String { name }
  }

  private static let rows = [
    Footprint(Hashrates.Row.self, "hashrates", budget: 280), Footprint(MinerHabit.self, "habits", budget: 192),
    Footprint(JobBook.Row.self, "watched sessions", budget: 128),
    Footprint(Fleet.Hidden.self, "watched sessions", budget: 24),
    Footprint(Allegiances.Miner.self, "watched sessions", budget: 96),
    Footprint(Traffic.Row.self, "traffic habits", budget: 224),
    Footprint(Fleet.Miner.self, "seen miners", budget: 80), Footprint(Fleet.Worker.self, "Stratum users", budget: 40),
    Footprint(Switches.Row.self, "compared work", budget: 56),
    Footprint(Switches.Change.self, "compared work", budget: 56),
    Footprint(Identities.Record.self, "identities", budget: 56),
    Footprint(KnownDevices.Machine.self, "seen devices", budget: 32),
    Footprint(KnownDevices.Seen.self, "seen devices", budget: 16),
    Footprint(AddressOwners.Owner.self, "address owners", budget: 96),
  ]

  @Test(arguments: rows) func `a row is within its budget`(row: Footprint) {
    #expect(row.bytes <= row.budget)
  }

  /// A full table's index takes eight bytes a row.
  @Test(arguments: Set(rows.map(\.limit)).sorted())
  func `a limit states what its tables take`(limit: String) {
    let stated = Limits.all.first { $0.name == limit }?.bytesEach ?? 0
    #expect(Self.rows.filter { $0.limit == limit }.reduce(0) { $0 + $1.bytes + 8 } <= stated)
  }
}
