import Decode
import Flows
import Protocols
import Testing

import struct Simulator.SplitMix64

@testable import Rules

struct AnalystPropertyTests {
  static let hosts = [
    miner, "10.20.0.6", "10.20.255.255", manager, resolver, goodPool, securePool, stranger, "198.51.100.3",
    "198.51.100.20",
    "203.0.113.200", "224.0.0.251", "255.255.255.255", "0.0.0.0", "fe80::1", "fd00:20::5", "ff02::1", "2001:db8::1",
  ]
  static let ports: [UInt16] = [0, 25, 53, 67, 80, 123, 443, 3333, 3336, 7000, 65_535]
  static let destinationRules: Set<String> = [
    "pool.unlisted", "pool.plaintext", "pool.not-stratum", "destination.unlisted", "destination.indicator",
    "destination.inbound", "miner.lateral", "control.access", "dns.unlisted-resolver", "ntp.unlisted",
  ]

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a flow gets one destination verdict at the most, whatever it is`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var analyst = Analyst(policy: try policy("alerts: {repeat: 1ms}"), startTime: watchBegins)
    for observation in morning { analyst.observe(observation) }
    var verdicts: [UInt64: [String]] = [:]
    for number in 0..<3_000 {
      let flow = randomFlow(UInt64(number), &random)
      let identity = AppProtocol.allCases.randomElement(using: &random) ?? .unknown
      var story = [flow.carries(identity)]
      // What is silent may still turn out to mine, which is a verdict of its own.
      if identity == .stratum { story.append(flow.stratum(.introduced, user: Bool.random(using: &random) ? "m" : nil)) }
      story.append(
        flow.ended(identity, answered: .random(using: &random), bytes: .random(in: 0...10_000, using: &random)))
      if Bool.random(using: &random) { story = [flow.ended(answered: .random(using: &random))] }
      for observation in story { analyst.observe(observation) }
      for finding in analyst.takeFindings()
      where Self.destinationRules.contains(finding.rule.name) && finding.count == 1 {
        verdicts[finding.flow?.id ?? .max, default: []].append(finding.rule.name)
      }
    }
    analyst.finish()
    #expect(verdicts.count > 400, "seed \(seed)")
    let doubles = verdicts.filter { $0.value.count > 1 }
    #expect(doubles.isEmpty, "seed \(seed): \(doubles)")
  }

  private func randomFlow(_ number: UInt64, _ random: inout SplitMix64) -> FlowFacts {
    let pick = { (random: inout SplitMix64) in Self.hosts.randomElement(using: &random) ?? miner }
    let bases: [DirectionBasis] = [.guess, .port, .content, .handshake]
    var tunnel = Tunnel()
    if Int.random(in: 0..<4, using: &random) == 0 {
      tunnel.kind = [.gre, .erspan, .vxlan, .ip].randomElement(using: &random) ?? .gre
      tunnel.source = address(pick(&random))
      tunnel.destination = address(pick(&random))
    }
    return flow(
      pick(&random), to: pick(&random), Self.ports.randomElement(using: &random) ?? 0, id: number,
      ipProtocol: ([1, 2, 4, 6, 6, 6, 17, 17, 41, 47, 50, 58, 132, 255] as [UInt8]).randomElement(using: &random) ?? 6,
      icmpType: .random(in: 0...255, using: &random), basis: bases.randomElement(using: &random) ?? .guess,
      sawStart: .random(using: &random), at: 100 + Double(number) / 100, tunnel: tunnel)
  }
}
