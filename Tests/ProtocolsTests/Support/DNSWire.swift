/// Writes DNS messages as a server would, without compression unless a test asks for a pointer.
enum DNSWire {
  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  /// The first question of every message made here stands at this offset.
  static let questionPointer: [UInt8] = [0xc0, 12]

  static func header(
    id: UInt16 = 0x1234, flags: UInt16 = 0x0100, questions: UInt16 = 1, answers: UInt16 = 0, authority: UInt16 = 0,
    additional: UInt16 = 0
  ) -> [UInt8] {
    [id, flags, questions, answers, authority, additional].flatMap(bigEndian)
  }

  static func question(_ text: String, type: UInt16 = 1, class: UInt16 = 1) -> [UInt8] {
    name(text) + bigEndian(type) + bigEndian(`class`)
  }

  static func record(_ owner: [UInt8], type: UInt16, ttl: UInt16 = 60, _ data: [UInt8]) -> [UInt8] {
    owner + bigEndian(type) + bigEndian(1) + bigEndian(0) + bigEndian(ttl) + bigEndian(UInt16(data.count)) + data
  }

  static func query(_ text: String, id: UInt16 = 0x1234, type: UInt16 = 1) -> [UInt8] {
    header(id: id) + question(text, type: type)
  }

  static func response(
    _ text: String, id: UInt16 = 0x1234, type: UInt16 = 1, flags: UInt16 = 0x8180, answers: [[UInt8]]
  ) -> [UInt8] {
    header(id: id, flags: flags, answers: UInt16(answers.count)) + question(text, type: type) + answers.flatMap { $0 }
  }

  static func bigEndian(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(value & 0xff)]
  }
}
