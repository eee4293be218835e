import Decode
import Policy
import Protocols

extension Analysis {
  /// What an exemption or an allowance hides is counted, so that it can be shown.
  mutating func countExemption() {
    switch verdict {
    case .exempt(let exemption): count(exemption)
    case .allowed(.allowance(let name)): count(.allowance(name))
    default: break
    }
  }

  /// A judgement with all that a finding has beside it.
  func finding(_ judgement: Judgement, of rule: Rule, on observation: Observation?) -> Finding {
    let flow = judgement.flow ?? observation?.flow
    var finding = Finding(
      rule: rule.reference, level: judgement.level ?? rule.level, time: judgement.time ?? observation?.time ?? now,
      message: judgement.message, brief: judgement.brief, advice: rule.advice, subject: judgement.subject)
    finding.undoes = judgement.undoes
    finding.flow = flow
    finding.fromServer = judgement.fromServer
    finding.application = observation?.application
    finding.section = judgement.section
    finding.facts = judgement.facts
    finding.miners = judgement.miners
    if let session = observation?.tlsSession { finding.tls = facts(of: session) }
    guard let flow else {
      if let endpoint = judgement.miner { finding.miner = miner(endpoint) }
      finding.destinationName = judgement.destinationName
      return finding
    }
    let isClient = isMiner(flow.client.address)
    if judgement.miners == nil { finding.miner = miner(judgement.miner ?? (isClient ? flow.client : flow.server)) }
    let other = isClient ? flow.server : flow.client
    finding.destinationName = judgement.destinationName
    if finding.destinationName == nil { finding.destinationName = name(of: other.address) }
    return finding
  }

  private func miner(_ endpoint: Endpoint) -> Finding.Miner? {
    guard isMiner(endpoint.address) else { return nil }
    let seen = fleet.miners[endpoint.address]
    let mac = endpoint.mac == MACAddress.none ? seen?.mac ?? MACAddress.none : endpoint.mac
    let name = policy.miners.inventory.entry(for: endpoint.address, mac: mac)?.name
    return Finding.Miner(
      address: endpoint.address, mac: mac, name: name, agent: seen?.agent,
      terahashes: fleet.hashrates.rate(of: endpoint.address))
  }
}
