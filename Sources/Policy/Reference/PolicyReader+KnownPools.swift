import Capture

/// The keys of a file of `pools.d`.
enum KnownPoolKey {
  enum Root: String, PolicyKeys {
    case pools
  }

  enum Pool: String, PolicyKeys {
    case name, endpoints, users, confidence, seen, source
  }
}

/// Public pools, as data: `pools.d`.
extension PolicyReader {
  /// Pools of the folder `pools.d` beside the policy, if there is one, then those that ship with the program. A pool that
  /// the site lists takes the place of one of the same name.
  mutating func readPublicPools(_ builtIn: String?) {
    let own = TextFile.path("pools.d", besides: file)
    if !file.isEmpty, TextFile.isFolder(own), !TextFile.isSame(own, builtIn) { readKnownPoolFiles(in: own) }
    let taken = Set(policy.knownPools.pools.map(\.name))
    guard let builtIn else { return }
    guard TextFile.isFolder(builtIn) else {
      problems.warning("no public pools: \(builtIn) is no folder", in: file, at: nil)
      return
    }
    readKnownPoolFiles(in: builtIn, except: taken)
  }

  private mutating func readKnownPoolFiles(in folder: String, except taken: Set<String> = []) {
    for name in TextFile.names(in: folder, ending: ".yaml") ?? [] {
      let path = "\(folder)/\(name)"
      if let why = readData(path, { reader, root in reader.readKnownPools(root, except: taken) }) {
        problems.error(why, in: path, at: nil)
      }
    }
  }

  private mutating func readKnownPools(_ root: Setting, except taken: Set<String>) {
    guard let group = group(root, KnownPoolKey.Root.self),
      let pools = list(required(.pools, of: group, "list them"))
    else { return }
    for pool in pools { readKnownPool(pool, except: taken) }
  }

  private mutating func readKnownPool(_ setting: Setting, except taken: Set<String>) {
    guard let group = group(setting, KnownPoolKey.Pool.self) else { return }
    let name = value(required(.name, of: group, "alerts call the pool by it"), SettingText.line)
    let endpoints = values(required(.endpoints, of: group, "write URLs as typed into a miner")) {
      (text) throws(WrongValue) in try PoolEndpoint(parsing: text)
    }
    if let place = group[.endpoints], list(place)?.isEmpty ?? false { error("none is listed", at: place) }
    let users = value(required(.users, of: group, "say what user names look like")) { (text) throws(WrongValue) in
      try SettingText.word(text, KnownPool.UserForm.self)
    }
    let confidence = value(required(.confidence, of: group, "say how sure this is")) { (text) throws(WrongValue) in
      try SettingText.word(text, KnownPool.Confidence.self)
    }
    let seen = value(required(.seen, of: group, "say when this was so")) { (text) throws(WrongValue) in
      try DataDate(parsing: text)
    }
    // For whoever doubts a line.
    _ = value(required(.source, of: group, "say where this is written"), SettingText.line)
    guard let name, let endpoints, let users, let confidence, let seen, !taken.contains(name) else { return }
    if policy.knownPools.contains(named: name) {
      error("\(name.quoted) is listed before", at: group[.name] ?? setting)
    } else if policy.knownPools.count >= Limits.knownPools {
      error("more than \(Limits.knownPools) public pools in all", at: setting)
    } else {
      policy.knownPools.add(
        KnownPool(name: name, endpoints: endpoints, users: users, confidence: confidence, seen: seen))
    }
  }
}
