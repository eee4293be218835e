import Foundation
import Testing
import Trial

@testable import Rules

/// What `make prove` shows at length, in short: the fleet's rules keep their promises.
struct ProofTests {
  @Test func `a day of a fleet at work has no more false alarms than stated`() {
    var plan = Proof.Plan()
    plan.miners = 150
    plan.days = 2
    let alarms = Proof(plan).falseAlarms()
    // 0.3 are expected at the most of each of these, and four come by chance once in 4,000 times.
    #expect(alarms.silences <= 3 && alarms.slowdowns <= 3)
    #expect(alarms.stops + alarms.starts + alarms.siteDrops + alarms.oscillations == 0)
    #expect(alarms.curtailments == 1 && alarms.planned >= 2)
  }

  @Test func `a fifth that stops within a minute is seen, and soon`() throws {
    var plan = Proof.Plan()
    plan.miners = 300
    plan.repetitions = 2
    // Smaller ones are missed at times, and of a ramp of ten minutes a part is told, or each miner alone.
    for detection in Proof(plan).detections() where detection.fraction >= 0.2 && detection.seconds <= 60 {
      #expect(detection.power == 1, "\(detection)")
      let worst = try #require(detection.worst)
      #expect(worst <= 150 + detection.seconds, "\(detection)")
    }
  }

  /// What `make prove` wrote at last, line by line.
  private static let written: [String] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let read = { (name: String) in
      (try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)) ?? "no \(name)"
    }
    let shown = read("README.md").split(separator: "<!-- proof: begin (written by `make prove`; a test compares) -->\n")
      .last?.split(separator: "\n<!-- proof: end -->").first
    let proof = read("docs/proof.md")
    #expect(shown.map { $0 + "\n" } ?? "" == proof, "the README does not show docs/proof.md")
    return proof.split(separator: "\n").map(String.init)
  }()

  /// The cells of a table's row.
  ///
  /// - Parameter last: of several such rows, the last one.
  private static func row(_ start: String, last: Bool = false) throws -> [String] {
    let lines = written.filter { $0.hasPrefix("| \(start)") }
    let line = try #require(last ? lines.last : lines.first, "no row \(start)")
    return line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test func `the README's trial is of a month, and nobody cried wolf too often`() throws {
    #expect(Self.written.first?.hasPrefix("30 days of 1000 modelled miners, 20 stops and swings of each kind") == true)
    for rule in [
      "miner.silent", "miner.hashrate-drop", "fleet.coordinated-stop", "fleet.coordinated-start",
      "fleet.hashrate-drop", "fleet.oscillation",
    ] {
      let cells = try Self.row("`\(rule)`")
      let (allowed, counted) = (try #require(Double(cells[1])), try #require(Double(cells[2])))
      #expect(counted <= allowed, "\(rule)")
    }
  }

  /// A cell of each table is tried anew, a few times.
  @Test func `the README's delays are what comes out`() throws {
    var plan = Proof.Plan()
    plan.repetitions = 3
    let proof = Proof(plan)
    let practised = proof.practised
    try Self.expect(proof.detection(of: 0.05, over: 60, in: practised), like: Self.row("5 % (50 miners)")[3])
    try Self.expect(proof.swing(of: 0.2, every: 60, in: practised), like: Self.row("20 % (200 miners)", last: true)[2])
  }

  private static func expect(_ detection: Proof.Detection, like cell: String) throws {
    let numbers = try cell.matches(of: /\d+/).map { try #require(Double($0.output)) }
    let median = try #require(detection.median)
    #expect(numbers.count == 3 && abs(median - numbers[0]) <= 60, "\(Proof.cell(detection)) is not \(cell)")
    #expect(detection.power == 1 && numbers[2] == 100, "\(Proof.cell(detection)) is not \(cell)")
  }

  /// The rate that silences are told at is that of the rule, with what is not known about the pace.
  @Test func `gaps are as rare as they are said to be`() {
    // With thirty events the pace is uncertain, and the law of the next gap has a heavier tail.
    for (events, probability) in [(30.0, 1e-3), (1_000, 1e-5), (30, 1e-6)] {
      let gap = Chance.gap(exceededWith: probability, mean: 10, events: events)
      #expect(abs(Chance.ofGap(gap, mean: 10, events: events) / probability - 1) < 1e-9)
      #expect(gap > -10 * log(probability))
    }
    #expect(abs(Chance.ofGap(138, mean: 10, events: 1e9) / 1e-6 - 1) < 0.02)
  }

  @Test func `counts follow Poisson, and clusters have heavier tails`() {
    // By adding the terms up.
    #expect(abs(Chance.ofCount(atLeast: 10, mean: 2) / 4.649808e-05 - 1) < 1e-4)
    #expect(abs(Chance.ofCount(atMost: 5, mean: 20) / 7.190884e-05 - 1) < 1e-4)
    #expect(Chance.ofCount(atLeast: 10, mean: 2, dispersion: 3) > 20 * Chance.ofCount(atLeast: 10, mean: 2))
    #expect(Chance.count(below: 1e-6, mean: 2) == 13)

    #expect(abs(Chance.ofDraw(atLeast: 3, marked: 10, drawn: 5, all: 100) / 0.006637913 - 1) < 1e-3)
  }
}
