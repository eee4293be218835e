import Decode

extension PolicyReader {
  mutating func readPools(_ setting: Setting?, at root: Setting) {
    let missing = "none is listed: say where miners may mine"
    guard let setting else {
      error("pools: \(missing)", at: root)
      return
    }
    guard let items = setting.isEmpty ? [] : list(setting) else { return }
    if items.isEmpty { error(missing, at: setting) }
    var taken = PoolDirectory()
    for item in items { readPool(item, &taken) }
  }

  /// Names and endpoints of the pools read so far.
  private struct PoolDirectory {
    var lines: [String: Int] = [:]
    var pools: [Place: (pool: String, line: Int)] = [:]
    var urls: Set<PoolEndpoint> = []

    struct Place: Hashable {
      var host: PoolEndpoint.Host
      var port: UInt16
    }
  }

  private mutating func readPool(_ setting: Setting, _ taken: inout PoolDirectory) {
    guard let group = group(setting, PolicyKey.Pool.self) else { return }
    let name = value(required(.name, of: group, "alerts call the pool by it"), SettingText.line) ?? ""
    if let line = taken.lines.updateValue(setting.position.line, forKey: name), !name.isEmpty {
      error("the pool \(name.quoted) stands in line \(line) already", at: group[.name] ?? setting)
    }
    var pool = Pool(name: name, endpoints: [])
    if let endpoints = required(.endpoints, of: group, "write URLs as typed into a miner"),
      let items = list(endpoints)
    {
      if items.isEmpty { error("none is listed: write URLs as typed into a miner", at: endpoints) }
      pool.endpoints = items.compactMap { readEndpoint($0, of: name, &taken) }
    }
    if let addresses = group[.addresses] { pool.addresses = readPins(addresses, of: pool) }
    if let accounts = group[.accounts] {
      pool.accounts = values(accounts, SettingText.account)
      if pool.accounts?.isEmpty ?? false, list(accounts)?.isEmpty ?? false {
        error("the list is empty: nobody could be paid (leave the key out to allow any account)", at: accounts)
      }
    } else {
      warn("\(name.quoted) has no accounts: mining for any account there passes unseen", at: setting)
    }
    policy.pools.append(pool)
  }

  private mutating func readEndpoint(
    _ setting: Setting, of pool: String, _ taken: inout PoolDirectory
  ) -> PoolEndpoint? {
    guard let endpoint = value(setting, { (text) throws(WrongValue) in try PoolEndpoint(parsing: text) }) else {
      return nil
    }
    let place = PoolDirectory.Place(host: endpoint.host, port: endpoint.port)
    if let other = taken.pools[place], other.pool != pool {
      error("the pool \(other.pool.quoted) has this host and port in line \(other.line) already", at: setting)
    } else if !taken.urls.insert(endpoint).inserted {
      error("\(endpoint.url.quoted) stands twice", at: setting)
    }
    if taken.pools[place] == nil { taken.pools[place] = (pool, setting.position.line) }
    return endpoint
  }

  private mutating func readPins(_ setting: Setting, of pool: Pool) -> PrefixSet? {
    guard let prefixes = values(setting, { (text) throws(WrongValue) in try Prefix(parsing: text) }) else { return nil }
    if prefixes.isEmpty { error("the list is empty (leave the key out to allow any address)", at: setting) }
    let pins = PrefixSet(prefixes)
    for endpoint in pool.endpoints {
      guard case .address(let address) = endpoint.host, !pins.isEmpty, !pins.contains(address) else { continue }
      error("the endpoint \(endpoint.url.quoted) is outside of these addresses", at: setting)
    }
    return pins
  }
}
