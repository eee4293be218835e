import Capture

/// The keys of a file of `commands.d`.
enum CommandKey {
  enum Root: String, PolicyKeys {
    case vendor, ports, logins, sets
  }

  enum Login: String, PolicyKeys {
    case user, password, source
  }

  enum Group: String, PolicyKeys {
    case surface, source, date, commands
  }

  enum Command: String, PolicyKeys {
    case name, path, method, `class`, arguments, when, probe
  }

  enum Case: String, PolicyKeys {
    case parameter, `is`, `class`, arguments
  }
}

/// What miners are told, as data: `commands.d`.
extension PolicyReader {
  /// Files and folders of the site's own. They come before the built-in ones, so a site's word wins.
  mutating func readCommands(_ setting: Setting) {
    for item in list(setting) ?? [] {
      guard let name = value(item, SettingText.line) else { continue }
      let path = TextFile.path(name, besides: file)
      if TextFile.isFolder(path) {
        readCommandFiles(in: path)
      } else if let why = readData(path, { reader, root in reader.readVendor(root) }) {
        error("\(path) \(why)", at: item)
      }
    }
  }

  mutating func readBuiltInCommands(_ folder: String?) {
    guard let folder else { return }
    guard TextFile.isFolder(folder) else {
      problems.warning("no vocabulary of commands: \(folder) is no folder", in: file, at: nil)
      return
    }
    readCommandFiles(in: folder)
  }

  private mutating func readCommandFiles(in folder: String) {
    for name in TextFile.names(in: folder, ending: ".yaml") ?? [] {
      let path = "\(folder)/\(name)"
      if let why = readData(path, { reader, root in reader.readVendor(root) }) {
        problems.error(why, in: path, at: nil)
      }
    }
  }

  private mutating func readVendor(_ root: Setting) {
    guard let group = group(root, CommandKey.Root.self) else { return }
    let vendor = value(required(.vendor, of: group, "say whose commands these are"), SettingText.line)
    for port in values(group[.ports], SettingText.portMatch) ?? [] { policy.commands.add(port: port) }
    for login in group[.logins].flatMap({ list($0) }) ?? [] { readLogin(login, of: vendor ?? "") }
    for set in list(group[.sets]) ?? [] { readSet(set, of: vendor ?? "") }
  }

  private mutating func readLogin(_ setting: Setting, of vendor: String) {
    guard let group = group(setting, CommandKey.Login.self) else { return }
    let password = value(required(.password, of: group, "say which"), SettingText.line)
    _ = value(required(.source, of: group, "say where this is written"), SettingText.line)
    guard let password else { return }
    policy.commands.add(
      CommandBook.Login(vendor: vendor, user: value(group[.user], SettingText.line), password: password))
  }

  private mutating func readSet(_ setting: Setting, of vendor: String) {
    guard let group = group(setting, CommandKey.Group.self) else { return }
    let surface = value(required(.surface, of: group, "say where they are heard")) { (text) throws(WrongValue) in
      try SettingText.word(text, CommandSurface.self)
    }
    // For whoever doubts a line: where it comes from, and when that was so.
    _ = value(required(.source, of: group, "say where this is written"), SettingText.line)
    _ = value(required(.date, of: group, "say when this was looked up")) { (text) throws(WrongValue) in
      try SettingText.time(text, dateMeans: .start)
    }
    let commands = list(required(.commands, of: group, "list them")) ?? []
    guard let surface else { return }
    for command in commands { readCommand(command, surface, vendor) }
  }

  private mutating func readCommand(_ setting: Setting, _ surface: CommandSurface, _ vendor: String) {
    guard let group = group(setting, CommandKey.Command.self) else { return }
    let (names, methods) = surface == .http ? readPaths(group) : (readNames(group), [])
    guard let meaning = readMeaning(group[.class], group[.arguments], in: group) else { return }
    var entry = CommandEntry(vendor: vendor, meaning: meaning)
    for item in group[.when].flatMap({ list($0) }) ?? [] {
      if let refined = readCase(item, of: meaning) { entry.cases.append(refined) }
    }
    if let probe = value(group[.probe], SettingText.flag) { entry.isProbe = probe }
    for name in names {
      if policy.commands.count >= Limits.commands {
        error("more than \(Limits.commands) commands in all", at: name.place)
      } else if !policy.commands.add(surface, name.text, methods: methods, entry, from: file) {
        error("\(name.text.quoted) stands in this file before", at: name.place)
      }
    }
  }

