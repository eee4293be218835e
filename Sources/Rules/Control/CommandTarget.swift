import Capture
import Decode
import Policy

/// Where a command sends a miner, and whether the policy has it so.
struct CommandTarget: Sendable {
  /// Pool URLs and users as said, each with whether the policy allows it.
  var pools: [(text: String, isAllowed: Bool)] = []
  var users: [(text: String, isAllowed: Bool)] = []

  var isAllowed: Bool { pools.allSatisfy(\.isAllowed) && users.allSatisfy(\.isAllowed) }

  /// `pool "stratum+tcp://evil:3333" (not allowed), user "x" (not allowed)`.
  var words: [String] {
    pools.map { Self.words("pool", $0) } + users.map { Self.words("user", $0) }
  }

  private static func words(_ noun: String, _ one: (text: String, isAllowed: Bool)) -> String {
    "\(noun) \(quoted(one.text)) (\(one.isAllowed ? "allowed" : "not allowed"))"
  }
}

extension Analysis {
  func target(of command: MinerCommand) -> CommandTarget {
    var target = CommandTarget()
    guard command.classes.contains(.pool) else { return target }
    var pools: [Pool] = []
    for url in command.values(of: .url) where !url.isEmpty {
      let pool = RedirectTarget(url: url).flatMap { allowedPool(at: $0) }
      if let pool { pools.append(pool) }
      target.pools.append((url, pool != nil))
    }
    // A user goes with the allowed pools of the same command; without one, with any pool that says who may be paid.
    let candidates = pools.isEmpty ? policy.pools.filter { $0.accounts != nil } : pools
    for user in command.values(of: .user) where !user.isEmpty {
      let isAllowed = candidates.isEmpty || candidates.contains { $0.accounts?.contains { $0.matches(user) } ?? true }
      target.users.append((user, isAllowed))
    }
    return target
  }

  private func allowedPool(at target: RedirectTarget) -> Pool? {
    switch target.host {
    case .name(let name):
      return policy.pools.first { $0.endpoints.contains { $0.host == .name(name) && $0.port == target.port } }
    case .address(let address):
      if case .endpoint(let pool, _) = policy.pool(at: address, port: target.port, bindings) { return pool }
      return nil
    }
  }
}

extension RedirectTarget {
  /// A pool's URL as miners take it: the scheme may be missing, and so may the port. Nil where no host can be made out.
  init?(url: String) {
    var rest = url[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    rest = rest.prefix { $0 != "/" && $0 != "#" && $0 != "?" }
    if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
    var (host, port) = (rest, UInt16(3_333))
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
      guard let number = UInt16(rest[rest.index(after: colon)...]) else { return nil }
      (host, port) = (rest[..<colon], number)
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }
}

/// When a command is to take effect, where it says so: `1:1790000000` of Avalon's `softoff`, in Unix seconds.
func effectiveTime(of command: MinerCommand) -> Timestamp? {
  for value in command.values(of: .time) {
    let digits = value.split(separator: ":").last ?? ""
    // Ten digits are the years 2001 to 2286.
    if digits.utf8.count == 10, let seconds = Int64(digits), seconds > 0 { return Timestamp(seconds: seconds) }
  }
  return nil
}
