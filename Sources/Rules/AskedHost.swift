import Decode
import Policy
import Protocols

/// A host that a miner asks another host for: a proxy, or a server with several names.
struct AskedHost: Equatable, Sendable {
  /// In lower case, without a dot at the end; or an address.
  let name: String
  /// Where it was said.
  let port: UInt16?

  init?(_ wrapper: Wrapper) {
    guard let host = wrapper.host else { return nil }
    self.init(name: host, port: wrapper.port)
  }

  /// What stands between `//` and the next slash of a URI, or in `Host` (RFC 3986 §3.2, RFC 9112 §3.2): `[user@]host[:port]`.
  init?(authority: some StringProtocol) {
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last.map { $0[...] } ?? ""
    if host.first == "[" {
      let parts = host.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      self.init(name: parts[0], port: UInt16(parts[1].drop { $0 == ":" }))
    } else {
      let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      self.init(name: parts.first ?? "", port: parts.count == 2 ? UInt16(parts[1]) : nil)
    }
  }

  private init?(name: some StringProtocol, port: UInt16?) {
    let bare = name.hasSuffix(".") ? String(name.dropLast()) : String(name)
    guard !bare.isEmpty else { return nil }
    self.name = bare.lowercased()
    self.port = port
  }
}

extension HTTPRequest {
  /// The hosts that it is for: by its target, where it is sent to a proxy, and by `Host`. They may differ.
  fileprivate var askedHosts: [AskedHost] {
    var hosts: [AskedHost] = []
    if method == "CONNECT" {
      if let host = AskedHost(authority: target) { hosts.append(host) }
    } else if target.first != "/", let scheme = target.firstRange(of: "://") {
      if let host = AskedHost(authority: target[scheme.upperBound...].prefix { $0 != "/" }) { hosts.append(host) }
    }
    if let host, let asked = AskedHost(authority: host), !hosts.contains(asked) { hosts.append(asked) }
    return hosts
  }
}

extension Analysis {
  /// The first host that an observation asks for and that is an indicator.
  func askedIndicator(_ observation: Observation, in flow: FlowFacts) -> (host: AskedHost, match: Indicators.Match)? {
    let hosts: [AskedHost] =
      switch observation.content {
      case .wrapped(let wrapper): AskedHost(wrapper).map { [$0] } ?? []
      case .http(.request(let request)): request.askedHosts
      default: []
      }
    for host in hosts {
      if let match = indicator(for: host, in: flow) { return (host, match) }
    }
    return nil
  }

  private func indicator(for host: AskedHost, in flow: FlowFacts) -> Indicators.Match? {
    let port = host.port ?? flow.server.port
    guard let address = IPAddress(host.name) else { return policy.indicator(name: host.name, port: port) }
    return policy.indicator(at: address, port: port, ipProtocol: IPProtocol.tcp, bindings)
  }
}
