import Testing

@testable import Rules

@Suite struct ShortCountTests {
  @Test func `counts below 8,192 are exact`() {
    for count: UInt64 in 0..<8_192 { #expect(ShortCount(count).value == count) }
  }

  @Test func `larger ones are good to one part in 8,192, and none is lost beyond`() {
    var count: UInt64 = 8_192
    while count < 134_000_000 {
      let error = Double(ShortCount(count).value) - Double(count)
      #expect(abs(error) <= Double(count) / 8_192)
      count = count * 33 / 32 + 1
    }
    for count: UInt64 in [134_201_344, 134_201_345, 1 << 32, .max - 1, .max] {
      #expect(ShortCount(count).value == 134_201_344)
    }
  }

  @Test func `a narrow number is the nearest that fits`() {
    #expect(Narrow<UInt32>(wrappedValue: -1).wrappedValue == 0)
    #expect(Narrow<UInt32>(wrappedValue: .max).wrappedValue == 4_294_967_295)
    #expect(Narrow<Int32>(wrappedValue: .min).wrappedValue == -2_147_483_648)
    #expect(Narrow<UInt8>(wrappedValue: 255).wrappedValue == 255)
  }
}