  private mutating func readNames(_ group: SettingGroup<CommandKey.Command>) -> [(text: String, place: Setting)] {
    for key in [CommandKey.Command.path, .method] {
      if let place = group[key] { error("only commands of http have a \(key.rawValue)", at: place) }
    }
    guard let setting = required(.name, of: group, "say which command") else { return [] }
    return textOrList(setting).compactMap { place in
      value(place, SettingText.line).map { ($0.lowercased(), place) }
    }
  }

  private mutating func readPaths(
    _ group: SettingGroup<CommandKey.Command>
  ) -> (names: [(text: String, place: Setting)], methods: Set<String>) {
    if let place = group[.name] { error("commands of http have a path instead", at: place) }
    guard let setting = required(.path, of: group, "say which path") else { return ([], []) }
    let paths = textOrList(setting).compactMap { place in
      value(place, SettingText.commandPath).map { (text: $0, place: place) }
    }
    let methods = group[.method].map { textOrList($0) } ?? []
    return (paths, Set(methods.compactMap { value($0, SettingText.line)?.uppercased() }))
  }

  private mutating func readCase(_ setting: Setting, of plain: CommandEntry.Meaning) -> CommandEntry.Case? {
    guard let group = group(setting, CommandKey.Case.self) else { return nil }
    let name = value(required(.parameter, of: group, "say which parameter"), SettingText.line)
    let values = group[.is].map { textOrList($0) } ?? []
    let texts = values.compactMap { value($0, SettingText.line)?.lowercased() }
    guard let name, var meaning = readMeaning(group[.class], group[.arguments], in: group) else { return nil }
    if group[.arguments] == nil { meaning.arguments = plain.arguments }
    return CommandEntry.Case(parameter: name.lowercased(), values: Set(texts), meaning: meaning)
  }

  private mutating func readMeaning<Key>(
    _ classes: Setting?, _ arguments: Setting?, in group: SettingGroup<Key>
  ) -> CommandEntry.Meaning? {
    guard let classes else {
      error("\"class\" is missing: say what it does", at: group.setting)
      return nil
    }
    let words = textOrList(classes).compactMap { place in
      value(place) { (text) throws(WrongValue) in try SettingText.word(text, ActionClass.self) }
    }
    guard !words.isEmpty else { return nil }
    return CommandEntry.Meaning(
      classes: ActionClass.allCases.filter(words.contains), arguments: arguments.map { readArguments($0) } ?? [])
  }

  private mutating func readArguments(_ setting: Setting) -> [CommandEntry.Argument] {
    var result: [CommandEntry.Argument] = []
    for (name, position, entry) in entries(of: setting, "arguments by what they mean") ?? [] {
      guard let meaning = ArgumentMeaning(rawValue: name) else {
        let hint = Nearest.hint(for: name, in: ArgumentMeaning.allCases.map(\.rawValue))
        problems.error("\(setting.path): unknown argument \(name.quoted)\(hint)", in: file, at: position)
        continue
      }
      let parameters = textOrList(entry).compactMap { value($0, SettingText.line)?.lowercased() }
      result.append(CommandEntry.Argument(meaning: meaning, parameters: parameters))
    }
    return result
  }

  /// One text, or several.
  private mutating func textOrList(_ setting: Setting) -> [Setting] {
    if case .list = setting.node.content { return list(setting) ?? [] }
    return [setting]
  }
}

extension SettingText {
  /// `yes` or `no`, as YAML 1.1 has them.
  fileprivate static func flag(_ text: String) throws(WrongValue) -> Bool {
    switch text {
    case "yes", "true", "on": return true
    case "no", "false", "off": return false
    default: throw WrongValue("\(text.quoted) is neither yes nor no")
    }
  }

  /// A path from the root, without a query; `/*` at the end for all below it.
  fileprivate static func commandPath(_ text: String) throws(WrongValue) -> String {
    let isFolder = text.hasSuffix("/*")
    let path = isFolder ? String(text.dropLast(2)) : text
    guard path.hasPrefix("/"), !path.contains(where: { "?#*".contains($0) || $0.isWhitespace }) else {
      throw WrongValue("\(text.quoted) is no path (write /cgi-bin/reboot.cgi, or /api/pools/* for all below)")
    }
    return CommandBook.normalised(path: path) + (isFolder ? "/*" : "")
  }
}
