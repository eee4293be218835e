/// The vocabulary of miner management: what a command does, by its name or path. Read from `commands.d`, never compiled in,
/// so that a new firmware's command is a line.
///
/// A name costs one look-up, a path one and one more for each folder above it.
package struct CommandBook: Sendable {
  /// Folders of a path that are looked at from its end; management paths have six at the most.
  private static let pathDepth = 12

  private struct Key: Hashable {
    var surface: CommandSurface
    /// In lower case; for HTTP a normalised path, `/*` at its end when it stands for all below.
    var name: String
  }

  private struct Row {
    /// Upper case; empty for any.
    var methods: Set<String>
    var entry: CommandEntry
    /// Where it is written.
    var file: String
  }

  private var rows: [Key: [Row]] = [:]
  /// Ports at which miners serve their management, and whose.
  package private(set) var ports: [Policy.PortMatch] = []
  private var served: Set<UInt32> = []
  /// Logins that makers give their miners.
  package private(set) var logins: [Login] = []
  /// Commands that are known.
  package private(set) var count = 0

  package init() {}

  /// A password that a maker gives its miners.
  package struct Login: Equatable, Sendable {
    package var vendor: String
    /// Nil where only a password is asked for.
    package var user: String?
    package var password: String

    package init(vendor: String, user: String?, password: String) {
      self.vendor = vendor
      self.user = user
      self.password = password
    }
  }

  /// Where each command is written, by its name: to compare two policies.
  var byLabel: [String: [String]] {
    Dictionary(rows.map { ("\($0.key.surface) \($0.key.name)", $0.value.map(\.file)) }) { $0 + $1 }
  }

  /// What a command does, if its name is known.
  package struct Reading: Sendable {
    package var vendor: String
    package var isProbe: Bool
    package var classes: [ActionClass]
    /// In the vocabulary's order; one may come several times.
    package var arguments: [(meaning: ArgumentMeaning, value: String)]
  }

  /// - Parameters:
  ///   - name: a command, or a path of HTTP, as said.
  ///   - method: of HTTP; empty elsewhere.
  ///   - parameters: by name, or by position as decimal text.
  /// - Returns: nil for what nobody listed.
  package func reading(
    _ surface: CommandSurface, _ name: String, method: String = "", parameters: [(name: String, value: String)]
  ) -> Reading? {
    let entries = surface == .http ? entries(at: name, method.uppercased()) : self[surface, name.lowercased()]
    // Vendors share names. What says more about the parameters at hand is the better reading.
    for entry in entries {
      if let refined = entry.cases.first(where: { $0.matches(parameters) }) {
        return Reading(entry, refined.meaning, parameters)
      }
    }
    return entries.first.map { Reading($0, $0.meaning, parameters) }
  }

  /// Whether miners are known to serve something at a port.
  package func serves(ipProtocol: UInt8, port: UInt16) -> Bool {
    served.contains(UInt32(ipProtocol) << 16 | UInt32(port))
  }

  private subscript(surface: CommandSurface, name: String) -> [CommandEntry] {
    rows[Key(surface: surface, name: name)]?.map(\.entry) ?? []
  }

  private func entries(at path: String, _ method: String) -> [CommandEntry] {
    let whole = Self.normalised(path: path)
    if let found = entries(exactly: whole, method) { return found }
    var folder = whole[...]
    for _ in 0..<Self.pathDepth {
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = folder[..<slash]
      if let found = entries(exactly: "\(folder)/*", method) { return found }
      // What follows the name of a CGI program is handed to that program (RFC 3875 §4.1.5).
      if folder.hasSuffix(".cgi"), let found = entries(exactly: String(folder), method) { return found }
    }
    return []
  }

  private func entries(exactly path: String, _ method: String) -> [CommandEntry]? {
    let found = rows[Key(surface: .http, name: path)]?
      .filter { $0.methods.isEmpty || $0.methods.contains(method) }.map(\.entry)
    return found?.isEmpty == false ? found : nil
  }

  // MARK: Filling in

  /// - Parameters:
  ///   - name: as ``normalised(path:)`` gives it for HTTP, lower case else.
  ///   - file: where it is written. A vendor's command that another file has already is left alone: the site's own come first.
  /// - Returns: false when the same file has it already.
  mutating func add(
    _ surface: CommandSurface, _ name: String, methods: Set<String>, _ entry: CommandEntry, from file: String
  ) -> Bool {
    let key = Key(surface: surface, name: name)
    let known = rows[key]?.first { row in
      row.entry.vendor == entry.vendor
        && (row.methods.isEmpty || methods.isEmpty || !row.methods.isDisjoint(with: methods))
    }
    guard known == nil else { return known?.file != file }
    rows[key, default: []].append(Row(methods: methods, entry: entry, file: file))
    count += 1
    return true
  }

  mutating func add(_ login: Login) {
    if !logins.contains(login) { logins.append(login) }
  }

  mutating func add(port: Policy.PortMatch) {
    guard !ports.contains(port), let range = port.ports else { return }
    ports.append(port)
    for number in range { served.insert(UInt32(port.ipProtocol) << 16 | UInt32(number)) }
  }
}

extension CommandBook.Reading {
  fileprivate init(
    _ entry: CommandEntry, _ meaning: CommandEntry.Meaning, _ parameters: [(name: String, value: String)]
  ) {
    self.init(vendor: entry.vendor, isProbe: entry.isProbe, classes: meaning.classes, arguments: [])
    for argument in meaning.arguments {
      for parameter in parameters where argument.parameters.contains(parameter.name.lowercased()) {
        arguments.append((argument.meaning, parameter.value))
      }
    }
  }
}

extension CommandEntry.Case {
  fileprivate func matches(_ parameters: [(name: String, value: String)]) -> Bool {
    parameters.contains { name, value in
      name.lowercased() == parameter && (values.isEmpty || values.contains(value.lowercased()))
    }
  }
}

extension CommandBook {
  /// A path as web servers understand it: without query, escapes undone, `//`, `.` and `..` resolved, in lower case, without
  /// a slash at the end.
  package static func normalised(path: String) -> String {
    let path = path.prefix { $0 != "?" && $0 != "#" && $0 != ";" }
    var segments: [String] = []
    for segment in String(unescaping: path).lowercased().split(separator: "/") {
      switch segment {
      case ".": continue
      case "..": _ = segments.popLast()
      default: segments.append(String(segment))
      }
    }
    return "/" + segments.joined(separator: "/")
  }
}

extension String {
  /// Percent escapes undone (RFC 3986 §2.1); one that is none stays as it is.
  fileprivate init(unescaping text: Substring) {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(Substring(digits), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    self.init(decoding: bytes, as: UTF8.self)
  }
}
