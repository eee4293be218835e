import Testing

@testable import Watch

@Suite struct TextTableTests {
  private static var table: TextTable {
    var table = TextTable([
      .init(title: "MINER"), .init(title: "RATE", isNumber: true), .init(title: "NOTE", rank: 2), .init(title: "USER"),
    ])
    table.add(["10.20.0.2", "98.7", "lab", "acme.r1u1"])
    table.add(["10.20.0.30", "1.2", "", "acme.\u{1b}[31m"])
    return table
  }

  @Test func `columns are as wide as their widest cell, numbers to the right`() {
    #expect(
      Self.table.lines(width: nil) == [
        "MINER       RATE  NOTE  USER",
        "10.20.0.2   98.7  lab   acme.r1u1",
        "10.20.0.30   1.2        acme.\\u{1b}[31m",
      ])
  }

  @Test func `what matters least goes first, then the last column is cut`() {
    #expect(Self.table.lines(width: 36)[1] == "10.20.0.2   98.7  acme.r1u1")
    #expect(Self.table.lines(width: 26)[2] == "10.20.0.30   1.2  acme.\\u…")
    for width in 26...50 { #expect(Self.table.lines(width: width).allSatisfy { $0.count <= width }) }
  }

  @Test(arguments: [
    ("r1-u1", 5), ("é", 1), ("e\u{301}", 1), ("矿机", 4), ("ﾐ", 1), ("⛏️", 1), ("🚨", 2), ("한", 2), ("…", 1),
  ])
  func `width is what a terminal shows`(text: String, columns: Int) {
    #expect(TextWidth.of(text) == columns)
  }

  @Test func `cuts between characters, and never past the width`() {
    #expect(TextWidth.cut("矿机矿机", to: 5) == "矿机…")
    #expect(TextWidth.cut("矿机矿机", to: 4) == "矿…")
    for width in 0...9 { #expect(TextWidth.of(TextWidth.cut("矿e\u{301}机x", to: width)) <= width) }
    for width in 1...50 {
      #expect(Self.table.lines(width: width).allSatisfy { TextWidth.of($0) <= width })
    }
  }

  @Test(arguments: [
    (0.0, "0.00 TH/s"), (98.7, "98.7 TH/s"), (234, "234 TH/s"), (999.9, "1.00 PH/s"), (1_520_000, "1.52 EH/s"),
    (0.5, "500 GH/s"), (0.000_001_2, "1.20 MH/s"), (.infinity, "unknown"),
  ])
  func `hashrates have three digits and a unit`(rate: Double, text: String) {
    #expect(Figures.hashrate(rate) == text)
  }
}
