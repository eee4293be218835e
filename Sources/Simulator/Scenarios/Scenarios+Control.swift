import Capture

extension Scenario {
  /// Family 30xx: what is done to miners, and by whom.
  static let control: [Scenario] = [
    Scenario(
      "manager-turned", raises: "control.command",
      "A manager's machine in foreign hands adds a pool that is not allowed, and switches to it",
      survives: [.bytewise, .middle]
    ) { stage in
      let added = #"{"command":"addpool","parameter":"stratum+tcp://pool.evil.example:3333,mallory.x,x"}"#
      var tape = stage.play(stage.command(added, says: "Added pool"))
      tape.append(
        stage.play(
          stage.command(#"{"command":"switchpool","parameter":"3"}"#, clientPort: 52_002, says: "Switching to pool 3"),
          after: .seconds(2)))
      return tape
    },
    Scenario(
      "remote-stop", raises: "control.command", also: ["control.access"],
      "A host of the site that is no manager loads a miner with a stop for later", survives: [.bytewise, .middle]
    ) { stage in
      let hour = stage.time.advanced(by: .seconds(6 * 3_600)).seconds
      return stage.play(
        stage.command("ascset|0,softoff,1:\(hour)\n", from: .laptop, clientPort: 52_003, says: "success softoff"))
    },
    Scenario(
      "curious-laptop", raises: "control.access",
      "A host of the site that is no manager reads the state of a miner"
    ) { $0.play($0.command(#"{"command":"summary+pools"}"#, from: .laptop, clientPort: 52_004, says: "Summary")) },
    Scenario(
      "site-scan", raises: "control.scan", also: ["control.access"],
      "A host of the site that is no manager tries the management port of one miner after the other", survives: []
    ) { stage in
      var tape = Tape()
      for index in 0..<24 {
        var probe = Conversation(
          from: .laptop, clientPort: 53_000 + UInt16(index), to: HealthySite.miner(index), port: 4028, turns: [])
        probe.start = .unanswered
        tape.append(stage.play(probe, after: .milliseconds(200 * index)))
      }
      return tape
    },
    Scenario(
      "worm", raises: "miner.lateral", "A miner opens SSH at another miner", survives: [.bytewise, .lossy]
    ) { stage in
      var call = Conversation(
        from: stage.miner, clientPort: 54_000, to: HealthySite.miner(3), port: 22,
        turns: [.client("SSH-2.0-Go\r"), .server("SSH-2.0-dropbear_2022.83\r")])
      call.finish = .finish
      return stage.play(call)
    },
    Scenario(
      "backdoor-port", raises: "control.miner-as-server",
      "A miner takes connections on a port that no firmware serves", survives: [.bytewise, .lossy]
    ) { stage in
      var call = stage.hello(to: stage.miner, port: 31_337, from: .manager)
      call.finish = .finish
      return stage.play(call)
    },
  ]
}

extension Stage {
  /// A command to the miner's socket API, and that the miner did it.
  package func command(
    _ text: String, from sender: Host = .manager, clientPort: UInt16 = 52_001, says message: String
  ) -> Conversation {
    let answer =
      text.hasPrefix("{")
      ? #"{"STATUS":[{"STATUS":"S","When":1790000000,"Code":55,"Msg":"\#(message)","Description":"cgminer 4.12.0"}],"id":1}"#
      : "STATUS=S,When=1790000000,Code=119,Msg=\(message),Description=cgminer 4.12.0|"
    var call = Conversation(
      from: sender, clientPort: clientPort, to: miner, port: 4028,
      turns: [.clientBytes(Array(text.utf8)), .serverBytes(Array(answer.utf8) + [0])])
    call.finish = .finish
    return call
  }
}

extension Host {
  /// A host of the site that is neither miner nor manager.
  package static let laptop = Host("10.1.0.77")
}
