/// Writes TLS as a client or a server would: hellos from lists, messages in records.
enum TLSWire {
  static func number(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * (bytes - 1 - $0))) }
  }

  static func vector(_ bytes: [UInt8], _ size: Int) -> [UInt8] { number(bytes.count, bytes: size) + bytes }

  static func numbers(_ values: [UInt16]) -> [UInt8] { values.flatMap { number(Int($0), bytes: 2) } }

  static func record(_ bytes: [UInt8], type: UInt8 = 22, version: UInt16 = 0x0301) -> [UInt8] {
    [type] + number(Int(version), bytes: 2) + vector(bytes, 2)
  }

  /// A message in as many records as it takes, `size` bytes in each.
  static func records(_ bytes: [UInt8], of size: Int) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: size).flatMap { record(Array(bytes[$0..<min($0 + size, bytes.count)])) }
  }

  static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type] + vector(body, 3) }

  static func `extension`(_ type: UInt16, _ data: [UInt8] = []) -> [UInt8] {
    number(Int(type), bytes: 2) + vector(data, 2)
  }

  static func serverName(_ name: String) -> [UInt8] {
    `extension`(0, vector([0] + vector(Array(name.utf8), 2), 2))
  }

  static func protocols(_ names: [String]) -> [UInt8] {
    `extension`(16, vector(names.flatMap { vector(Array($0.utf8), 1) }, 2))
  }

  static func hello(version: UInt16 = 0x0303, suites: [UInt16], extensions: [[UInt8]]) -> [UInt8] {
    var body = number(Int(version), bytes: 2) + [UInt8](repeating: 0x5a, count: 32) + [0]
    body += vector(numbers(suites), 2) + [1, 0]
    if !extensions.isEmpty { body += vector(extensions.flatMap { $0 }, 2) }
    return message(1, body)
  }

  static func serverHello(_ version: UInt16, isRetry: Bool = false, protocol: String? = nil) -> [UInt8] {
    var body: [UInt8] = [3, 3]
    body +=
      isRetry
      ? hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c") : [UInt8](repeating: 7, count: 32)
    body += [0, 0x13, 0x01, 0]
    var extensions: [UInt8] = []
    if version == 0x0304 { extensions += `extension`(43, [3, 4]) }
    if let name = `protocol` { extensions += protocols([name]) }
    return message(2, body + vector(extensions, 2))
  }

  static func certificate(_ chain: [[UInt8]]) -> [UInt8] {
    message(11, vector(chain.flatMap { vector($0, 3) }, 3))
  }

  static let finished = record([UInt8](repeating: 0xee, count: 40), version: 0x0303)
  static let changeCipherSpec = record([1], type: 20, version: 0x0303)
  static func data(_ count: Int) -> [UInt8] {
    record([UInt8](repeating: 0xd7, count: count), type: 23, version: 0x0303)
  }
  static func alert(_ code: UInt8) -> [UInt8] { record([2, code], type: 21, version: 0x0303) }

  /// Chrome's hello of JA4's own example, extensions in some order.
  static let chrome = hello(
    suites: [
      0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
      0x002f, 0x0035,
    ],
    extensions: [
      `extension`(0x1a1a), `extension`(0x001b), serverName("Stratum.Example-Pool.com."), `extension`(0x0033),
      protocols(["h2", "http/1.1"]), `extension`(0x4469), `extension`(0x0017), `extension`(0x002d),
      `extension`(0x000d, vector(numbers([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]), 2)),
      `extension`(0x0005), `extension`(0x0023), `extension`(0x0012),
      `extension`(0x002b, vector(numbers([0x2a2a, 0x0304, 0x0303]), 1)), `extension`(0xff01),
      `extension`(0x000b, vector([0], 1)), `extension`(0x000a, vector(numbers([0x3a3a, 0x001d, 0x0017, 0x0018]), 2)),
      `extension`(0x0015, [0, 0, 0]), `extension`(0x4a4a),
    ])
}
