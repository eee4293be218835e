import Decode

extension PolicyReader {
  mutating func readServices(_ setting: Setting?, at root: Setting) {
    let place = setting ?? Setting(path: "services", node: root.node)
    guard
      let group = group(setting ?? Setting(path: "services", node: .absent(at: root.position)), PolicyKey.Services.self)
    else { return }
    policy.services.dns = readServers(group[.dns])
    policy.services.ntp = readServers(group[.ntp])
    policy.services.dhcp = readServers(group[.dhcp])
    for key in [PolicyKey.Services.dns, .ntp, .dhcp] where group[key] == nil {
      warn("\"\(key.rawValue)\" is missing: every private address counts as the site's own server", at: place)
    }
    var names: [String: Int] = [:]
    for item in group[.allow].flatMap({ list($0) }) ?? [] { readAllowance(item, &names) }
  }

  /// An empty list stands: then nobody serves.
  private mutating func readServers(_ setting: Setting?) -> HostSet? {
    guard let setting, let items = list(setting) else { return nil }
    return hosts(items)
  }

  /// Names, patterns, addresses and ranges.
  func hostPattern(_ text: String) throws(WrongValue) -> HostPattern {
    if text.contains("/") || IPAddress(text) != nil { return .prefix(try Prefix(parsing: text)) }
    if text.hasPrefix("*.") { return .name("*." + (try HostName.parse(text.dropFirst(2)))) }
    guard !text.contains("*") else {
      throw WrongValue("\(text.quoted): a * can only stand for all that is below a name (write *.example.com)")
    }
    guard !text.contains(":") else {
      throw WrongValue("\(text.quoted) has a port or is no address: only names, addresses and ranges stand here")
    }
    return .name(try HostName.parse(text))
  }

  enum HostPattern {
    case name(String)
    case prefix(Prefix)
  }

  mutating func hosts(_ items: [Setting]) -> HostSet {
    var names: [String] = []
    var prefixes: [Prefix] = []
    for item in items {
      let reader = self
      switch value(item, { (text) throws(WrongValue) in try reader.hostPattern(text) }) {
      case .name(let name): names.append(name)
      case .prefix(let prefix): prefixes.append(prefix)
      case nil: break
      }
    }
    return HostSet(names: names, prefixes: PrefixSet(prefixes))
  }

  /// A host or a list of them.
  mutating func hostOrList(_ setting: Setting?) -> HostSet? {
    guard let setting else { return nil }
    guard case .list(let nodes) = setting.node.content else { return hosts([setting]) }
    if nodes.isEmpty { error("the list is empty", at: setting) }
    return hosts(nodes.map { Setting(path: setting.path, node: $0) })
  }

  private mutating func readAllowance(_ setting: Setting, _ names: inout [String: Int]) {
    guard let group = group(setting, PolicyKey.Allowance.self) else { return }
    let name = value(required(.name, of: group, "say what is allowed there"), SettingText.line)
    if let name, let line = names.updateValue(setting.position.line, forKey: name) {
      error("\(name.quoted) stands in line \(line) already", at: group[.name] ?? setting)
    }
    let hosts = required(.hosts, of: group, "say where to").flatMap { hostOrList($0) } ?? HostSet()
    let ports = values(group[.ports], SettingText.portMatch) ?? []
    if let setting = group[.ports], case .list(let nodes) = setting.node.content, nodes.isEmpty {
      error("the list is empty (leave the key out to allow any port)", at: setting)
    }
    policy.services.allow.append(Policy.Allowance(name: name ?? "", hosts: hosts, ports: ports))
  }
}

extension Document.Node {
  /// What stands for a group that the file does not have.
  static func absent(at position: FilePosition) -> Document.Node {
    Document.Node(position: position, content: .group([]))
  }
}
