import Capture
import Decode
import Policy
import Protocols
import Rules

/// Who opens connections to the miners of a site.
struct CallerSurvey {
  struct Caller {
    var miners: Set<IPAddress> = []
    var ports: Set<String> = []
    var isMiner = false
  }

  private(set) var callers: [IPAddress: Caller] = [:]

  /// Only callers that were answered: a try reaches nobody.
  init(_ site: LearnedSite) {
    for (kind, tally) in site.learner.flows
    where site.miners.contains(kind.server) && tally.bytesToClient > 0 && !kind.client.isLinkLocal {
      // ICMP errors and the like are no calls.
      guard [IPProtocol.tcp, IPProtocol.udp].contains(kind.ipProtocol), !kind.client.isUnspecified else { continue }
      let port = Policy.PortMatch(ipProtocol: kind.ipProtocol, ports: kind.port...kind.port).description
      callers[kind.client, default: Caller()].miners.insert(kind.server)
      callers[kind.client]?.ports.insert(port)
      callers[kind.client]?.isMiner = site.miners.contains(kind.client)
    }
  }
}

extension Proposal {
  mutating func propose(_ survey: CallerSurvey) {
    let most = survey.callers.values.map(\.miners.count).max() ?? 0
    for (address, caller) in survey.callers.sorted(by: { $0.key < $1.key }) {
      let ports = caller.ports.sorted().prefix(8).joined(separator: ", ")
      let what = "\(counted(caller.miners.count, "miner")) at \(ports)"
      if caller.isMiner {
        odd.append("\(address), a miner, opened connections to \(what)")
      } else if !address.isPrivate {
        odd.append("\(address), which is outside the site, opened connections to \(what)")
      } else if Self.isAlone(caller.miners.count, beside: max(most, minerCount)) {
        odd.append("\(address) opened connections to \(what), and to no other miner")
      } else {
        managers.append(Entry(value: address.description, note: "opened connections to \(what)"))
      }
    }
  }
}
