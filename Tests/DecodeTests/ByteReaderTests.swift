import Testing

@testable import Decode

struct ByteReaderTests {
  static let bytes = hex("01 0203 04050607 08090a0b0c0d0e0f")

  @Test
  func `reads in network order`() throws {
    var reader = ByteReader(Self.bytes.rawSpan)
    let first = try reader.readUInt8()
    let second = try reader.readUInt16BE()
    let third = try reader.readUInt32BE()
    let (offset, remaining) = (reader.offset, reader.remaining)
    let fourth = try reader.readUInt64BE()
    let end = reader.remaining
    #expect(first == 1 && second == 0x0203 && third == 0x0405_0607 && fourth == 0x0809_0a0b_0c0d_0e0f)
    #expect(offset == 7 && remaining == 8 && end == 0)
  }

  @Test
  func `lends runs of bytes`() throws {
    var reader = ByteReader(Self.bytes.rawSpan)
    try reader.skip(3)
    let run = try reader.bytes(4)
    let (count, word) = (run.byteCount, run.uint32(at: 0))
    let none = try reader.bytes(0).byteCount
    let offset = reader.offset
    #expect(count == 4 && word == 0x0405_0607)
    #expect(none == 0 && offset == 7)
  }

  @Test(arguments: [Int.min, -1, 16, .max])
  func `says what is missing and stays where it is`(count: Int) {
    var reader = ByteReader(Self.bytes.rawSpan)
    var errors: [DecodeError] = []
    do { try reader.skip(count) } catch { errors.append(error) }
    do { _ = try reader.bytes(count) } catch { errors.append(error) }
    #expect(errors == Array(repeating: .truncated(needed: count, available: 15, at: 0), count: 2))
    let offset = reader.offset
    #expect(offset == 0)
  }

  @Test
  func `refuses every truncation`() {
    for count in 0..<8 {
      let bytes = Array(Self.bytes.prefix(count))
      var reader = ByteReader(bytes.rawSpan)
      var error: DecodeError?
      do { _ = try reader.readUInt64BE() } catch let caught { error = caught }
      #expect(error == .truncated(needed: 8, available: count, at: 0))
    }
  }
}
