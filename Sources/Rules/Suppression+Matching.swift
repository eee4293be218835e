import Decode
import Policy
import Protocols

extension Policy.Suppression {
  /// Whether it hides a finding: every field that is set must match, and its time must not be over.
  func hides(_ finding: Finding, _ bindings: Bindings) -> Bool {
    if let until, finding.time >= until { return false }
    if let rule, rule != finding.rule.name { return false }
    if let miner {
      guard let address = finding.miner?.address, miner.contains(address) else { return false }
    }
    guard let destination else { return true }
    if let address = finding.destinationAddress, destination.contains(address, bindings) { return true }
    return finding.destinationName.map { destination.contains(name: $0) } ?? false
  }

  /// How the counters name it.
  package var label: String {
    let rule = rule ?? "any rule"
    return reason.isEmpty ? rule : "\(rule): \(reason)"
  }
}

extension Finding {
  /// The end of the flow that is not the miner.
  var destinationAddress: IPAddress? {
    guard let flow else { return nil }
    return flow.server.address == miner?.address ? flow.client.address : flow.server.address
  }
}
