import Flows

/// The methods of Stratum V1 (cgminer util.c, ckpool stratifier.c, btcpool StratumSession.cc, BIP 310) and of its
/// relatives, whose sources stand at ``StratumDialect``.
enum StratumMethod: UInt8, Sendable, BitwiseCopyable {
  case submit, notify, setDifficulty
  case authorize, subscribe, configure
  case setExtranonce, setVersionMask, reconnect, showMessage, setTarget
  case hello
  case ethLogin, ethGetWork, ethSubmit
  case login, cryptoNoteSubmit, job, grinJobRequest, beamSubmit
  case kaspaSetExtranonce
  /// Known and harmless: nothing is read out of it but its name.
  case other
  /// Known, and never said to or by a miner.
  case notForMiners
  /// A frame of BTCAgent, not JSON.
  case agentRegister, agentSubmit, agentOther

  /// Who says a method.
  enum Speaker: UInt8, Sendable, BitwiseCopyable {
    case client, server, either

    var role: Role? {
      switch self {
      case .client: .client
      case .server: .server
      case .either: nil
      }
    }
  }

  /// A line of the table of methods.
  struct Entry: Zeroable {
    let name: PackedName
    let method: StratumMethod
    let speaker: Speaker
    /// cgminer, bmminer or ckpool compare only this much of a name, and ignore case.
    let matchesPrefix: Bool

    init(_ spelling: String, _ method: StratumMethod, _ speaker: Speaker, matchesPrefix: Bool = false) {
      name = PackedName(spelling)
      self.method = method
      self.speaker = speaker
      self.matchesPrefix = matchesPrefix
    }
  }

  /// Where a name was found.
  struct Match {
    /// Its place in ``table``.
    let index: Int
    /// Only a reader that ignores case, or what follows, takes it for that method.
    let isLoose: Bool

    var entry: Entry { table[index] }
  }

  /// Looks a name up as it is, then as cgminer and ckpool would: case ignored, and only as far as they compare.
  static func find(_ name: PackedName) -> Match? {
    for index in spoken where table[index].name == name { return Match(index: index, isLoose: false) }
    return findLoosely(name.lowercased)
  }

  /// The same in a copy of the table, for a name as it stands in a message.
  @inline(__always)
  static func find(_ bytes: RawSpan, _ range: Range<Int>, in rows: borrowing Slab<Entry>) -> Match? {
    // Shares and jobs are nearly all that is said, and two words tell their names.
    if range.count <= 16 {
      let (start, end) = (range.lowerBound, range.upperBound)
      let first = bytes.paddedWord(from: start, to: end)
      let second = bytes.paddedWord(from: start &+ 8, to: end)
      for index in 0..<2 where rows[index].name.equals(first, second, count: range.count) {
        return Match(index: index, isLoose: false)
      }
    }
    return find(PackedName(bytes, range))
  }

  @inline(never)
  private static func findLoosely(_ name: PackedName) -> Match? {
    var best: Int?
    for index in spoken {
      let entry = table[index]
      let folded = entry.name.lowercased
      if folded == name { return Match(index: index, isLoose: true) }
      guard entry.matchesPrefix, name.hasPrefix(folded) else { continue }
      if let former = best, table[former].name.count >= folded.count { continue }
      best = index
    }
    guard let best else { return abbreviation(name) }
    return Match(index: best, isLoose: true)
  }

  /// ckpool compares no more than these (its stratifier.c, parse_method).
  private static func abbreviation(_ name: PackedName) -> Match? {
    for (prefix, method) in abbreviations where name.hasPrefix(prefix) {
      guard let index = table.firstIndex(where: { $0.name == method }) else { continue }
      return Match(index: index, isLoose: true)
    }
    return nil
  }

  private static let abbreviations = [
    (PackedName("mining.auth"), PackedName("mining.authorize")),
    (PackedName("mining.suggest"), PackedName("mining.suggest_difficulty")),
    (PackedName("mining.get"), PackedName("mining.get_transactions")),
  ]

