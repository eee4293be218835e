import Decode

/// The names that the server answers to.
///
/// A page of a stranger can have its own name resolve to 127.0.0.1 and so read, through an operator's browser, what listens
/// there ("DNS rebinding"). The browser still sends the stranger's name as the host, and that is refused. An address cannot be
/// turned in this way, so any is fine.
struct HostNames: Sendable {
  private let names: Set<String>

  /// - Parameter names: beside `localhost`; for a server behind a proxy.
  init(_ names: [String]) {
    self.names = Set(names.map { $0.lowercased() } + ["localhost"])
  }

  /// - Parameter authority: the Host header (RFC 9110 §7.2): name or address, and a port or none.
  func answers(to authority: String?) -> Bool {
    guard let authority else { return false }
    var host = authority[...]
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") { host = host[..<colon] }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    return names.contains(host.lowercased()) || IPAddress(String(host)) != nil
  }
}
