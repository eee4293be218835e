import Capture
import Decode
import Testing

import struct Simulator.SplitMix64

@testable import Policy

struct BindingsTests {
  private let start = Timestamp(seconds: 1_800_000_000)

  @Test
  func `remembers both ways, the latest first`() throws {
    var bindings = Bindings()
    let (one, two) = (try address("203.0.113.1"), try address("203.0.113.2"))
    bindings.bind("a.example", to: one, at: start)
    bindings.bind("b.example", to: one, at: start)
    bindings.bind("a.example", to: two, at: start)
    #expect(bindings.names(of: one) == ["b.example", "a.example"])
    #expect(bindings.addresses(of: "a.example") == [two, one])
    bindings.bind("a.example", to: one, at: start.advanced(by: .seconds(60)))
    #expect(bindings.names(of: one) == ["a.example", "b.example"])
    #expect(bindings.addresses(of: "a.example") == [one, two])
    #expect(bindings.time(of: "a.example", at: one) == start.advanced(by: .seconds(60)))
    #expect(bindings.time(of: "a.example", at: try address("203.0.113.3")) == nil)
    #expect(bindings.count == 3)
    #expect(bindings.evicted == 0)
    #expect(bindings.names(of: try address("203.0.113.9")).isEmpty)
    #expect(bindings.addresses(of: "c.example").isEmpty)
  }

  @Test
  func `tells what was learned since, for another to take over`() throws {
    var bindings = Bindings()
    let (one, two) = (try address("203.0.113.1"), try address("203.0.113.2"))
    bindings.bind("b.example", to: one, at: start.advanced(by: .seconds(2)))
    bindings.bind("a.example", to: one, at: start.advanced(by: .seconds(1)))
    bindings.bind("a.example", to: two, at: start)
    let learned = bindings.learned(after: start)
    #expect(learned.map(\.name) == ["a.example", "b.example"])
    var others = Bindings()
    for binding in bindings.learned(after: Timestamp(nanoseconds: .min)) {
      others.bind(binding.name, to: binding.address, at: binding.learned)
    }
    #expect(others.names(of: one) == ["b.example", "a.example"])
    #expect(others.count == 3)
  }

  @Test
  func `ignores what is too long to be a name`() throws {
    var bindings = Bindings()
    bindings.bind(String(repeating: "a", count: 254), to: try address("203.0.113.1"), at: start)
    bindings.bind("", to: try address("203.0.113.1"), at: start)
    #expect(bindings.count == 0)
  }

  @Test
  func `a name that is asked for again outlives a flood of others`() throws {
    var bindings = Bindings(limit: 100)
    let pool = try address("203.0.113.1")
    bindings.bind("pool.example", to: pool, at: start)
    for round in 0..<2_000 {
      bindings.bind("flood\(round).example", to: IPAddress(v4: UInt32(round)), at: start)
      if round % 50 == 0 { bindings.bind("pool.example", to: pool, at: start) }
      #expect(bindings.count <= 100)
    }
    #expect(bindings.names(of: pool) == ["pool.example"])
    #expect(bindings.evicted == 1_901)
    #expect(bindings.names(of: IPAddress(v4: 1_999)) == ["flood1999.example"])
    #expect(bindings.names(of: IPAddress(v4: 1_000)).isEmpty)
  }

  @Test
  func `one name and one address push out only their own`() throws {
    var bindings = Bindings()
    let other = try address("203.0.113.1")
    bindings.bind("other.example", to: other, at: start)
    for round in 0..<1_000 { bindings.bind("fast.flux", to: IPAddress(v4: UInt32(round)), at: start) }
    #expect(bindings.addresses(of: "fast.flux").count == Limits.addressesPerName)
    #expect(bindings.addresses(of: "fast.flux").first == IPAddress(v4: 999))
    for round in 0..<1_000 { bindings.bind("name\(round).example", to: IPAddress(v4: 5_000), at: start) }
    #expect(bindings.names(of: IPAddress(v4: 5_000)).count == Limits.namesPerAddress)
    #expect(bindings.names(of: other) == ["other.example"])
    #expect(bindings.count == 1 + Limits.addressesPerName + Limits.namesPerAddress)
  }

  /// Random bindings in a small table: both directions always tell the same, within all bounds.
  @Test
  func `both directions agree whatever is bound`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    var bindings = Bindings(limit: 150)
    for round in 0..<20_000 {
      let name = "n\(Int.random(in: 0..<20, using: &random)).example"
      bindings.bind(name, to: IPAddress(v4: UInt32.random(in: 0..<100, using: &random)), at: start)
      guard round % 500 == 0 else { continue }
      let forward = (0..<20).flatMap { number in
        bindings.addresses(of: "n\(number).example").map { "n\(number).example \($0)" }
      }
      let backward = (0..<100).flatMap { number in
        bindings.names(of: IPAddress(v4: number)).map { "\($0) \(IPAddress(v4: number))" }
      }
      #expect(Set(forward) == Set(backward), "seed \(seed)")
      #expect(forward.count == bindings.count && backward.count == bindings.count, "seed \(seed)")
      #expect(bindings.count <= 150, "seed \(seed)")
    }
    #expect(bindings.evicted > 0)
  }
}
