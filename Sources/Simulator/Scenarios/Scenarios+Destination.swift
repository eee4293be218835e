extension Scenario {
  /// Families 10xx: whom a miner talks to beside pools.
  static let destinations: [Scenario] = [
    Scenario(
      "unknown-destination", raises: "destination.unlisted",
      "A miner talks to a host outside that the policy does not know"
    ) { $0.play($0.hello(to: .stranger, port: 8080)) },
    Scenario(
      "phone-home", raises: "destination.indicator", also: ["destination.identifiers"],
      "Firmware with Antbleed asks its home whether it may go on"
    ) { stage in
      let home = Host("198.51.100.90")
      var call = Conversation(
        from: stage.miner, to: home, port: 7000,
        turns: [
          .clientBytes(
            Array(#"{"ctrl_board":"02:00:0a:14:00:0b","id":"1","hashboard":[{"ID":"0123456789abcdef01234567"}]}"#.utf8)
          ),
          .serverBytes(Array("true".utf8)),
        ])
      call.finish = .finish
      var tape = stage.play(stage.lookup("auth.minerlink.com", gives: home))
      tape.append(stage.play(call, after: .milliseconds(40)))
      return tape
    },
    Scenario(
      "named-machine", raises: "destination.identifiers",
      "A miner tells a host outside its own address, in clear text where encryption is expected",
      // Joined in the middle it is all the same; where the only segment is lost there is nothing.
      survives: [.bytewise, .middle]
    ) { stage in
      let body = #"{"mac":"02-00-0A-14-00-CA","up":86400}"#
      let request =
        "POST /v1/machines HTTP/1.1\r\nHost: firmware.example\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      return stage.play(
        Conversation(
          from: stage.miner, to: Host("198.51.100.200"), port: 443,
          turns: [
            .clientBytes(Array(request.utf8)),
            .serverBytes(Array("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".utf8)),
          ]))
    },
    Scenario(
      "inbound-control", raises: "destination.inbound",
      "A host outside the site opens a connection to a miner's API"
    ) { stage in
      var call = Conversation(
        from: .stranger, clientPort: 51_111, to: stage.miner, port: 4028,
        turns: [
          .clientBytes(Array(#"{"command":"summary+pools"}"#.utf8)),
          .serverBytes(Array(#"{"STATUS":[{"STATUS":"S"}],"id":1}"#.utf8) + [0]),
        ])
      call.finish = .finish
      return stage.play(call)
    },
  ]
}
