import Simulator

extension NearMiss {
  static let stratum: [NearMiss] = [
    NearMiss(of: "stratum.account-unlisted") { $0.play($0.mining(user: "acme.mallory")) },
    NearMiss(of: "stratum.redirect") {
      $0.play($0.mining(extra: [.notification("client.show_message", #"["client.reconnect"]"#)]))
    },
    NearMiss(of: "stratum.unexpected-method") { $0.play($0.mining(extra: [.notification("mining.ping")])) },
    NearMiss(of: "stratum.out-of-order") { stage in
      var joined = stage.mining()
      joined.start = .middle
      return stage.play(joined)
    },
    NearMiss(of: "stratum.malformed") { $0.play($0.mining(extra: [.server("  \t")])) },
    NearMiss(of: "stratum.show-message") { $0.play($0.mining(extra: [.notification("client.get_version")])) },
    NearMiss(of: "stratum.injected") {
      let line = StratumLines.notify(job: "77aa", branches: 0)
      return $0.play($0.mining(extra: [.server(line), .serverRepeats(instead: line)]))
    },
  ]
}
