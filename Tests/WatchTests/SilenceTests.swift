import Capture
import Rules
import Simulator
import Testing

/// What must not be told: an operator who is woken for nothing stops reading.
@Suite
struct SilenceTests {
  @Test
  func `a healthy hour is not worth an alert`() throws {
    let tape = HealthyHour.tape(seed: 1)
    #expect((50_000...300_000).contains(tape.frames.count), "\(tape.frames.count) packets")
    for finding in try Bench.findings(tape) {
      #expect(finding.level > .low, "\(finding.level) \(finding.rule.name): \(finding.message)")
    }
  }

  /// A mirror shows frames twice and in disorder, and loses some.
  @Test
  func `nor is it on a bad mirror`() throws {
    let tape = HealthyHour.tape(miners: 3, seed: 3).disturbed(seed: 3)
    for finding in try Bench.findings(tape) {
      #expect(finding.level > .low, "\(finding.level) \(finding.rule.name): \(finding.message)")
    }
  }

  @Test
  func `nor when the monitor joins in the middle of it`() throws {
    let whole = HealthyHour.tape(miners: 4, seed: 4)
    for finding in try Bench.findings(whole.joined(at: whole.frames.count / 3)) {
      #expect(finding.level > .low, "\(finding.level) \(finding.rule.name): \(finding.message)")
    }
  }
}
