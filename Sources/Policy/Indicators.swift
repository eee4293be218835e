package import Decode

/// Names, addresses, ranges, ports and pool users that no miner should ever have to do with.
///
/// It answers what the lists say and nothing else. What the policy itself explains is not to be held against a miner:
/// ``Policy/indicator(name:)`` and ``Policy/indicator(at:port:ipProtocol:_:)`` weigh both.
package struct Indicators: Sendable {
  package struct Match: Equatable, Sendable {
    /// As the list has it: `auth.minerlink.com`.
    package var value: String
    /// What it is, from the list: "Antbleed's phone-home".
    package var note: String

    package init(value: String, note: String) {
      self.value = value
      self.note = note
    }
  }

  /// What one line of a list names.
  enum Subject: Hashable {
    case name(String)
    case nameAndPort(String, UInt16)
    case prefix(Prefix)
    case addressAndPort(IPAddress, UInt16)
    case port(UInt16)
    /// Of a pool, as logged in with.
    case user(String)
  }

  private var matches: [Subject: Match] = [:]
  /// Lengths of the listed ranges, longest first: at most 129 look-ups for an address.
  private var lengths: [Int] = []
  private var hasNames = false
  /// From when to when its lines are, as far as they say.
  package private(set) var dates = DataSpan()

  package init() {}

  package var isEmpty: Bool { matches.isEmpty }
  package var count: Int { matches.count }

  /// What the lists say, by what they name: to compare two policies.
  var byLabel: [String: Match] {
    Dictionary(
      matches.map { subject, match in
        if case .user = subject { return ("user \(match.value)", match) }
        return (match.value, match)
      }
    ) { first, _ in first }
  }

  /// The first line that names a subject stands.
  ///
  /// - Parameter date: when the line was true, where it says so.
  mutating func add(_ subject: Subject, _ match: Match, date: DataDate? = nil) {
    guard matches[subject] == nil else { return }
    if let date { dates.include(date) }
    matches[subject] = match
    switch subject {
    case .prefix(let prefix) where !lengths.contains(prefix.length):
      lengths.append(prefix.length)
      lengths.sort(by: >)
    case .name, .nameAndPort: hasNames = true
    default: break
    }
  }

  /// The most exact line for a destination: address and port, then the smallest range, then the port alone.
  ///
  /// - Parameter port: the server's; 0 for protocols without ports.
  package func match(address: IPAddress, port: UInt16) -> Match? {
    guard !matches.isEmpty else { return nil }
    if let match = matches[.addressAndPort(address, port)] { return match }
    for length in lengths {
      let prefix = Prefix(containing: address, length: length)
      // `::/0` and its like mean IPv6 alone, as in `PrefixSet`.
      if address.isIPv4, length < 96 { break }
      if let match = matches[.prefix(prefix)] { return match }
    }
    return matches[.port(port)]
  }

  /// - Parameter name: lower case, without trailing dot. A listed name covers what is below it. One that is listed with
  ///   a port does not count here: asking for a name is not yet going to that port.
  package func match(name: String) -> Match? {
    lookUp(name) { matches[.name($0)] }
  }

  /// Like ``match(name:)`` for a session to `port` of the name, so that lines with both count too.
  package func match(name: String, port: UInt16) -> Match? {
    lookUp(name) { matches[.nameAndPort($0, port)] ?? matches[.name($0)] }
  }

  /// - Parameter user: as logged in with. A listed user stands for all of its workers: what follows a dot.
  package func match(user: String) -> Match? {
    if let match = matches[.user(user)] { return match }
    for dot in user.indices.reversed() where user[dot] == "." {
      if let match = matches[.user(String(user[..<dot]))] { return match }
    }
    return nil
  }

  private func lookUp(_ name: String, _ match: (String) -> Match?) -> Match? {
    guard hasNames, name.utf8.count <= HostName.lengthLimit else { return nil }
    if let match = match(name) { return match }
    for parent in HostName.parents(of: name) {
      if let match = match(String(parent)) { return match }
    }
    return nil
  }
}
