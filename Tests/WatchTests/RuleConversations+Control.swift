import Simulator

extension NearMiss {
  static let control: [NearMiss] = [
    NearMiss(of: "control.command") { $0.play($0.command(#"{"command":"summary+pools"}"#, says: "Summary")) },
    NearMiss(of: "control.access") { $0.play($0.command(#"{"command":"summary+pools"}"#, says: "Summary")) },
    NearMiss(of: "control.scan") { stage in
      var tape = Tape()
      for index in 0..<40 {
        var probe = Conversation(
          from: .manager, clientPort: 53_000 + UInt16(index), to: HealthySite.miner(index), port: 4028, turns: [])
        probe.start = .unanswered
        tape.append(stage.play(probe, after: .milliseconds(100 * index)))
      }
      return tape
    },
    NearMiss(of: "miner.lateral") { $0.play($0.lookup("stratum.example-pool.com", gives: HealthySite.pool)) },
    NearMiss(of: "control.miner-as-server") { $0.play($0.hello(to: $0.miner, port: 22, from: .manager)) },
  ]
}
