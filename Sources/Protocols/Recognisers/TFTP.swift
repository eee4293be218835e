import Decode

/// Tells TFTP by its request (RFC 1350 §5): operation, file name, mode, each text ended by a zero byte.
enum TFTP {
  private static let modes = ["netascii", "octet", "mail"].map { Array($0.utf8) }
  /// Longest file name believed.
  private static let nameLimit = 255

  static func probe(_ bytes: FirstBytes) -> Probe {
    let message = bytes.opening
    // RRQ and WRQ.
    guard message.byteCount >= 9, message.uint16(at: 0) == 1 || message.uint16(at: 0) == 2 else { return .reject }
    var end = 2
    while end < message.byteCount, end < nameLimit, (0x20..<0x7f).contains(message.byte(at: end)) { end += 1 }
    guard end > 2, end < message.byteCount, message.byte(at: end) == 0 else { return .reject }
    let rest = message.extracting(end + 1..<message.byteCount)
    return modes.contains { rest.begins(with: $0) } ? .match(opener: .client) : .reject
  }
}

extension RawSpan {
  /// Whether `text`, in lower case, and a zero byte stand here, in whatever case.
  fileprivate func begins(with text: [UInt8]) -> Bool {
    guard byteCount > text.count, byte(at: text.count) == 0 else { return false }
    for index in 0..<text.count where byte(at: index) | 0x20 != text[index] { return false }
    return true
  }
}