  /// The busiest first: they are found by going through it.
  static let table: [Entry] = [
    Entry("mining.submit", .submit, .client, matchesPrefix: true),
    Entry("mining.notify", .notify, .server, matchesPrefix: true),
    Entry("mining.set_difficulty", .setDifficulty, .server, matchesPrefix: true),
    Entry("submit", .cryptoNoteSubmit, .client),
    Entry("job", .job, .server),
    Entry("keepalived", .other, .client),
    Entry("eth_getWork", .ethGetWork, .client),
    Entry("eth_submitWork", .ethSubmit, .client),
    Entry("eth_submitHashrate", .other, .client),

    Entry("mining.subscribe", .subscribe, .client, matchesPrefix: true),
    Entry("mining.authorize", .authorize, .client, matchesPrefix: true),
    Entry("mining.configure", .configure, .client, matchesPrefix: true),
    Entry("mining.suggest_difficulty", .other, .client, matchesPrefix: true),
    Entry("mining.suggest_target", .other, .client, matchesPrefix: true),
    Entry("mining.extranonce.subscribe", .other, .client, matchesPrefix: true),
    Entry("mining.multi_version", .other, .either),
    Entry("mining.get_transactions", .other, .client),
    Entry("mining.get_txnhashes", .other, .client),
    Entry("mining.ping", .other, .either, matchesPrefix: true),
    Entry("mining.pong", .other, .either),
    Entry("ping", .other, .either),
    Entry("pong", .other, .either),
    Entry("mining.term", .other, .client),
    Entry("mining.capabilities", .other, .client),
    Entry("agent.get_capabilities", .other, .client),
    Entry("mining.get_upstream", .other, .client),

    Entry("mining.set_extranonce", .setExtranonce, .server, matchesPrefix: true),
    Entry("mining.set_version_mask", .setVersionMask, .server, matchesPrefix: true),
    Entry("client.reconnect", .reconnect, .server, matchesPrefix: true),
    Entry("client.get_version", .other, .server, matchesPrefix: true),
    Entry("client.show_message", .showMessage, .server, matchesPrefix: true),

    Entry("mining.passthrough", .notForMiners, .client, matchesPrefix: true),
    Entry("mining.node", .notForMiners, .client, matchesPrefix: true),
    Entry("mining.remote", .notForMiners, .client, matchesPrefix: true),
    Entry("client.add_peers", .notForMiners, .server),
    Entry("mining.get_hashrate", .notForMiners, .server),
    Entry("mining.get_temperature", .notForMiners, .server),

    Entry("mining.set_target", .setTarget, .server),
    Entry("set_extranonce", .kaspaSetExtranonce, .server),
    Entry("mining.hello", .hello, .client),
    Entry("mining.noop", .other, .client),
    Entry("mining.bye", .other, .either),
    Entry("mining.set", .other, .server),
    Entry("mining.hashrate", .other, .client),
    Entry("eth_submitLogin", .ethLogin, .client),
    Entry("eth_login", .ethLogin, .client),
    Entry("login", .login, .client),
    Entry("getjob", .other, .client),
    Entry("getjobtemplate", .grinJobRequest, .client),
    Entry("solution", .beamSubmit, .client),
    Entry("result", .other, .server),
    Entry("keepalive", .other, .client),
    Entry("status", .other, .client),

    // Our own names for BTCAgent's frames, which have none. No message is looked up here.
    Entry("btcagent.register", .agentRegister, .client),
    Entry("btcagent.submit", .agentSubmit, .client),
    Entry("btcagent", .agentOther, .either),
  ]

  /// The rows that a message's method is looked up in.
  private static var spoken: Range<Int> { 0..<table.count - rowsOfFrames }
  private static var rowsOfFrames: Int { 3 }

  /// How each row of ``table`` is written: made once, since a name is packed and an observation wants it as text.
  static let spellings = table.map(\.name.text)

  /// A copy of the table.
  static func flatTable() -> Slab<Entry> {
    var rows = Slab<Entry>(count: table.count)
    for (index, entry) in table.enumerated() { rows[index] = entry }
    return rows
  }

  /// The row of a frame's method.
  static func row(ofFrame method: StratumMethod) -> Int {
    switch method {
    case .agentRegister: table.count - 3
    case .agentSubmit: table.count - 2
    default: table.count - 1
    }
  }
}
