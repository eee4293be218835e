import Simulator

extension NearMiss {
  static let behaviour: [NearMiss] = [
    // Fewer than anybody would call many.
    NearMiss(of: "fleet.coordinated-switch") { stage in
      stage.crowd(of: 3) { stage, _ in
        var second = stage.working(for: .seconds(240), to: .backupPool)
        second.clientPort = 41_001
        var tape = stage.play(stage.working(for: .seconds(240)))
        tape.append(stage.play(second, after: .seconds(250)))
        return tape
      }
    },
    // A pool that does not answer for long is tried again and again; a stranger that is visited now and then is no clock.
    NearMiss(of: "behaviour.beacon") { stage in
      var tape = Tape()
      for call in 0..<40 {
        var retry = stage.hello(to: HealthySite.pool, port: HealthySite.port)
        (retry.clientPort, retry.start) = (UInt16(42_000 + call), .unanswered)
        tape.append(stage.play(retry, after: .seconds(60 * call)))
        var visit = stage.hello(to: .stranger, port: 8080)
        (visit.clientPort, visit.finish) = (UInt16(43_000 + call), .finish)
        tape.append(stage.play(visit, after: .seconds(30 * call + call * call * 31 % 1_400)))
      }
      return tape.sorted()
    },
    // What comes in is another matter, and so is an hour of shares.
    NearMiss(of: "behaviour.exfiltration") { stage in
      var download = stage.hello(to: Host("198.51.100.200"), port: 443)
      download.turns.append(.serverBytes(Array(repeating: 0x5a, count: 2_000_000)))
      var tape = stage.play(download)
      tape.append(stage.play(stage.working(for: .seconds(4_000))))
      return tape.sorted()
    },
    // All fetch from the mirror that the policy allows, and four look at something else.
    NearMiss(of: "behaviour.new-destination-wave") { stage in
      stage.crowd(of: 12, from: 0) { stage, number in
        var tape = stage.play(stage.hello(to: .stranger, port: 8080), after: .seconds(number < 4 ? 700 : 0))
        tape.append(stage.play(stage.hello(to: Host("198.51.100.200"), port: 443), after: .seconds(700)))
        return tape
      }
    },
  ]
}
