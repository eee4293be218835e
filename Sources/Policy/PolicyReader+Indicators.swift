import Capture
import Decode

extension PolicyReader {
  /// Lists and folders of lists that the policy names. They come before the built-in ones, so a site's note wins.
  mutating func readIndicators(_ setting: Setting) {
    for item in list(setting) ?? [] {
      guard let name = value(item, SettingText.line) else { continue }
      let path = TextFile.path(name, besides: file)
      let before = policy.detection.indicators.count
      if TextFile.isFolder(path) {
        readLists(in: path)
      } else if let why = readList(path) {
        error("\(path) \(why)", at: item)
        continue
      }
      if policy.detection.indicators.count == before { warn("\(name.quoted) lists no indicators", at: item) }
    }
  }

  mutating func readBuiltInIndicators(_ folder: String?) {
    guard let folder else { return }
    guard TextFile.isFolder(folder) else {
      problems.warning("no built-in indicators: \(folder) is no folder", in: file, at: nil)
      return
    }
    readLists(in: folder)
  }

  mutating func readLists(in folder: String) {
    for name in TextFile.names(in: folder, ending: ".txt") ?? [] {
      let path = "\(folder)/\(name)"
      if let why = readList(path) { problems.error(why, in: path, at: nil) }
    }
  }

  /// - Returns: why the file cannot be read.
  private mutating func readList(_ path: String) -> String? {
    do {
      let bytes = try TextFile.bytes(of: path, limit: Limits.listFile)
      fingerprint.add(path: path, bytes)
      readLines(try TextFile.text(bytes), path)
    } catch let error as TextFile.NotUTF8 {
      problems.error(error.message, in: path, at: error.position)
    } catch let error as WrongValue {
      return error.why
    } catch {
      return "cannot be read"
    }
    return nil
  }

  private mutating func readLines(_ text: String, _ path: String) {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let content = line.drop(while: \.isWhitespace)
      guard let first = content.first, first != "#" else { continue }
      let column = line.unicodeScalars.distance(from: line.startIndex, to: content.startIndex) + 1
      let position = FilePosition(line: index + 1, column: column)
      guard policy.detection.indicators.count < Limits.indicators else {
        problems.error("more than \(Limits.indicators) indicators in all", in: path, at: position)
        return
      }
      let value = String(content.prefix { !$0.isWhitespace })
      let note = IndicatorText.note(content.dropFirst(value.count))
      do {
        let match = Indicators.Match(value: value, note: note.isEmpty ? "listed in \(file)" : note)
        policy.detection.indicators.add(try IndicatorText.subject(value), match, date: IndicatorText.date(content))
      } catch {
        problems.error(error.why, in: path, at: position)
      }
    }
  }
}

/// How a line of an indicator list is read: the indicator, white space, a note; `#` begins a comment.
enum IndicatorText {
  /// A name, an address, a range, `:port`, `name:port`, `address:port`, `[address]:port` or `user:name`.
  static func subject(_ text: String) throws(WrongValue) -> Indicators.Subject {
    if text.hasPrefix("user:") {
      guard text.count > 5 else { throw WrongValue("\(text.quoted) names no user (write user:antminer_1)") }
      return .user(String(text.dropFirst(5)))
    }
    if text.hasPrefix(":"), !text.dropFirst().contains(":") { return .port(try SettingText.port(text.dropFirst())) }
    if text.contains("/") || IPAddress(text) != nil { return .prefix(try Prefix(parsing: text)) }
    if text.hasPrefix("["), let end = text.firstIndex(of: "]"), let address = IPAddress(text[..<end].dropFirst()) {
      guard text[end...].hasPrefix("]:") else { return .prefix(Prefix(address)) }
      return .addressAndPort(address, try SettingText.port(text[end...].dropFirst(2)))
    }
    guard !text.hasPrefix("*.") else {
      let name = text.dropFirst(2)
      throw WrongValue("\(text.quoted): a name covers all below it (write \(String(name).quoted))")
    }
    guard let colon = text.firstIndex(of: ":") else { return .name(try HostName.parse(text)) }
    let port = try SettingText.port(text[colon...].dropFirst())
    if let address = IPAddress(text[..<colon]) { return .addressAndPort(address, port) }
    return .nameAndPort(try HostName.parse(text[..<colon]), port)
  }

  /// The date at the end of a line's comment: `# where it is written, 2026-08`. Nil where there is none.
  static func date(_ line: Substring) -> DataDate? {
    guard line.contains("#"), let word = line.split(whereSeparator: \.isWhitespace).last else { return nil }
    return try? DataDate(parsing: String(word))
  }

  /// What follows the indicator, without the comment and the space around it.
  static func note(_ text: Substring) -> String {
    let end = text.firstRange(of: " #")?.lowerBound ?? text.firstRange(of: "\t#")?.lowerBound ?? text.endIndex
    let note = text[..<end].drop(while: \.isWhitespace)
    guard let last = note.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(note[...last])
  }
}
