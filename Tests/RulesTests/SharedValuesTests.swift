import Testing

@testable import Rules

/// Values that rows have in common.
@Suite struct SharedValuesTests {
  @Test func `a value is kept once, and as long as a row has it`() {
    var values = SharedValues<String>()
    let (pool, again, other) = (values.take("pool"), values.take("pool"), values.take("other"))
    #expect(pool == again && pool != other)
    #expect(values[pool] == "pool" && values[other] == "other")
    values.drop(pool)
    #expect(values.number(of: "pool") == again, "another row has it")
    values.drop(again)
    #expect(values.number(of: "pool") == nil)
    #expect(values.take("third") == pool, "its place is taken again")
    #expect(values[pool] == "third" && values[other] == "other")
  }

  @Test func `no value has no place`() {
    var values = SharedValues<String>()
    let none = values.take(nil)
    #expect(none == SharedValues<String>.none && values[none] == nil)
    values.drop(none)
    #expect(values.take("first") != none)
  }
}
