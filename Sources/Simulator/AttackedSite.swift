package import Capture
import Decode

/// Twelve minutes of a small site in which everything goes wrong once, a minute apart: what `make run` shows.
///
/// The policy that belongs to it is `Configs/demo.yaml`.
package enum AttackedSite {
  package static func tape(start: Timestamp = Timestamp(seconds: 1_795_357_200)) -> Tape {
    var plan = HealthySite.Plan()
    plan.miners = 24
    plan.seed = 2026
    plan.start = start
    var site = HealthySite(plan)
    var tape = site.tape(until: start.advanced(by: .seconds(720)))
    for (minute, scene) in Scene.allCases.enumerated() {
      tape.append(scene.tape(at: start.advanced(by: .seconds(60 * (minute + 1)))))
    }
    return tape.sorted()
  }
}

/// One thing that goes wrong, with the traffic that shows it. Goldens and the demonstration are made of these.
package enum Scene: String, CaseIterable, Sendable {
  case poolSwitch = "pool-switch"
  case redirectThatIsFollowed = "redirect-that-is-followed"
  case strangersAccount = "strangers-account"
  case phoneHome = "phone-home"
  case inboundControl = "inbound-control"
  case foreignResolver = "foreign-resolver"
  case poisonedAnswer = "poisoned-answer"
  case foreignTimeServer = "foreign-time-server"
  case shellOnPoolPort = "shell-on-pool-port"
  case injectedJob = "injected-job"
  case sloppyMethod = "sloppy-method"

  private static let stranger = Host("198.51.100.23")
  private static let secondStranger = Host("198.51.100.77")

  /// The scene, its first frame at `time`.
  package func tape(at time: Timestamp) -> Tape {
    switch self {
    case .poolSwitch: poolSwitch(time)
    case .redirectThatIsFollowed: redirectThatIsFollowed(time)
    case .strangersAccount: strangersAccount(time)
    case .phoneHome: phoneHome(time)
    case .inboundControl: inboundControl(time)
    case .foreignResolver: foreignResolver(time)
    case .poisonedAnswer: poisonedAnswer(time)
    case .foreignTimeServer: foreignTimeServer(time)
    case .shellOnPoolPort: shellOnPoolPort(time)
    case .injectedJob: injectedJob(time)
    case .sloppyMethod: sloppyMethod(time)
    }
  }

  /// A miner logs in to a pool that the policy does not know.
  private func poolSwitch(_ time: Timestamp) -> Tape {
    login(HealthySite.miner(3), to: Self.stranger, user: "mallory.x", clientPort: 61_003).tape(at: time)
  }

  /// The pool's session says "go elsewhere", and the miner goes.
  private func redirectThatIsFollowed(_ time: Timestamp) -> Tape {
    let miner = HealthySite.miner(5)
    var first = login(miner, to: HealthySite.pool, user: HealthySite.user(5), clientPort: 61_005)
    first.turns.append(
      .server(#"{"id":null,"method":"client.reconnect","params":["198.51.100.77",3333,0]}"#))
    first.finish = .finish
    var tape = first.tape(at: time)
    let second = login(miner, to: Self.secondStranger, user: HealthySite.user(5), clientPort: 61_055)
    tape.append(second.tape(at: time.advanced(by: .seconds(2))))
    return tape
  }

  /// The right pool, but somebody else is paid.
  private func strangersAccount(_ time: Timestamp) -> Tape {
    login(HealthySite.miner(7), to: HealthySite.pool, user: "mallory.r7", clientPort: 61_007).tape(at: time)
  }

  /// Antbleed (domain.md §5.1).
  private func phoneHome(_ time: Timestamp) -> Tape {
    let miner = HealthySite.miner(9)
    let home = Host("198.51.100.90")
    var tape = Lookup("auth.minerlink.com", by: miner, at: HealthySite.resolver, gives: [home.address]).tape(at: time)
    var call = Conversation(
      from: miner, clientPort: 61_009, to: home, port: 7000,
      turns: [
        .clientBytes(
          Array(#"{"ctrl_board":"02:00:0a:14:00:0b","id":"1","hashboard":[{"ID":"0123456789abcdef01234567"}]}"#.utf8)),
        .serverBytes(Array("true".utf8)),
      ])
    call.finish = .finish
    tape.append(call.tape(at: time.advanced(by: .milliseconds(40))))
    return tape
  }

  /// Somebody outside opens a miner's API.
  private func inboundControl(_ time: Timestamp) -> Tape {
    var call = Conversation(
      from: Self.stranger, clientPort: 51_111, to: HealthySite.miner(11), port: 4028,
      turns: [
        .clientBytes(Array(#"{"command":"summary+pools"}"#.utf8)),
        .serverBytes(Array(#"{"STATUS":[{"STATUS":"S"}],"id":1}"#.utf8) + [0]),
      ])
    call.finish = .finish
    return call.tape(at: time)
  }

  private func foreignResolver(_ time: Timestamp) -> Tape {
    Lookup(
      "stratum.example-pool.com", by: HealthySite.miner(13), at: Host("9.9.9.9"), gives: [HealthySite.pool.address]
    )
    .tape(at: time)
  }

  /// The site's own resolver is made to say that the pool is elsewhere.
  private func poisonedAnswer(_ time: Timestamp) -> Tape {
    Lookup(
      "stratum.example-pool.com", by: HealthySite.miner(15), at: HealthySite.resolver, gives: [Self.stranger.address]
    ).tape(at: time)
  }

  private func foreignTimeServer(_ time: Timestamp) -> Tape {
    var tape = Tape()
    let server = Host("192.0.2.123")
    let miner = HealthySite.miner(16)
    tape.append(
      FrameBytes.udp(from: miner, port: 123, to: server, port: 123, payload: NTPBytes.packet(mode: 3)), at: time)
    tape.append(
      FrameBytes.udp(from: server, port: 123, to: miner, port: 123, payload: NTPBytes.packet(mode: 4)),
      at: time.advanced(by: .milliseconds(20)))
    return tape
  }

  /// What looks like mining on the pool's port is a shell.
  private func shellOnPoolPort(_ time: Timestamp) -> Tape {
    Conversation(
      from: HealthySite.miner(17), clientPort: 61_017, to: HealthySite.pool, port: HealthySite.port,
      turns: [
        .clientBytes(Array("SSH-2.0-dropbear_2022.83\r\n".utf8)), .serverBytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
      ]
    ).tape(at: time)
  }

  /// Two different payloads for the same bytes: somebody on the path answers in the pool's name.
  private func injectedJob(_ time: Timestamp) -> Tape {
    var session = login(HealthySite.miner(18), to: HealthySite.pool, user: HealthySite.user(18), clientPort: 61_018)
    session.turns += [
      .server(StratumLines.notify(job: "77aa", branches: 0)),
      .serverRepeats(instead: StratumLines.notify(job: "88bb", branches: 0)),
    ]
    return session.tape(at: time)
  }

  /// Only a reader that ignores case and what follows obeys this, and cgminer is one (domain.md §1.1).
  private func sloppyMethod(_ time: Timestamp) -> Tape {
    var session = login(HealthySite.miner(19), to: HealthySite.pool, user: HealthySite.user(19), clientPort: 61_019)
    session.turns.append(
      .server(#"{"id":null,"method":"CLIENT.RECONNECTx","params":["stratum.example-pool.com",3333]}"#))
    return session.tape(at: time)
  }

  /// Subscribe, authorize, one job, one share.
  private func login(_ miner: Host, to pool: Host, user: String, clientPort: UInt16) -> Conversation {
    Conversation(
      from: miner, clientPort: clientPort, to: pool, port: HealthySite.port,
      turns: [
        .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
        .client(StratumLines.authorize(user: user)), .server(StratumLines.result(id: 3)),
        .server(StratumLines.setDifficulty(233_000)), .server(StratumLines.notify(job: "6601", branches: 4)),
        .client(StratumLines.submit(id: 4, user: user, job: "6601", nonce: 0x1234_5678)),
        .server(StratumLines.result(id: 4)),
      ])
  }
}
