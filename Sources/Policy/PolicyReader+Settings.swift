/// A place of the file: its path of keys and what stands there.
struct Setting {
  /// `capture.interfaces`; empty for the whole file. Entries of a list have the list's path.
  let path: String
  let node: Document.Node

  var position: FilePosition { node.position }

  /// A key without anything after it, or `~` or `null`.
  var isEmpty: Bool {
    if case .text(let text, isPlain: true) = node.content { ["", "~", "null"].contains(text) } else { false }
  }

  /// What stands there, for errors.
  var kind: String {
    switch node.content {
    case .text(let text, _): isEmpty ? "nothing" : "the text \(text.quoted)"
    case .list: "a list"
    case .group: "a group of keys"
    }
  }
}

/// A group of keys, each at most once, all known.
struct SettingGroup<Key: PolicyKeys> {
  let setting: Setting
  fileprivate var settings: [Key: Setting] = [:]

  subscript(key: Key) -> Setting? { settings[key] }
}

extension PolicyReader {
  mutating func error(_ message: String, at setting: Setting) {
    problems.error(setting.path.isEmpty ? message : "\(setting.path): \(message)", in: file, at: setting.position)
  }

  mutating func warn(_ message: String, at setting: Setting) {
    problems.warning(setting.path.isEmpty ? message : "\(setting.path): \(message)", in: file, at: setting.position)
  }

  /// The setting as a group of known keys. An empty one has none of them: all its lines may be commented out.
  mutating func group<Key: PolicyKeys>(_ setting: Setting, _: Key.Type = Key.self) -> SettingGroup<Key>? {
    guard let entries = entries(of: setting, "a group of keys (\(Key.names.joined(separator: ", ")))") else {
      return nil
    }
    var group = SettingGroup<Key>(setting: setting)
    for (name, position, entry) in entries {
      guard let key = Key(rawValue: name) else {
        let message = "unknown key \(name.quoted)\(Nearest.hint(for: name, in: Key.names))"
        problems.error(setting.path.isEmpty ? message : "\(setting.path): \(message)", in: file, at: position)
        continue
      }
      group.settings[key] = entry
    }
    return group
  }

  /// The setting's keys, whatever they are, with their places.
  mutating func entries(
    of setting: Setting, _ expected: String
  ) -> [(name: String, position: FilePosition, setting: Setting)]? {
    if setting.isEmpty { return [] }
    guard case .group(let pairs) = setting.node.content else {
      error("expected \(expected), found \(setting.kind)", at: setting)
      return nil
    }
    var result: [(name: String, position: FilePosition, setting: Setting)] = []
    for (key, value) in pairs where !repeated.contains(key.position) {
      guard case .text(let name, _) = key.content else {
        problems.error("a key must be a word", in: file, at: key.position)
        continue
      }
      let path = setting.path.isEmpty ? name : "\(setting.path).\(name)"
      result.append((name, key.position, Setting(path: path, node: value)))
    }
    return result
  }

  /// The entries of a list; nil and an error when it is none.
  mutating func list(_ setting: Setting?) -> [Setting]? {
    guard let setting else { return nil }
    guard case .list(let nodes) = setting.node.content else {
      var hint = ""
      if case .text(let text, _) = setting.node.content, !setting.isEmpty { hint = " (write [\(text)])" }
      error("expected a list, found \(setting.kind)\(hint)", at: setting)
      return nil
    }
    return nodes.map { Setting(path: setting.path, node: $0) }
  }

  mutating func text(_ setting: Setting) -> String? {
    if case .text(let text, _) = setting.node.content, !setting.isEmpty { return text }
    error("expected text, found \(setting.kind)", at: setting)
    return nil
  }

  /// The setting's text, read by `parse`; nil where the setting is absent or wrong.
  mutating func value<Value>(_ setting: Setting?, _ parse: (String) throws(WrongValue) -> Value) -> Value? {
    guard let setting, let text = text(setting) else { return nil }
    do {
      return try parse(text)
    } catch {
      self.error(error.why, at: setting)
      return nil
    }
  }

  /// Every entry of a list that `parse` can read; nil where the list is absent. The wrong ones are told and left out.
  mutating func values<Value>(_ setting: Setting?, _ parse: (String) throws(WrongValue) -> Value) -> [Value]? {
    list(setting)?.compactMap { value($0, parse) }
  }

  /// A setting that its group cannot do without.
  mutating func required<Key: PolicyKeys>(_ key: Key, of group: SettingGroup<Key>, _ why: String) -> Setting? {
    if let setting = group[key] { return setting }
    error("\"\(key.rawValue)\" is missing: \(why)", at: group.setting)
    return nil
  }
}
