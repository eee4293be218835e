import Decode
import Flows
import Protocols

private let ownMAC = MACAddress(rawValue: 0x0200_0a14_0005)

private func tells(_ kind: DeviceIdentifier.Kind, _ value: String, to server: String = stranger) -> Observation {
  flow(to: server, 80).observed(.identifier(DeviceIdentifier(kind, sender: .client, value: value)))
}

/// A miner's session at an allowed pool goes on, under some agent.
private func works(as agent: String, at time: Double) -> Observation {
  var session = StratumSession()
  session.agent = agent
  return flow(to: "198.51.100.20", 3333, id: UInt64(time), at: time).observed(
    .stratum(StratumEvent(session: session, what: .shares(ShareTotals(seconds: 60)))))
}

private func logsIn(as user: String, agent: String = "cgminer/4.12.0", to server: String) -> [Observation] {
  var flow = flow(to: server, 3333)
  flow.client.mac = ownMAC
  var session = StratumSession()
  (session.user, session.agent, session.method) = (user, agent, "mining.authorize")
  session.authorized = true
  return [
    flow.carries(.stratum), flow.observed(.stratum(StratumEvent(session: session, what: .introduced))),
  ]
}

/// A question in a frame that shows the miner's own address.
private func asksFromOwn(_ name: String) -> Observation {
  var question = asks(name)
  question.flow?.client.mac = ownMAC
  return question
}

private func passwordIs(_ password: String) -> [Observation] {
  var flow = flow(to: "198.51.100.20", 3_333)
  flow.client.mac = ownMAC
  return [flow.observed(.stratum(StratumEvent(session: StratumSession(), what: .password(password))))]
}

/// The miner's own page answers a manager.
private func serves(_ server: String, at time: Double) -> Observation {
  var response = HTTPResponse(status: 200)
  response.server = server
  return flow(manager, to: miner, 80, id: UInt64(time), at: time).observed(.http(.response(response)))
}

extension RuleCase {
  static let identities: [RuleCase] = [
    .fires(
      "a miner's own address leaves the site", [tells(.macText, "02:00:0a:14:00:05")],
      #"high destination.identifiers 10.20.0.5 -> 198.51.100.66:80: sent its own link-layer address: "02:00:0a:14:00:05""#
    ),
    .fires(
      "the number of a chip", [tells(.chip, "0123456789abcdef01234567")],
      #"high destination.identifiers 10.20.0.5 -> 198.51.100.66:80: sent the number of a chip: "0123456789abcdef01234567""#
    ),
    .fires(
      "an agent that names the machine", logsIn(as: "acme.1", agent: "x/1 02000A140005", to: "198.51.100.20"),
      #"high destination.identifiers 10.20.0.5 -> 198.51.100.20:3333: sent its own link-layer address in its agent: "x/1 02000A140005""#
    ),
    .fires(
      "a name with the miner's address in it", [asksFromOwn("02000a140005.t.evil.example")],
      #"high destination.identifiers 10.20.0.5 -> 10.1.0.1:53 02000a140005.t.evil.example: asked for "02000a140005.t.evil.example", with its own link-layer address in it"#
    ),
    .fires(
      "a name with the worker in it",
      morning + flow(to: goodPool, 3_333).mines(as: "acme.rack12-07") + [asks("Rack12-07.t.evil.example", at: 200)],
      #"high destination.identifiers 10.20.0.5 -> 10.1.0.1:53 Rack12-07.t.evil.example: asked for "Rack12-07.t.evil.example", with its worker's name in it"#
    ),
    .nearMiss(
      of: "destination.identifiers", when: "a name with a worker in it that says nothing",
      morning + flow(to: goodPool, 3_333).mines(as: "acme.1") + [asks("1.evil.example", at: 200)],
      #"medium dns.unlisted-name 10.20.0.5 -> 10.1.0.1:53 1.evil.example: asked for "1.evil.example""#),
    .fires(
      "the address as a password", passwordIs("02-00-0A-14-00-05"),
      "high destination.identifiers 10.20.0.5 -> 198.51.100.20:3333: sent its own link-layer address as a password"),
    .nearMiss(of: "destination.identifiers", when: "another password", passwordIs("02-00-0A-14-00-06")),
    .nearMiss(of: "destination.identifiers", when: "to a manager", [tells(.macText, "x", to: manager)]),
    .nearMiss(of: "destination.identifiers", when: "inside the site", [tells(.serial, "SN12345678", to: "10.9.9.9")]),
    .nearMiss(
      of: "destination.identifiers", when: "to everybody on the link", [tells(.macBytes, "x", to: "224.0.0.251")]),
    .nearMiss(
      of: "destination.identifiers", when: "a user that the policy allows",
      morning + logsIn(as: "acme.02000a140005", to: goodPool)),

    .fires(
      "another agent in the old one's place",
      [works(as: "bmminer/2.0.0", at: 100), works(as: "odd/1", at: 1_000), works(as: "odd/1", at: 1_700)],
      #"medium miner.identity 10.20.0.5 -> 198.51.100.20:3333: mining agent changed from "bmminer/2.0.0" to "odd/1""#),
    .fires(
      "another web server in the old one's place",
      [serves("lighttpd/1.4.32", at: 100), serves("nginx", at: 1_000), serves("nginx", at: 1_700)],
      #"medium miner.identity 10.20.0.5 <- 10.1.0.2: web server changed from "lighttpd/1.4.32" to "nginx""#),
    .nearMiss(
      of: "miner.identity", when: "two web servers side by side",
      (1...30).map { serves($0 % 2 == 0 ? "lighttpd/1.4.32" : "bmminer", at: Double($0) * 100) }),
    .nearMiss(
      of: "miner.identity", when: "a second agent beside the first",
      [
        works(as: "bmminer/2.0.0", at: 100), works(as: "fee/1", at: 1_000), works(as: "bmminer/2.0.0", at: 1_100),
        works(as: "fee/1", at: 1_500), works(as: "bmminer/2.0.0", at: 2_600),
      ]),
    .nearMiss(
      of: "miner.identity", when: "a reboot, and another pool",
      (1...30).map { works(as: "bmminer/2.0.0", at: Double($0) * 100) }),
    .nearMiss(
      of: "miner.identity", when: "a proxy with many behind it",
      (1...60).map { works(as: "miner/\($0 % 12)", at: Double($0) * 100) }),
    .nearMiss(
      of: "miner.identity", when: "a boot loader asks for an address in its own way",
      [says(miner, is: 5, at: 90)]
        + [(100, "udhcp"), (5_000, "U-Boot"), (5_020, "udhcp"), (9_000, "udhcp")].map { time, program in
          var message = DHCPMessage(.discover)
          (message.clientMAC, message.vendorClass, message.parameters) = (mac(5), program, [1, 3, 6])
          return flow("0.0.0.0", to: "255.255.255.255", 67, ipProtocol: 17).onLink(.dhcp(message), by: 5, at: time)
        }),
  ]
}
