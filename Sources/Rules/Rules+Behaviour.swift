import Capture
import Decode
import Flows
import Policy
import Protocols

/// Rules about what miners do beside mining, whatever it is that they say.
extension Rule {
  static let behaviour: [Rule] = [behaviourBeacon, behaviourExfiltration, newDestinationWave]

  static let behaviourBeacon: Rule = Rule(
    id: 4001, name: "behaviour.beacon", level: .high,
    title: "Regular small connections to one outside host", category: "Phone home",
    rationale: """
      Firmware that takes orders asks for them, again and again: every minute, or after a time drawn from a range, as Antbleed \
      did with 60 to 659 s. Such calls are small, and their gaps are more alike than those of anything that happens by \
      chance. Each call is compared with chance over the latest 8, 16, 32 and 64 gaps; one false alarm is expected in a \
      million calls. Eight strict gaps are enough, Antbleed's need some sixty, which is six hours. Whatever the policy \
      explains is not counted, nor are names, time and mining, which have rules of their own.
      """,
    advice: """
      Find out what the host is and which program calls it. Block it at the gateway, and see whether the miner goes on mining: \
      Antbleed's stopped only when it was told to. Look for the same calls from miners of the same firmware. If it is a manager's \
      agent that you use, list it under `services.allow`.
      """,
    falsePositives: [
      "An agent of a fleet manager (HiveOS asks each 10 s), a monitor, an update check.",
      "A program that tries in vain to reach something that is gone.",
    ],
    techniques: [.applicationLayerProtocol, .scheduledTransfer, .fallbackChannels, .supplyChainCompromiseICS],
    parameters: [.beaconCalls, .beaconBytes], hears: [.endings, .http]
  ) { observation, analysis in
    guard let call = analysis.call(observation) else { return nil }
    let flow = call.flow
    let pair = Beacons.Pair(
      miner: flow.client.address, server: flow.server.address, port: flow.server.port, ipProtocol: flow.ipProtocol)
    let least = Int(clamping: analysis.count(.beaconCalls, of: .behaviourBeacon))
    guard let beacon = analysis.beacons.note(pair, at: call.start, least: least) else { return nil }
    let range =
      seconds(beacon.shortest) == seconds(beacon.longest)
      ? "every \(seconds(beacon.mean))"
      : "every \(seconds(beacon.mean)) on average, never before \(seconds(beacon.shortest)) nor after "
        + seconds(beacon.longest)
    return Judgement(
      "\(beacon.gaps + 1) small connections, \(range)",
      message: "The miner called \(analysis.server(of: flow)) \(beacon.gaps + 1) times, \(range): that is no chance.",
      subject: hostAndPort(flow.server), section: "beacon",
      facts: [
        ("calls", .count(UInt64(beacon.gaps + 1))), ("mean_s", .number(beacon.mean)),
        ("shortest_s", .number(beacon.shortest)), ("longest_s", .number(beacon.longest)),
        ("chance", .number(beacon.chance)),
      ])
  }

  static let behaviourExfiltration: Rule = Rule(
    id: 4002, name: "behaviour.exfiltration", level: .high,
    title: "More leaves a miner than mining explains", category: "Exfiltration",
    rationale: """
      A miner says little: 0.05 to 0.4 MB an hour, nearly all of it shares. What it sends to hosts outside the site is added up by \
      the hour, without headers, and 256 bytes are taken off for each share that a pool answered. More than `bytes` is not \
      mining; nor is that much in one connection that is no pool's and brings less in. Once a day of a miner's \
      hours is known, `factor` times its habit and more than `least` is told as well, at level medium. Hours with an alarm in \
      them teach nothing.
      """,
    advice: """
      See where it went and what it was: keep a capture, and block the destination. Settings, logs and whatever the miner can reach \
      on the network may have left. If it is an upload of yours, do it through a manager, or raise `bytes`.
      """,
    falsePositives: [
      "Logs or a backup that an operator sends to a maker or to a cloud.",
      "A proxy in the miner networks that speaks a protocol in which Minewatch sees no shares.",
      "A manager's agent on the miner with much to tell.",
    ],
    techniques: [.exfiltrationOverC2, .exfiltrationOverAlternativeProtocol, .automatedExfiltration],
    parameters: [.leakBytes, .leakFactor, .leakLeast], hears: [.endings],
    settle: { analysis in
      guard !analysis.leaks.isEmpty || !analysis.flowLeaks.isEmpty else { return [] }
      let (hours, flows) = (analysis.leaks, analysis.flowLeaks)
      (analysis.leaks, analysis.flowLeaks) = ([], [])
      return flows.map { analysis.judge($0.volume, $0.flow) } + hours.map { analysis.judge($0) }
    }
  ) { observation, analysis in
    guard let flow = observation.flow, case .flowEnded(let totals, _) = observation.content else { return nil }
    let volume = FlowVolume(flow, totals)
    defer { analysis.traffic.forget(flow.id) }
    guard analysis.isLeak(volume), analysis.traffic.tellOnce(flow.id) else { return nil }
    return analysis.judge(volume, flow)
  }

