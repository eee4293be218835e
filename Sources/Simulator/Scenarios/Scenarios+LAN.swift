import Capture
import Decode

extension Scenario {
  /// Family 50xx and who a miner is: what goes on in the miner network itself. Frames, so there is nothing to cut.
  static let lan: [Scenario] = [
    Scenario(
      "new-machine", raises: "lan.new-device",
      "A machine that nobody knows is plugged into the miner network", lead: .seconds(660), survives: []
    ) { stage in
      let machine = Host("10.20.7.77", mac: MACAddress(rawValue: 0x00e0_4c68_0007))
      return stage.play([
        LinkFrames.arpRequest(from: Host("0.0.0.0", mac: machine.mac), for: machine),
        LinkFrames.arpRequest(from: machine, for: machine),
        LinkFrames.arpRequest(from: machine, for: Household.gateway),
      ])
    },
    Scenario(
      "man-in-the-middle", raises: "lan.arp-spoof",
      "A miner answers in the gateway's place, again and again", survives: []
    ) { stage in
      let rival = Host(Household.gateway.address, mac: stage.miner.mac)
      var tape = Tape()
      for round in 0..<4 {
        let asker = HealthySite.miner(round)
        tape.append(
          stage.play(
            [
              LinkFrames.arpRequest(from: asker, for: Household.gateway),
              LinkFrames.arpReply(from: Household.gateway, to: asker), LinkFrames.arpReply(from: rival, to: asker),
            ], after: .seconds(5 * round)))
      }
      return tape
    },
    Scenario(
      "strange-lease", raises: "lan.rogue-dhcp",
      "A machine in the miner network offers addresses, and itself as gateway and resolver", survives: []
    ) { stage in
      let rogue = Host(HealthySite.miner(201).address)
      let everybody = Host("255.255.255.255", mac: LinkFrames.everybody)
      return stage.play([
        FrameBytes.udp(
          from: Host("0.0.0.0", mac: stage.miner.mac), port: DHCPBytes.clientPort, to: everybody,
          port: DHCPBytes.serverPort, payload: DHCPBytes.fromClient(stage.miner.mac, type: 1)),
        FrameBytes.udp(
          from: rogue, port: DHCPBytes.serverPort, to: everybody, port: DHCPBytes.clientPort,
          payload: DHCPBytes.fromServer(
            rogue.address, to: stage.miner.mac, type: 2, gives: stage.miner.address, router: rogue.address,
            resolvers: [rogue.address])),
      ])
    },
    Scenario(
      "strange-router", raises: "lan.rogue-router",
      "A miner advertises itself to the whole link as its IPv6 router and resolver", survives: []
    ) { stage in
      let address = IPAddress(high: 0xfe80_0000_0000_0000, low: 0x66)
      let router = Host(address, mac: stage.miner.mac)
      return stage.play([
        LinkFrames.arpRequest(from: stage.miner, for: Household.gateway),
        LinkFrames.routerAdvertisement(
          from: router, prefix: IPAddress(high: 0x2001_0db8_0066_0000, low: 0), resolver: address),
      ])
    },
    Scenario(
      "other-firmware", raises: "miner.identity",
      "A miner comes back with another mining agent, and nobody sent it firmware", tail: .seconds(660),
      // The agent is said once, in the first line.
      survives: []
    ) { stage in
      var before = stage.mining()
      before.finish = .finish
      var after = stage.mining()
      after.clientPort = 40_001
      after.turns[0] = .client(StratumLines.subscribe(agent: "shady-miner/0.1"))
      var tape = stage.play(before)
      tape.append(stage.play(after, after: .seconds(90)))
      return tape
    },
  ]
}
