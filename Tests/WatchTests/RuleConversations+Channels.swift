import Capture
import Simulator

extension NearMiss {
  static let channels: [NearMiss] = [
    NearMiss(of: "dns.tunnel") { stage in
      var tape = Tape()
      for number in 0..<20 {
        let lookup = stage.lookup("cdn-\(number % 4)-edge-lhr7.d1a2b3c4e5f6.cdn.example", gives: .stranger)
        tape.append(stage.play(lookup, after: .seconds(number)))
      }
      return tape
    },
    NearMiss(of: "ntp.abuse") { stage in
      var tape = Tape()
      // Three starts with eight questions each, and a clock that is a minute off.
      for start in [0, 90, 180] {
        for round in 0..<8 {
          let time = stage.time.advanced(by: .seconds(start + 2 * round))
          let server = HealthySite.resolver
          for (mode, from, to) in [(UInt8(3), stage.miner, server), (4, server, stage.miner)] {
            let payload = NTPBytes.packet(mode: mode, at: time.advanced(by: .seconds(60)))
            tape.append(FrameBytes.udp(from: from, port: 123, to: to, port: 123, payload: payload), at: time)
          }
        }
      }
      return tape
    },
  ]
}
