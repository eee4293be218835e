import Capture
import Rules
import Simulator
import Testing

/// Every rule, raised by packets through the whole pipeline in the midst of a healthy site.
@Suite
struct RuleConversationTests {
  static let start = Timestamp(seconds: 1_790_000_000)

  /// Nothing else at medium or worse: whoever drills a rule must see that rule.
  @Test(arguments: Scenario.all.map(\.name))
  func `a scenario raises its rule and no other`(name: String) throws {
    for scenario in Scenario.named(name) {
      let findings = try Bench.findings(scenario.drill(start: Self.start))
      let raised = Set(findings.map(\.rule.name))
      #expect(raised.contains(scenario.rule), "only \(raised.sorted()) were raised")
      for finding in findings where finding.rule.name != scenario.rule && finding.level <= .medium {
        #expect(scenario.also.contains(finding.rule.name), "\(finding.rule.name): \(finding.message)")
      }
      #expect(raised.isSuperset(of: scenario.also))
    }
  }

  /// What is said about a flow depends on the flow alone, not on how TCP cut it up.
  @Test(arguments: Scenario.all.map(\.name))
  func `a scenario raises its rule however it reaches the tap`(name: String) throws {
    for scenario in Scenario.named(name) {
      for shape in scenario.survives {
        let raised = try Bench.rules(scenario.traffic(Stage(at: Self.start, shape: shape)))
        #expect(raised.contains(scenario.rule), "\(shape.rawValue): only \(raised.sorted()) were raised")
        if shape == .lossy { continue }
        let whole = try Bench.rules(scenario.traffic(Stage(at: Self.start)))
        #expect(raised.subtracting(whole).isEmpty, "\(shape.rawValue): \(raised.subtracting(whole))")
      }
    }
  }

  @Test(arguments: NearMiss.all.indices)
  func `a rule is not raised by what comes close`(index: Int) throws {
    let miss = NearMiss.all[index]
    let raised = try Bench.rules(miss.traffic(Stage(at: Self.start)))
    #expect(!raised.contains(miss.rule), "\(miss.rule) was raised by its near miss")
  }

  @Test(arguments: MonitorCase.all.indices)
  func `the monitor's own rules`(index: Int) throws {
    let (rule, fires, nearMiss) = MonitorCase.all[index]
    #expect(try Bench.rules([fires]).contains(rule))
    #expect(!(try Bench.rules([nearMiss]).contains(rule)))
  }

  @Test
  func `every rule of the book has a scenario and a near miss`() {
    let book = Set(RuleBook.rules.map(\.reference.name))
    let monitors = Set(MonitorCase.all.map(\.rule))
    #expect(Set(Scenario.all.map(\.rule)).union(monitors) == book)
    #expect(Set(NearMiss.all.map(\.rule)).union(monitors) == book)
  }

  @Test
  func `a scenario's name says which`() {
    #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    for scenario in Scenario.all {
      #expect(!scenario.name.isEmpty && scenario.name.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber })
      #expect(!scenario.summary.hasSuffix(".") && scenario.summary.count > 20)
    }
  }
}
