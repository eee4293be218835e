import Capture
import Decode
import Policy
import Protocols
import Rules

/// What a policy may say about a site, as far as it was seen: what many do is proposed, what looks odd is told and left out.
///
/// *Many* is the measure throughout: where three miners or more agree on something, what a single miner does differently is
/// odd. A site too small for that is believed, because there is nothing else to go by.
struct Proposal: Sendable {
  /// A value for the policy, and the comment beside it.
  struct Entry: Equatable, Sendable {
    var value: String
    var note: String
  }

  struct PoolEntry: Sendable {
    var name: String
    var endpoints: [Entry]
    /// Empty where no login was seen.
    var accounts: [Entry]
  }

  struct Allowance: Sendable {
    var name: String
    var host: String
    var ports: [String]
    var note: String
  }

  var networks: [Entry] = []
  var managers: [Entry] = []
  var pools: [PoolEntry] = []
  var dns: [Entry] = []
  var ntp: [Entry] = []
  var dhcp: [Entry] = []
  var allow: [Allowance] = []
  /// One sentence each.
  var odd: [String] = []
  var minerCount = 0

  /// Fleets smaller than this have no majority.
  static let majority = 3

  /// - Parameter policy: who counts as a miner beside those that mine, and what is an indicator.
  init(_ learner: Learner, policy: Policy, minersAreKnown: Bool) {
    let site = LearnedSite(learner, policy: policy, minersAreKnown: minersAreKnown)
    minerCount = site.miners.count
    networks = Self.networks(around: site.miners)
    propose(PoolSurvey(site), policy)
    propose(ServiceSurvey(site))
    propose(CallerSurvey(site))
    tellBystanders(site)
    for (answer, asker) in site.strayAnswers.sorted(by: { ($0.key.name, $0.value) < ($1.key.name, $1.value) }) {
      odd.append("\(asker) alone was told that \"\(answer.name)\" is at \(answer.address)")
    }
  }

  /// Whether something that `count` miners do stands alone beside what `most` do.
  static func isAlone(_ count: Int, beside most: Int) -> Bool {
    count == 1 && most >= majority
  }

  /// A single miner's address, or how many there are.
  static func names(_ miners: Set<IPAddress>) -> String {
    guard miners.count == 1, let miner = miners.first else { return counted(miners.count, "miner") }
    return miner.description
  }

  // MARK: Networks

  /// The subnets of 256 addresses (of 2^64 for IPv6) around the miners, joined where they touch.
  static func subnets(around miners: Set<IPAddress>) -> [Prefix] {
    PrefixSet(miners.map { Prefix(containing: $0, length: $0.isIPv4 ? 120 : 64) }).prefixes
  }

  private static func networks(around miners: Set<IPAddress>) -> [Entry] {
    subnets(around: miners).map { prefix in
      Entry(value: prefix.description, note: counted(miners.count { prefix.contains($0) }, "miner"))
    }
  }

  private mutating func tellBystanders(_ site: LearnedSite) {
    let networks = PrefixSet(networks.compactMap { try? Prefix(parsing: $0.value) })
    let known = Set((managers + dns + ntp + dhcp).map(\.value))
    let bystanders = site.hosts.filter {
      networks.contains($0) && !site.miners.contains($0) && !known.contains($0.description)
    }
    for host in bystanders.sorted() {
      odd.append(
        "\(host) is inside the miners' networks and never mined: list it under managers or services, or move it")
    }
  }
}
