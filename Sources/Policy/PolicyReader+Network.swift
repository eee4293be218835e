import Capture
import Decode

extension PolicyReader {
  mutating func readCapture(_ setting: Setting) {
    guard let group = group(setting, PolicyKey.Capture.self) else { return }
    if let interfaces = values(group[.interfaces], SettingText.interface) {
      policy.capture.interfaces = interfaces
      if Set(interfaces).count < interfaces.count, let setting = group[.interfaces] {
        error("an interface stands twice", at: setting)
      }
    }
    if let workers = group[.workers] { readWorkers(workers) }
    let filter = value(group[.filter]) { (text) throws(WrongValue) in
      guard let fault = CaptureFilter.fault(in: text) else { return text }
      throw WrongValue("\(text.quoted) is no filter: \(fault) (correct it as pcap-filter(7) describes)")
    }
    if let filter { policy.capture.filter = filter }
    // Below 256 bytes a name in a DNS answer or a TLS hello is cut; libpcap takes no more than the upper bound.
    let snaplen = value(group[.snaplen]) { (text) throws(WrongValue) in
      try SettingText.count(text, in: 256...Limits.frameBytes)
    }
    if let snaplen { policy.capture.snaplen = snaplen }
    let buffer = value(group[.buffer]) { (text) throws(WrongValue) in
      let bytes = try SettingText.byteCount(text)
      // libpcap counts it in a C int.
      guard (1 << 20..<1 << 31).contains(bytes) else {
        throw WrongValue("\(text.quoted) is not from 1MiB to below 2GiB")
      }
      return bytes
    }
    if let buffer { policy.capture.buffer = buffer }
  }

  private mutating func readWorkers(_ setting: Setting) {
    guard
      let workers = value(
        setting,
        { (text) throws(WrongValue) -> Int? in
          if text == "auto" { return nil }
          return try SettingText.count(text, in: 1...Limits.workers)
        })
    else { return }
    policy.capture.workers = workers
  }

  mutating func readMiners(_ setting: Setting?, at root: Setting) {
    let missing = "\"networks\" is missing: say which addresses the miners have (networks: [10.20.0.0/16])"
    guard let setting else {
      error("miners: \(missing)", at: root)
      return
    }
    guard let group = group(setting, PolicyKey.Miners.self) else { return }
    if let networks = group[.networks] {
      policy.miners.networks = prefixes(networks, orElse: "no network is listed: nobody would be a miner")
    } else {
      error(missing, at: setting)
    }
    if let managers = values(group[.managers], { (text) throws(WrongValue) in try Prefix(parsing: text) }) {
      policy.miners.managers = PrefixSet(managers)
    }
    if let inventory = group[.inventory] { readInventory(inventory) }
  }

  private mutating func prefixes(_ setting: Setting, orElse empty: String) -> PrefixSet {
    guard let items = list(setting) else { return PrefixSet() }
    if items.isEmpty { error(empty, at: setting) }
    return PrefixSet(items.compactMap { value($0) { (text) throws(WrongValue) in try Prefix(parsing: text) } })
  }

  /// A range or a list of them.
  mutating func prefixOrList(_ setting: Setting?) -> PrefixSet? {
    guard let setting else { return nil }
    if case .list = setting.node.content { return prefixes(setting, orElse: "the list is empty") }
    return value(setting) { (text) throws(WrongValue) in PrefixSet([try Prefix(parsing: text)]) }
  }

  /// Managers and servers that the policy names more exactly than the miners' network around them are no miners.
  ///
  /// A range as wide as the miners' own or wider excepts nobody: `dns: [10.0.0.0/8]` must not blind the program.
  mutating func exceptServers() {
    let networks = policy.miners.networks.prefixes
    let named = [
      policy.miners.managers, policy.services.dns?.prefixes, policy.services.ntp?.prefixes,
      policy.services.dhcp?.prefixes,
    ].compactMap(\.self).flatMap(\.prefixes)
    policy.miners.except = PrefixSet(
      named.filter { server in networks.contains { $0.length < server.length && $0.contains(server.first) } })
  }
}
