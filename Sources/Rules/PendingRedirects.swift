package import Capture
package import Decode
package import Protocols

/// Where miners were told to go, until it is known whether they went.
package struct PendingRedirects: Sendable {
  package struct Redirect: Sendable {
    package var target: RedirectTarget
    package var isListed: Bool
    /// The session in which it was said, for the finding that nothing came of it.
    package var flow: FlowFacts
    package var time: Timestamp
    /// How long a miner may take to follow.
    package var window: Duration

    /// A connection is told of only when it was identified, so the window stays open that much longer. The connection
    /// itself must still have begun inside it.
    package var decided: Timestamp { time.advanced(by: window).advanced(by: .seconds(15)) }
  }

  private var byMiner: [IPAddress: [Redirect]] = [:]
  /// In the order in which they were said; some may be settled already.
  private var turns = Queue<Turn>()
  /// Miners that followed, and miners that did not, in all.
  package private(set) var followed: UInt64 = 0
  package private(set) var ignored: UInt64 = 0
  /// Redirects that could not be waited for.
  private(set) var overflow: UInt64 = 0

  private struct Turn: Sendable {
    var miner: IPAddress
    var time: Timestamp
  }

  package init() {}

  /// Waits for the miner of `redirect`; the same target again is waited for anew.
  mutating func wait(for redirect: Redirect) {
    let miner = redirect.flow.client.address
    var own = byMiner[miner] ?? []
    own.removeAll { $0.target == redirect.target }
    guard own.count < Limits.redirectsPerMiner, turns.count < Limits.heldJudgements else {
      overflow &+= 1
      return
    }
    own.append(redirect)
    byMiner[miner] = own
    turns.append(Turn(miner: miner, time: redirect.time))
  }

  /// The redirect that a miner follows by opening this flow; it is then no longer waited for.
  mutating func follow(_ flow: FlowFacts, names: [String]) -> Redirect? {
    guard var own = byMiner[flow.client.address] else { return nil }
    let match = own.firstIndex { redirect in
      flow.id != redirect.flow.id && redirect.target.isAt(flow.server, names: names)
        && flow.firstSeen >= redirect.time && flow.firstSeen <= redirect.time.advanced(by: redirect.window)
    }
    guard let match else { return nil }
    let redirect = own.remove(at: match)
    byMiner[flow.client.address] = own.isEmpty ? nil : own
    followed &+= 1
    return redirect
  }

  /// No miner was told to go anywhere, of late.
  var isEmpty: Bool { byMiner.isEmpty }

  /// Redirects that nobody followed in time, in the order in which they were said.
  mutating func expire(at now: Timestamp) -> [Redirect] {
    var expired: [Redirect] = []
    while let turn = turns.first {
      // What the miner followed, or was told again, is no longer there when its turn comes.
      if var own = byMiner[turn.miner], let index = own.firstIndex(where: { $0.time == turn.time }) {
        guard own[index].decided <= now else { break }
        expired.append(own.remove(at: index))
        ignored &+= 1
        byMiner[turn.miner] = own.isEmpty ? nil : own
      }
      _ = turns.popFirst()
    }
    return expired
  }
}

extension PendingRedirects {
  /// Waits for nothing any more: time was set back, so nobody can say what happened inside a window.
  mutating func forget() {
    byMiner = [:]
    turns = Queue()
  }
}

/// Where a redirect leads.
package struct RedirectTarget: Hashable, Sendable {
  package enum Host: Hashable, Sendable {
    /// Lower case, no trailing dot.
    case name(String)
    case address(IPAddress)
  }

  package var host: Host
  package var port: UInt16

  /// - Parameter host: as it came. Only what a resolver would make of it counts: not case, not a trailing dot.
  package init(host: String, port: UInt16) {
    if let address = IPAddress(host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host)
    {
      self.host = .address(address)
    } else {
      let name = host.lowercased()
      self.host = .name(name.hasSuffix(".") ? String(name.dropLast()) : name)
    }
    self.port = port
  }

  package init(address: IPAddress, port: UInt16) {
    host = .address(address)
    self.port = port
  }

  /// Whether it is this endpoint, which answers to these names.
  package func isAt(_ endpoint: Endpoint, names: [String]) -> Bool {
    guard endpoint.port == port else { return false }
    switch host {
    case .name(let name): return names.contains(name)
    case .address(let address): return address == endpoint.address
    }
  }

  var text: String {
    switch host {
    case .name(let name): "\(name):\(port)"
    case .address(let address): hostAndPort(address, port)
    }
  }
}
