/// Decodes the header blocks of one direction of an HTTP/2 connection (RFC 7541). What one block adds the next may refer to, so
/// after an error or a block that was missed nothing can be read any more.
struct HPACKDecoder: Sendable {
  /// Bytes of decoded fields believed of one block: references make much of little.
  private static let listLimit = 32 << 10

  private var table = HPACKTable()
  /// The connection was joined in its middle: what was added before is not known, and stands as a field without name and value.
  var isJoined = false

  /// - Returns: nil when the block is malformed or runs beyond all bounds.
  mutating func decode(_ block: [UInt8]) -> [HPACKTable.Entry]? {
    var fields: [HPACKTable.Entry] = []
    var bytes = 0
    var rest = block[...]
    while let first = rest.first {
      if first & 0xe0 == 0x20 {
        guard let size = Self.integer(&rest, prefix: 5), table.resize(to: size) else { return nil }
        continue
      }
      guard let field = field(first, &rest) else { return nil }
      bytes += field.size
      guard bytes <= Self.listLimit else { return nil }
      fields.append(field)
    }
    return fields
  }

  /// One field (RFC 7541 §6): from the table, or spelled out and perhaps added to it.
  private mutating func field(_ first: UInt8, _ rest: inout ArraySlice<UInt8>) -> HPACKTable.Entry? {
    if first & 0x80 != 0 {
      return Self.integer(&rest, prefix: 7).flatMap { entry($0) }
    }
    let isAdded = first & 0x40 != 0
    guard let number = Self.integer(&rest, prefix: isAdded ? 6 : 4),
      let name = number == 0 ? Self.text(&rest) : entry(number)?.name, let value = Self.text(&rest)
    else { return nil }
    let field = HPACKTable.Entry(name: name, value: value)
    if isAdded { table.add(field) }
    return field
  }

  private func entry(_ number: Int) -> HPACKTable.Entry? {
    table[number] ?? (isJoined && number > 0 ? HPACKTable.Entry(name: [], value: []) : nil)
  }

  /// A number whose first bits share a byte (RFC 7541 §5.1).
  private static func integer(_ rest: inout ArraySlice<UInt8>, prefix: UInt8) -> Int? {
    guard let first = rest.popFirst() else { return nil }
    let mask = UInt8(truncatingIfNeeded: (1 << Int(prefix)) - 1)
    var value = Int(first & mask)
    guard first & mask == mask else { return value }
    // Four bytes are enough for any length that is believed.
    for shift in stride(from: 0, to: 28, by: 7) {
      guard let next = rest.popFirst() else { return nil }
      value += Int(next & 0x7f) << shift
      if next & 0x80 == 0 { return value }
    }
    return nil
  }

  /// A length and so many bytes, plain or in Huffman's code (RFC 7541 §5.2).
  private static func text(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = rest.first, let length = integer(&rest, prefix: 7), length <= rest.count else { return nil }
    let bytes = rest.prefix(length)
    rest = rest.dropFirst(length)
    return first & 0x80 == 0 ? Array(bytes) : HPACKHuffman.decode(bytes)
  }
}
