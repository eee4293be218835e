import Foundation
import Testing

@testable import Policy

/// Models of miners: a CSV table that ships with the program, and one beside the policy.
struct MinerModelTests {
  private static let shipped = """
    model,agents,ths,watts,jth,source,date
    Antminer S21,Antminer S21/,200,3500,17.5,manual,2025-10
    Antminer S21 Pro,Antminer S21 Pro/|s21pro,234,3510,15,manual,2025-10
    Whatsminer M50,,,3276,,somewhere,2026-09
    """

  private func read(_ builtIn: String, own: String? = nil) throws -> Policy {
    var files = ["shipped.csv": builtIn]
    if let own { files["models.csv"] = own }
    return try readWithData(files) { BuiltInData(models: "\($0)/shipped.csv") }
  }

  @Test
  func `finds a model by what the miner calls itself`() throws {
    let policy = try read(Self.shipped)
    #expect(policy.models.count == 3 && policy.models.dates.description == "of 2025-10 to 2026-09")
    #expect(policy.model(agent: "Antminer S21/Mon Dec 22 17:19:30 CST 2025")?.name == "Antminer S21")
    #expect(policy.model(agent: "bmminer/2.0.0/antminer s21 pro/234000")?.terahashes == 234)
    #expect(policy.model(agent: "x-S21Pro")?.name == "Antminer S21 Pro")
    #expect(policy.model(agent: "cgminer/4.12.1") == nil)
  }

  @Test
  func `finds a model by what the site calls it`() throws {
    let policy = try read(Self.shipped)
    for name in ["Antminer S21 Pro", "S21 pro", "Bitmain  S21-Pro 234T", "S21 Pro 234 TH"] {
      #expect(policy.models.model(named: name)?.watts == 3_510, "\(name)")
    }
    #expect(policy.models.model(named: "S21 XP") == nil && policy.models.model(named: "") == nil)
    let power = try #require(policy.models.model(named: "M50"))
    #expect(power.terahashes == nil && power.joulesPerTerahash == nil)
    let entry = Inventory.Entry(name: "r1", model: "S21")
    #expect(policy.model(of: entry, agent: "s21pro")?.name == "Antminer S21")
    #expect(policy.model(of: Inventory.Entry(name: "r1", model: "?"), agent: "s21pro")?.name == "Antminer S21 Pro")
    #expect(policy.model(of: nil, agent: nil) == nil)
  }

  @Test
  func `a model of the site's own takes the place of one that ships`() throws {
    let own = "watts,model,agents,ths,jth,source,date\n3000,Antminer S21,,180,,ours,2026-11-01\n"
    let policy = try read(Self.shipped, own: own)
    #expect(policy.models.count == 3 && policy.models.model(named: "S21")?.watts == 3_000)
    #expect(policy.model(agent: "Antminer S21/x") == nil)
  }

  @Test
  func `tells every mistake with its place`() throws {
    let error = #expect(throws: PolicyErrors.self) {
      try read(
        Self.shipped + "\n" + """
          Antminer S21,,0,3500,17.5,manual,2025-10
          Antminer S19,,95,3250W,,manual,October
          Antminer S20,,100,3500,17.5,,2025-10
          ,,,,,,
          """)
    }
    #expect(
      error?.description == #"""
        shipped.csv:5:1: "Antminer S21" is listed before
        shipped.csv:5:15: "0" is no rate in TH/s from 0.001 to 100000
        shipped.csv:6:18: "3250W" is no power in watts from 1 to 1000000
        shipped.csv:6:32: "October" is no month or day (write 2026-08 or 2026-08-31)
        shipped.csv:7:1: has no source
        shipped.csv:7:24: "17.5" is not watts by TH/s, which is 35.0
        shipped.csv:8:1: has no model
        shipped.csv:8:1: has no watts
        shipped.csv:8:1: has no source
        shipped.csv:8:1: has no date
        """#)
    let columns = #expect(throws: PolicyErrors.self) { try read("model,ths,watts\n") }
    #expect(columns?.description == #"shipped.csv:1:1: lacks the columns "agents", "jth", "source", "date""#)
  }

  @Test
  func `what ships loads, and each line of it says from where and when`() throws {
    let policy = try PolicyReader.read(
      text: smallPolicy, file: "p.yaml", rules: .sample,
      builtIn: BuiltInData(
        indicators: "\(configs)/indicators.d", pools: "\(configs)/pools.d", models: "\(configs)/models.csv"))
    #expect(policy.model(agent: "bitaxe/BM1370/v2.9.0")?.name == "Bitaxe Gamma")
    #expect(policy.models.count > 10 && policy.knownPools.count > 20 && policy.detection.indicators.count > 10)
    for name in try #require(TextFile.names(in: "\(configs)/indicators.d", ending: ".txt")) {
      let text = try String(contentsOfFile: "\(configs)/indicators.d/\(name)", encoding: .utf8)
      for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        #expect(IndicatorText.date(line) != nil, "\(name): \(line)")
      }
    }
  }
}