  static let newDestinationWave: Rule = Rule(
    id: 4003, name: "behaviour.new-destination-wave", level: .critical,
    title: "Many miners reach the same new destination within a window", category: "Fleet",
    rationale: """
      One miner that reaches for a strange host has a problem; many that do so within minutes, and never did before, have been \
      told to. This is what the first minute of a takeover looks like: an update that all of them fetched, a command that came \
      in over the managers, a clock in the firmware. Only what the policy does not explain counts, and the first ten minutes \
      of the watch do not. Where the destination is a resolver the level is high.
      """,
    advice: """
      Block the destination at the gateway for all miners at once, and see what came to these miners shortly before: commands, \
      firmware, redirects. Keep a capture. What they have in common (model, firmware, subnet) tells who can be next.
      """,
    falsePositives: [
      "A firmware update, made by you, that brings a new agent or a new developer's pool.",
      "A pool, a mirror or a manager's cloud that was taken into use before the policy knew.",
      "Firmware that falls back to a public resolver because the site's does not answer.",
    ],
    techniques: [
      .applicationLayerProtocol, .commonlyUsedPort, .supplyChainCompromiseICS, .compromiseSoftwareSupplyChain,
    ],
    parameters: [.waveWindow, .waveFraction, .waveMiners, .waveSettling], hears: [.complaints],
    settle: { analysis in
      let waves = analysis.newDestinations.due(at: analysis.now, isLast: analysis.isEnding)
      return waves.map { analysis.judge($0) }
    }
  ) { observation, analysis in
    analysis.noteDestination(of: observation)
    return nil
  }
}

extension Rule.Parameter {
  static let beaconCalls = Rule.Parameter("calls", .count(9), "How many calls there must be at the least")
  static let beaconBytes = Rule.Parameter(
    "bytes", .count(16_384), "A connection with more bytes in both directions together is not small")
  static let leakBytes = Rule.Parameter(
    "bytes", .count(1_048_576), "Bytes to the outside that no miner needs, in an hour or in one connection")
  static let leakFactor = Rule.Parameter("factor", .count(8), "How many times a miner's own habit is beyond it")
  static let leakLeast = Rule.Parameter("least", .count(262_144), "Bytes an hour below which no habit is broken")
  static let waveWindow = Rule.Parameter("window", .duration(.seconds(600)), "Within what time miners come together")
  static let waveFraction = Rule.Parameter(
    "fraction", .fraction(0.02), "The least share of the miners seen that must come")
  static let waveMiners = Rule.Parameter("miners", .count(5), "How many miners must come at the least")
  static let waveSettling = Rule.Parameter(
    "settling", .duration(.seconds(600)), "How long after its start the monitor only learns who goes where")
}

// MARK: - Calls

extension Analysis {
  /// A small connection to a place outside that nothing explains, or a request in one that stays open.
  fileprivate func call(_ observation: Observation) -> (flow: FlowFacts, start: Timestamp)? {
    guard let flow = minerFlow(observation), isOutside(flow.server.address) else { return nil }
    let limit = count(.beaconBytes, of: .behaviourBeacon)
    switch observation.content {
    case .flowEnded(let totals, let identified):
      guard totals.toServer.bytes &+ totals.toClient.bytes <= limit, isStrange(flow, identified) else { return nil }
      return (flow, flow.firstSeen)
    case .http(.request):
      guard isStrange(flow, .http) else { return nil }
      return (flow, observation.time)
    default: return nil
    }
  }

  private func isStrange(_ flow: FlowFacts, _ identified: AppProtocol?) -> Bool {
    switch identified {
    // These have rules of their own, and their habits are no beacons.
    case .dns, .ntp, .stratum, .stratumV2, .getwork, .mdns, .llmnr, .dhcp: return false
    default: break
    }
    if case .none = policy.pool(at: flow.server.address, port: flow.server.port, bindings) {
      return explanation(of: flow, speaking: identified) == nil && exemption(of: flow) == nil
    }
    return false
  }
}

