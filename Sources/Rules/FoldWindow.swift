import Capture
import Decode

/// What makes findings one story.
enum FoldKey: Hashable, Sendable {
  /// The same thing again.
  case same(rule: Int, miner: IPAddress?, subject: String)
  /// The same thing by many miners.
  case crowd(rule: Int, subject: String)
  /// Many things of one kind by the same miner.
  case spread(rule: Int, miner: IPAddress)
  /// Many things of one kind.
  case storm(rule: Int)

  /// Findings that are written one by one before the rest is counted: a scan still shows a hundred hosts, and who invents both
  /// miners and subjects cannot fill the disk.
  var limit: Int {
    switch self {
    case .same: 1
    case .crowd: 10
    case .spread: 100
    case .storm: 1_000
    }
  }

  /// Whether it tells how many miners there were.
  var isOfMiners: Bool {
    switch self {
    case .same, .spread: false
    case .crowd, .storm: true
    }
  }
}

/// A stretch of time in which findings are counted instead of written.
struct FoldWindow: Sendable {
  /// How many miners or subjects a finding about many gives as examples.
  static let exampleLimit = 10

  let opened: Timestamp
  /// What is told when the window closes: the first of the gravest, for a window about many of those that were not written alone.
  private var finding: Finding?
  /// Findings that `finding` stands for.
  private var count: UInt64 = 0
  /// `count` and the level when it was last written.
  private var told: UInt64 = 0
  private var toldLevel: Level?
  /// How often more what it tells is undone and told anew; then it is only counted, as a link that flaps.
  private var tellings = FoldWindow.exampleLimit
  /// Findings of a window about many that were written alone.
  private(set) var singles = 0
  /// Miners of a crowd or a storm that were not written alone.
  private(set) var miners: Set<IPAddress> = []
  private var someMiners: [IPAddress] = []
  private var someSubjects: [String] = []

  /// For what was just written and may come again.
  init(opened: Timestamp, written finding: Finding) {
    self.opened = opened
    self.finding = finding
    count = finding.count
    told = finding.count
    toldLevel = finding.level
  }

  /// For a window about many, in which one finding was just written alone.
  init(opened: Timestamp) {
    self.opened = opened
    singles = 1
  }

  /// Whether to write it at once: it was never written or has been undone since, or what came since is graver than what was.
  var isDue: Bool {
    guard let finding, let toldLevel else { return finding != nil }
    return finding.level < toldLevel
  }

  /// What it tells is no longer so: if it comes again, that is news.
  mutating func undo() {
    guard tellings > 0 else { return }
    tellings -= 1
    toldLevel = nil
  }

  mutating func wroteAlone() {
    singles += 1
  }

  /// Counts a finding in.
  ///
  /// - Parameter rememberMiner: keep its miner, so that it counts as one miner however often it comes.
  /// - Returns: whether the miner is a new one that is now remembered.
  @discardableResult
  mutating func add(_ new: Finding, rememberMiner: Bool = false) -> Bool {
    let (firstSeen, lastSeen) = (finding?.firstSeen ?? new.firstSeen, finding?.lastSeen ?? new.lastSeen)
    if finding.map({ new.level < $0.level }) ?? true { finding = new }
    finding?.firstSeen = min(firstSeen, new.firstSeen)
    finding?.lastSeen = max(lastSeen, new.lastSeen)
    count &+= new.count
    if someSubjects.count < Self.exampleLimit, !someSubjects.contains(new.subject) { someSubjects.append(new.subject) }
    guard rememberMiner, let miner = new.miner?.address, miners.insert(miner).inserted else { return false }
    if someMiners.count < Self.exampleLimit { someMiners.append(miner) }
    return true
  }

  /// The finding with what it stands for; nil when nothing came since it was last written.
  mutating func report(as key: FoldKey) -> Finding? {
    guard var finding, count > told else { return nil }
    told = count
    toldLevel = finding.level
    finding.count = count
    finding.time = finding.lastSeen
    switch key {
    case .same: break
    case .crowd: tellCrowd(in: &finding)
    case .spread: tellSpread(in: &finding)
    case .storm: tellStorm(in: &finding)
    }
    return finding
  }

  private func tellCrowd(in finding: inout Finding) {
    let all = singles + miners.count
    finding.miner = nil
    finding.miners = Finding.Crowd(count: all, some: someMiners)
    finding.message =
      "\(all) miners did the same; the first \(singles) were told one by one. One more: \(finding.message)"
    finding.brief = "\(finding.brief) (\(all) miners, the first \(singles) told one by one)"
  }

  private func tellSpread(in finding: inout Finding) {
    finding.message =
      "The same miner did \(count) more things of this kind; the first \(singles) were told one by one. "
      + "One more: \(finding.message)"
    finding.brief = "\(finding.brief) (\(count) more of this kind, the first \(singles) told one by one)"
    finding.facts.append(("examples", .list(someSubjects)))
  }

  private func tellStorm(in finding: inout Finding) {
    let who = miners.isEmpty ? "" : " by \(counted(miners.count, "miner"))"
    if !miners.isEmpty {
      finding.miner = nil
      finding.miners = Finding.Crowd(count: miners.count, some: someMiners)
    }
    finding.message =
      "\(count) more of this rule\(who), of many kinds; the first \(singles) were told one by one. "
      + "One more: \(finding.message)"
    finding.brief = "\(finding.brief) (\(count) more\(who), the first \(singles) told one by one)"
    finding.facts.append(("examples", .list(someSubjects)))
  }
}
