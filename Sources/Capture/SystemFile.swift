import Glibc

/// One of the short files in which the kernel shows a value, as under /sys/class/net.
enum SystemFile {
  /// The file's text without the line's end; `nil` when it cannot be read.
  static func text(_ path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { return nil }
    return String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The file's value as a decimal number.
  static func number(_ path: String) -> UInt64? {
    text(path).flatMap { UInt64($0) }
  }
}