// MARK: - Leaks

extension Analysis {
  fileprivate func judge(_ volume: FlowVolume, _ flow: FlowFacts) -> Judgement {
    let isOut = isMiner(flow.client.address)
    let (own, foreign) = isOut ? (volume.client, volume.server) : (volume.server, volume.client)
    let (sent, received) = (volume.payload(own), volume.payload(foreign))
    let other = isOut ? server(of: flow) : flow.client.address.description
    return Judgement(
      "\(megabytes(Double(sent))) out in one connection, \(megabytes(Double(received))) back",
      message: "The miner sent \(megabytes(Double(sent))) to \(other) in one connection and was sent "
        + "\(megabytes(Double(received))) back. Mining needs a tenth of that in an hour.",
      subject: isOut ? hostAndPort(flow.server) : other, flow: flow, section: "traffic",
      facts: [("sent_bytes", .count(sent)), ("received_bytes", .count(received))])
  }

  fileprivate func judge(_ leak: Traffic.Leak) -> Judgement {
    let place = leak.most.map { hostAndPort($0.server) }
    let most = leak.most.map { ", the most in one connection to \(hostAndPort($0.server))" } ?? ""
    let habit = leak.isBeyondHabit ? ", more than it ever does" : ""
    return Judgement(
      "\(megabytes(leak.bytes)) out in an hour that no shares explain\(habit)\(most)",
      message: "Beside its shares the miner sent \(megabytes(leak.bytes)) to hosts outside within an hour, where "
        + "\(megabytes(leak.limit)) is the most that mining explains\(habit)\(most).",
      subject: "hour", level: leak.isBeyondHabit ? .medium : nil,
      miner: Endpoint(address: leak.miner, port: 0), destinationName: place, section: "traffic",
      facts: [
        ("unexplained_bytes", .number(leak.bytes.rounded())), ("limit_bytes", .number(leak.limit.rounded())),
        ("largest_to", .text(place ?? "")), ("largest_bytes", .count(leak.most?.bytes ?? 0)),
      ])
  }

  /// With one decimal.
  private func megabytes(_ bytes: Double) -> String {
    let tenths = Int((min(max(bytes, 0), 1e15) / 1e5).rounded())
    return tenths < 1 ? "under 0.1 MB" : "\(tenths / 10).\(tenths % 10) MB"
  }
}

// MARK: - Waves

extension Analysis {
  fileprivate mutating func noteDestination(of observation: Observation) {
    guard verdict.isStrangePlace, let flow = minerFlow(observation), isOutside(flow.server.address) else { return }
    let isResolver =
      switch verdict {
      case .unlistedResolver, .encryptedDNS: true
      default: false
      }
    let share = fraction(.waveFraction, of: .newDestinationWave) * Double(fleet.miners.count)
    let least = Int(clamping: count(.waveMiners, of: .newDestinationWave))
    newDestinations.note(
      flow, at: name(of: flow.server.address) ?? flow.server.address.description, isResolver: isResolver,
      at: observation.time, isSettling: now < start.advanced(by: duration(.waveSettling, of: .newDestinationWave)),
      window: duration(.waveWindow, of: .newDestinationWave), limit: max(2, least, Int(share.rounded(.up))))
  }

  fileprivate func judge(_ wave: NewDestinations.Wave) -> Judgement {
    let count = wave.miners.count
    let time = max(1, (wave.last.seconds(since: wave.first)).rounded())
    return Judgement(
      "first contact of \(count) miners within \(Int(time)) s",
      message:
        "\(count) miners reached \(server(of: wave.flow)) within \(Int(time)) s, and none of them had been there "
        + "before. The first was \(wave.miners[0]).",
      subject: wave.name, level: wave.isResolver ? .high : nil, time: wave.first, flow: wave.flow,
      miners: Finding.Crowd(count: count, some: Array(wave.miners.prefix(FoldWindow.exampleLimit))), section: "fleet",
      facts: [
        ("seconds", .number(time)), ("share", .number(Double(count) / Double(max(fleet.miners.count, count)))),
        ("first", .text(wave.miners[0].description)),
      ])
  }
}

extension Verdict {
  /// Nothing of the policy leads there. Time servers are left out: public ones share a name and take turns.
  fileprivate var isStrangePlace: Bool {
    switch self {
    case .indicator, .unlistedPool, .tunnelledPool, .unlistedResolver, .encryptedDNS, .tunnel, .unlisted: true
    default: false
    }
  }
}
