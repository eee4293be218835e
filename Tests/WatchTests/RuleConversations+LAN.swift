import Capture
import Decode
import Simulator

extension NearMiss {
  static let lan: [NearMiss] = [
    NearMiss(of: "lan.new-device") { stage in
      let machine = Host("10.20.7.77", mac: MACAddress(rawValue: 0x00e0_4c68_0007))
      return stage.play([LinkFrames.arpRequest(from: machine, for: machine)])
    },
    // A board is exchanged: another link-layer address, and the old one is gone.
    NearMiss(of: "lan.arp-spoof") { stage in
      let board = Host(stage.miner.address, mac: MACAddress(rawValue: 0x00e0_4c68_0008))
      var tape = stage.play([LinkFrames.arpRequest(from: stage.miner, for: stage.miner)])
      for round in 0..<10 {
        let frame = LinkFrames.arpRequest(from: board, for: Household.gateway)
        tape.append(stage.play([frame], after: .seconds(60 + 15 * round)))
      }
      return tape
    },
    NearMiss(of: "lan.rogue-dhcp") { Household.boot($0.miner, at: $0.time) },
    NearMiss(of: "lan.rogue-router") { stage in
      let router = Host(IPAddress(high: 0xfe80_0000_0000_0000, low: 1), mac: Household.gateway.mac)
      let prefix = IPAddress(high: 0x2001_0db8_0001_0000, low: 0)
      let frame = LinkFrames.routerAdvertisement(from: router, prefix: prefix)
      var tape = stage.play([LinkFrames.arpRequest(from: stage.miner, for: Household.gateway), frame])
      tape.append(stage.play([frame], after: .seconds(900)))
      return tape
    },
    // A reboot, and another session with the same agent.
    NearMiss(of: "miner.identity") { stage in
      var tape = stage.play(stage.mining())
      for round in 1..<4 {
        var session = stage.mining()
        session.clientPort = 40_000 + UInt16(round)
        tape.append(stage.play(session, after: .seconds(600 * round)))
      }
      return tape
    },
    NearMiss(of: "destination.identifiers") { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: .manager, port: 8080,
          turns: [.clientBytes(Array(#"{"mac":"02:00:0a:14:00:ca","sn":"NGSB0123A45678"}"#.utf8))]))
    },
  ]
}
