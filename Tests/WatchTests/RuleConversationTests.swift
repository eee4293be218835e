import Rules
import Testing

/// Every rule, raised by packets through the whole pipeline.
@Suite
struct RuleConversationTests {
  @Test(arguments: RuleCase.ofTraffic.indices)
  func `a rule is raised by its conversation`(index: Int) throws {
    let rule = RuleCase.ofTraffic[index]
    let raised = try Bench.rules(rule.fires(.whole))
    #expect(raised.contains(rule.rule), "\(rule.rule): only \(raised.sorted()) were raised")
  }

  @Test(arguments: RuleCase.ofTraffic.indices)
  func `a rule is raised however its conversation reaches the tap`(index: Int) throws {
    let rule = RuleCase.ofTraffic[index]
    for shape in rule.survives {
      let raised = try Bench.rules(rule.fires(shape))
      #expect(raised.contains(rule.rule), "\(rule.rule), \(shape.rawValue): only \(raised.sorted()) were raised")
    }
  }

  @Test(arguments: RuleCase.ofTraffic.indices)
  func `a rule is not raised by what comes close`(index: Int) throws {
    let rule = RuleCase.ofTraffic[index]
    let raised = try Bench.rules(rule.nearMiss())
    #expect(!raised.contains(rule.rule), "\(rule.rule) was raised by its near miss")
  }

  @Test(arguments: RuleCase.ofTheMonitor.indices)
  func `the monitor's own rules`(index: Int) throws {
    let (rule, fires, nearMiss) = RuleCase.ofTheMonitor[index]
    #expect(try Bench.rules([fires]).contains(rule))
    #expect(!(try Bench.rules([nearMiss]).contains(rule)))
  }

  @Test
  func `every rule of the book has a case`() {
    let covered = Set(RuleCase.ofTraffic.map(\.rule) + RuleCase.ofTheMonitor.map(\.rule))
    #expect(covered == Set(RuleBook.rules.map(\.reference.name)))
  }

  /// What is said about a flow depends on the flow alone, not on how TCP cut it up.
  @Test(arguments: RuleCase.ofTraffic.indices)
  func `no shape raises a rule that the whole does not`(index: Int) throws {
    let rule = RuleCase.ofTraffic[index]
    let whole = try Bench.rules(rule.fires(.whole))
    for shape in rule.survives where shape != .lossy {
      let raised = try Bench.rules(rule.fires(shape))
      #expect(raised.subtracting(whole).isEmpty, "\(rule.rule), \(shape.rawValue): \(raised.subtracting(whole))")
    }
  }
}
