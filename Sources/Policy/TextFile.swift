import Capture
import FoundationEssentials

/// Files that a policy is made of, read whole, with a bound.
enum TextFile {
  /// - Throws: ``WrongValue`` when it is missing, unreadable, no regular file (a pipe might never end) or too long.
  static func bytes(of path: String, limit: Int) throws(WrongValue) -> [UInt8] {
    if let obstacle = obstacle(to: path) { throw WrongValue("cannot be read: \(told(obstacle))") }
    let manager = FileManager.default
    let attributes = try? manager.attributesOfItem(atPath: resolved(path))
    guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
      throw WrongValue("cannot be read: not a regular file")
    }
    let tooLong = WrongValue("is longer than \(limit >> 20) MiB")
    guard let size = attributes[.size] as? UInt64, size <= UInt64(limit) else { throw tooLong }
    guard let data = manager.contents(atPath: path) else { throw WrongValue("cannot be read") }
    // It may have grown since.
    guard data.count <= limit else { throw tooLong }
    return [UInt8](data)
  }

  /// Why the kernel would not have `path` read; nil when it would.
  static func obstacle(to path: String) -> SystemError? {
    do {
      try FileSystem.checkReadable(path)
      return nil
    } catch {
      return error
    }
  }

  private static func told(_ obstacle: SystemError) -> String {
    if obstacle.meansAbsence { return "no such file" }
    guard obstacle.meansNoPermission else { return "\(obstacle)" }
    return "no permission; use sudo, join the group minewatch, or let this user read it"
  }

  /// - Returns: names in `folder` that end in `suffix`, in order; nil when it is no folder.
  static func names(in folder: String, ending suffix: String) -> [String]? {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
    return names.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
  }

  static func isFolder(_ path: String) -> Bool {
    let type = (try? FileManager.default.attributesOfItem(atPath: resolved(path)))?[.type] as? FileAttributeType
    return type == .typeDirectory
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// Whether both name one file or folder.
  static func isSame(_ path: String, _ other: String?) -> Bool {
    other.map { resolved(path) == resolved($0) } ?? false
  }

  /// Whether writing to both would write to one file, which need not be there yet. Two names of a device are no harm.
  static func isSameFile(_ path: String, _ other: String) -> Bool {
    if let kind = try? FileSystem.kind(of: path), kind == .other { return false }
    if let identity = FileSystem.identity(of: path), identity == FileSystem.identity(of: other) { return true }
    return placed(path) == placed(other)
  }

  /// The path with links in its folder followed.
  private static func placed(_ path: String) -> String {
    let url = URL(filePath: path)
    return resolved(url.deletingLastPathComponent().path) + "/" + url.lastPathComponent
  }

  /// `path` as seen from the folder of `file`.
  static func path(_ path: String, besides file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }

  /// Attributes are those of a link itself, so follow it first.
  private static func resolved(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path
  }

  /// Where the first byte stands that is no UTF-8.
  struct NotUTF8: Error {
    let position: FilePosition
    let message = "a byte that is not UTF-8 stands here"
  }

  /// The text of a file, without the mark (U+FEFF, RFC 3629 §6) that some editors put in front of it.
  static func text(_ bytes: [UInt8]) throws(NotUTF8) -> String {
    let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var position = FilePosition(line: 1, column: 1)
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      position =
        scalar == "\n"
        ? FilePosition(line: position.line + 1, column: 1)
        : FilePosition(line: position.line, column: position.column + 1)
    }
    throw NotUTF8(position: position)
  }
}

/// A running FNV-1a hash, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
struct Fingerprint: CustomStringConvertible {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// - Parameter path: set off from the contents, so that no two lists of files hash the same text.
  mutating func add(path: String, _ contents: [UInt8]) {
    for byte in path.utf8 { add(byte) }
    add(0xff)
    for byte in contents { add(byte) }
    add(0xff)
  }

  private mutating func add(_ byte: UInt8) {
    hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// Sixteen hexadecimal digits.
  var description: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
