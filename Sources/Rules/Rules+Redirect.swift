import Capture
import Policy
import Protocols

extension Rule {
  static let stratumRedirect: Rule = Rule(
    id: 2002, name: "stratum.redirect", level: .critical,
    title: "The pool tells a miner to mine elsewhere", category: "Pool switch",
    rationale: """
      `client.reconnect` (Reconnect in Stratum V2) moves a miner to another host or port without anybody at the site doing \
      anything. It travels in the clear, so whoever sits on the way can say it. Stock firmware follows when the new name ends like the old one; some \
      other firmware follows anywhere. A redirect to a listed endpoint, or to the same place, is routine.
      """,
    advice: """
      See whether the miner followed: a second finding says so. If it did, take it off the network or block the target, then \
      restart its mining. Ask the pool whether the redirect was its own; if not, somebody sits between site and pool.
      """,
    falsePositives: ["A pool that spreads its load over hosts that the policy does not list."],
    techniques: [.adversaryInTheMiddleICS, .adversaryInTheMiddle, .unauthorizedCommandMessage],
    parameters: [.follow], hears: [.mining, .openings],
    settle: { analysis in
      analysis.redirects.expire(at: analysis.now).filter { !$0.isListed }.map(notFollowed)
    }
  ) { observation, analysis in
    if let (flow, event) = analysis.minerSession(observation), case .redirect(let host, let port, _) = event.what {
      return analysis.redirected(flow, event.session, to: host, port, at: observation.time)
    }
    guard !analysis.redirects.isEmpty, observation.opensFlow, let flow = analysis.minerFlow(observation) else {
      return nil
    }
    let names = analysis.bindings.names(of: flow.server.address)
    return analysis.redirects.follow(flow, names: names).map { followed($0, by: flow, analysis) }
  }
}

extension Rule.Parameter {
  static let follow = Rule.Parameter(
    "follow", .duration(.seconds(120)), "How long after a redirect a new connection counts as following it")
}

extension Analysis {
  fileprivate mutating func redirected(
    _ flow: FlowFacts, _ session: StratumSession, to host: String?, _ port: UInt16?, at time: Timestamp
  ) -> Judgement {
    let judgement = Judgement(
      "told to reconnect to the same place",
      message: "The pool at \(server(of: flow)) told the miner to reconnect to the same place.",
      subject: "\(hostAndPort(flow.server)) same", level: .info, fromServer: true, section: "stratum",
      facts: [("dialect", .text(session.dialect.rawValue)), ("method", .text(session.method ?? "client.reconnect"))])

    guard let target = redirectTarget(of: flow, host, port) else { return judgement }
    let isListed = isEndpoint(target)
    let verdict = isListed ? "which is listed" : "which is not allowed"
    judgement.brief = "told to reconnect to \(quoted(target.text)), \(verdict)"
    judgement.message =
      "The pool at \(server(of: flow)) told the miner to reconnect to \(quoted(target.text)), \(verdict); "
      + "watching whether it follows."
    judgement.subject = "\(hostAndPort(flow.server)) to \(target.text)"
    judgement.level = isListed ? .info : nil
    judgement.facts += [("target", .text(target.text)), ("listed", .flag(isListed))]
    let window = duration(.follow, of: .stratumRedirect)
    redirects.wait(for: .init(target: target, isListed: isListed, flow: flow, time: time, window: window))
    return judgement
  }

  /// Where a redirect leads; nil when to the same place again.
  private func redirectTarget(of flow: FlowFacts, _ host: String?, _ port: UInt16?) -> RedirectTarget? {
    let port = port ?? flow.server.port
    let host = host.flatMap { $0.isEmpty ? nil : $0 }
    let target =
      host.map { RedirectTarget(host: $0, port: port) } ?? RedirectTarget(address: flow.server.address, port: port)
    return target.isAt(flow.server, names: bindings.names(of: flow.server.address)) ? nil : target
  }

  private func isEndpoint(_ target: RedirectTarget) -> Bool {
    switch target.host {
    case .name(let name):
      return policy.pools.contains { $0.endpoints.contains { $0.host == .name(name) && $0.port == target.port } }
    case .address(let address):
      if case .endpoint = policy.pool(at: address, port: target.port, bindings) { return true }
      return false
    }
  }
}

/// What the finding says when a miner goes where it was told.
private func followed(
  _ redirect: PendingRedirects.Redirect, by flow: FlowFacts, _ analysis: borrowing Analysis
) -> Judgement {
  let target = quoted(redirect.target.text)
  return Judgement(
    "followed the redirect to \(target)",
    message: "The miner followed the redirect from \(hostAndPort(redirect.flow.server)) and opened a connection to "
      + "\(target).",
    subject: "\(hostAndPort(redirect.flow.server)) to \(redirect.target.text) followed",
    level: redirect.isListed ? .info : nil, section: "stratum",
    facts: [
      ("method", .text("client.reconnect")), ("target", .text(redirect.target.text)),
      ("listed", .flag(redirect.isListed)), ("followed", .flag(true)),
    ])
}

private func notFollowed(_ redirect: PendingRedirects.Redirect) -> Judgement {
  let target = quoted(redirect.target.text)
  return Judgement(
    "did not follow the redirect to \(target) within \(redirect.window.shortText)",
    message: "The miner did not follow the redirect from \(hostAndPort(redirect.flow.server)) to \(target) within "
      + "\(redirect.window.shortText).",
    subject: "\(hostAndPort(redirect.flow.server)) to \(redirect.target.text) ignored",
    time: redirect.time.advanced(by: redirect.window), flow: redirect.flow, fromServer: true, section: "stratum",
    facts: [
      ("method", .text("client.reconnect")), ("target", .text(redirect.target.text)),
      ("listed", .flag(redirect.isListed)), ("followed", .flag(false)),
    ])
}

extension Observation {
  /// Whether this is the first that the analyst hears of a flow.
  var opensFlow: Bool {
    Hearing.openings.contains(hearing)
  }
}
