import Testing

@testable import Rules

@Suite struct ByFlowTests {
  @Test func `finds every value while others come and go`() {
    var table = ByFlow<String>(limit: 16)
    for flow in 1...9 { #expect(table.add("\(flow)", of: UInt64(flow)) == flow - 1) }
    #expect(table.remove(9) == "9", "the last")
    #expect(table.remove(3) == "3")
    #expect(table.remove(3) == nil)
    #expect(table.place(of: 3) == nil)
    for flow in [1, 2, 4, 5, 6, 7, 8] { #expect(table.place(of: UInt64(flow)).map { table[$0] } == "\(flow)") }
    #expect(table.count == 7 && table.values.sorted() == ["1", "2", "4", "5", "6", "7", "8"])
    if let place = table.place(of: 8) { table[place] += "!" }
    #expect(table.remove(8) == "8!")
  }
}
