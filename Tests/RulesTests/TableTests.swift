import Testing

@testable import Rules

/// Rows that are found by key while others come and go.
@Suite struct TableTests {
  private struct Row: Keyed, Equatable {
    let key: UInt64
    var text: String
  }

  @Test func `finds every row while others come and go`() {
    var table = Table<Row>(limit: 16)
    for key in 1...9 { #expect(table.append(Row(key: UInt64(key), text: "\(key)")) == key - 1) }
    #expect(table.remove(9)?.text == "9", "the last")
    #expect(table.remove(3)?.text == "3")
    #expect(table.remove(3) == nil)
    #expect(table.place(of: 3) == nil)
    for key: UInt64 in [1, 2, 4, 5, 6, 7, 8] { #expect(table[key]?.text == "\(key)") }
    #expect(table.count == 7 && table.map(\.text).sorted() == ["1", "2", "4", "5", "6", "7", "8"])
    if let place = table.place(of: 8) { table[place].text += "!" }
    #expect(table.remove(8)?.text == "8!")
  }

  @Test func `does what a dictionary does`() {
    var generator = SystemRandomNumberGenerator()
    var table = Table<Row>(limit: 512)
    var dictionary: [UInt64: String] = [:]
    for step in 0..<20_000 {
      let key = UInt64.random(in: 0..<400, using: &generator)
      switch step % 5 {
      case 0, 1: #expect(table.remove(key)?.text == dictionary.removeValue(forKey: key))
      default:
        if let place = table.place(of: key) {
          table[place].text = "\(step)"
        } else {
          table.append(Row(key: key, text: "\(step)"))
        }
        dictionary[key] = "\(step)"
      }
      if step % 4_000 == 3_999 {
        table.removeAll { $0.key % 3 == 0 }
        dictionary = dictionary.filter { $0.key % 3 != 0 }
      }
      if step % 500 == 0 {
        #expect(table.count == dictionary.count)
        for key: UInt64 in 0..<400 { #expect(table[key]?.text == dictionary[key]) }
      }
    }
    table.removeAll()
    #expect(table.isEmpty && (0..<400).allSatisfy { table.place(of: $0) == nil })
  }
}
