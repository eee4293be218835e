import Capture

extension Scenario {
  /// Families 400x: what miners do beside mining, and what many do together.
  static let behaviour: [Scenario] = [
    Scenario(
      "fleet-moves-pool", raises: "fleet.coordinated-switch",
      "Eight miners go over to another pool within seconds, and nothing was wrong with the first",
      tail: .seconds(240), survives: [.middle, .lossy]
    ) { stage in
      stage.crowd(of: 8) { stage, number in
        var first = stage.working(for: .seconds(240))
        first.clientPort = 41_000
        var second = stage.working(for: .seconds(240), to: .backupPool)
        second.clientPort = 41_001
        var tape = stage.play(first)
        tape.append(stage.play(second, after: .seconds(250 + number)))
        return tape
      }
    },
    Scenario(
      "beacon", raises: "behaviour.beacon", also: ["destination.unlisted"],
      "A miner calls the same host outside every minute, and says little",
      survives: [.bytewise, .lossy]
    ) { stage in
      var tape = Tape()
      for call in 0..<10 {
        var conversation = stage.hello(to: .stranger, port: 8080)
        conversation.clientPort = UInt16(42_000 + call)
        conversation.finish = .finish
        tape.append(stage.play(conversation, after: .milliseconds(60_000 * call + call * call % 7 * 400)))
      }
      return tape
    },
    Scenario(
      "carried-out", raises: "behaviour.exfiltration", also: ["destination.unlisted"],
      "A miner sends two megabytes to a host outside", survives: [.lossy]
    ) { stage in
      var conversation = stage.hello(to: .stranger, port: 8080)
      conversation.turns.append(.clientBytes(Array(repeating: 0x5a, count: 2_000_000)))
      conversation.finish = .finish
      return stage.play(conversation)
    },
    Scenario(
      "rush-to-a-stranger", raises: "behaviour.new-destination-wave", also: ["destination.unlisted"],
      "Six miners reach for a host within a minute that none of them had ever been at",
      lead: .seconds(660), tail: .seconds(90),
      // The first minutes of a watch only teach who goes where.
      survives: []
    ) { stage in
      stage.crowd(of: 6, from: 0) { stage, number in
        stage.play(stage.hello(to: .stranger, port: 8080), after: .seconds(7 * number))
      }
    },
  ]
}

extension Stage {
  /// The same happens to so many miners.
  ///
  /// - Parameter first: the number of the first; those from 200 on do nothing else.
  package func crowd(of count: Int, from first: Int = 200, _ traffic: (Stage, Int) -> Tape) -> Tape {
    var tape = Tape()
    for number in 0..<count {
      var stage = self
      stage.miner = HealthySite.miner(first + number)
      tape.append(traffic(stage, number))
    }
    return tape.sorted()
  }
}
