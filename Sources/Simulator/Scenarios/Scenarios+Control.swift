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
      "settings-behind-padding", raises: "control.command",
      "A manager's machine in foreign hands posts settings with a pool that is not allowed, behind an empty line and a long text",
      survives: [.bytewise, .middle]
    ) { stage in
      let text = String(repeating: "x", count: 6_000)
      let pool = #"{"url":"stratum+tcp://pool.evil.example:3333","user":"mallory.x","pass":"x"}"#
      let body = #"{"note":"\#(text)","pools":[\#(pool)]}"#
      let head =
        "POST /cgi-bin/set_miner_conf.cgi HTTP/1.1\r\nHost: miner\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      return stage.play(
        Conversation(
          from: .manager, clientPort: 50_081, to: stage.miner, port: 80,
          turns: [
            .clientBytes(Array("\r\n\(head)\(body)".utf8)),
            .serverBytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8)),
          ]))
    },
    Scenario(
      "agent-wallet", raises: "control.command",
      "The cloud of a miner's agent, which it may use, answers with a pool that is not allowed",
      survives: [.bytewise, .middle]
    ) { $0.play($0.agentReport(#"{"command":"wallet","wallet":"POOL=stratum+tcp://pool.evil.example:3333"}"#)) },
    Scenario(
      "grpc-pool", raises: "control.command",
      "A manager's machine in foreign hands sets a pool that is not allowed by Braiins's API", survives: [.bytewise]
    ) { stage in
      let url = Array("stratum+tcp://pool.evil.example:3333".utf8)
      let pool = [0x12, UInt8(url.count)] + url
      let group = [0x2a, UInt8(pool.count)] + pool
      return stage.play(
        stage.call("/braiins.bos.v1.PoolService/SetPoolGroups", [0x08, 0x02, 0x12, UInt8(group.count)] + group))
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

extension Stage {
  /// A miner's agent reports to its cloud, and is answered with what it must do.
  package func agentReport(_ result: String) -> Conversation {
    let answer = #"{"jsonrpc":"2.0","id":0,"result":\#(result)}"#
    return Conversation(
      from: miner, to: .firmwareMirror, port: 443,
      turns: [
        .clientBytes(
          Array("POST /worker/api?id_rig=7&method=stats HTTP/1.1\r\nHost: farm\r\nContent-Length: 2\r\n\r\n{}".utf8)),
        .serverBytes(Array("HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)".utf8)),
      ])
  }

  /// A manager's gRPC call to the miner (RFC 9113): preface, settings, head, and one message.
  package func call(_ path: String, _ message: [UInt8]) -> Conversation {
    func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [
        0, UInt8(truncatingIfNeeded: payload.count >> 8), UInt8(truncatingIfNeeded: payload.count), kind, flags, 0, 0,
        0, stream,
      ]
        + payload
    }
    func field(_ name: String, _ value: String) -> [UInt8] {
      [0, UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8)
        + [UInt8(truncatingIfNeeded: value.utf8.count)] + Array(value.utf8)
    }
    let head = field(":method", "POST") + field(":path", path) + field("content-type", "application/grpc")
    let body = [0, 0, 0, 0, UInt8(truncatingIfNeeded: message.count)] + message
    return Conversation(
      from: .manager, clientPort: 50_100, to: miner, port: 50_051,
      turns: [
        .clientBytes(
          Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, []) + frame(1, 4, 1, head)
            + frame(0, 1, 1, body)),
        .serverBytes(frame(4, 0, 0, []) + frame(1, 4, 1, [0x88]) + frame(1, 5, 1, field("grpc-status", "0"))),
      ])
  }
}

extension Host {
  /// A host of the site that is neither miner nor manager.
  package static let laptop = Host("10.1.0.77")
}
