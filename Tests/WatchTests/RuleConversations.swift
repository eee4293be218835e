import Capture
import Decode
import Protocols
import Simulator

/// For each rule a conversation that raises it and one that nearly does.
struct RuleCase: Sendable {
  let rule: String
  /// The traffic that raises it, in a given shape.
  let fires: @Sendable (Shape) -> Tape
  /// What comes closest without raising it.
  let nearMiss: @Sendable () -> Tape
  /// Shapes in which its meaning survives, beside the whole one.
  let survives: [Shape]

  init(
    _ rule: String, survives: [Shape] = [.bytewise, .middle, .lossy], fires: @escaping @Sendable (Shape) -> Tape,
    nearMiss: @escaping @Sendable () -> Tape
  ) {
    self.rule = rule
    self.fires = fires
    self.nearMiss = nearMiss
    self.survives = survives
  }
}

/// What happens to a conversation on its way to the tap.
enum Shape: String, CaseIterable, Sendable {
  case whole
  /// Every byte in a segment of its own.
  case bytewise
  /// The monitor joins after the handshake.
  case middle
  /// The first data segment of each direction never reaches the tap.
  case lossy
}

extension Conversation {
  func tape(_ shape: Shape, at time: Timestamp = RuleCase.start) -> Tape {
    var conversation = self
    switch shape {
    case .whole: break
    case .bytewise: conversation.segmentSize = 1
    case .middle: conversation.start = .middle
    case .lossy:
      let tape = conversation.tape(at: time)
      return tape.losingFirstData(from: client).losingFirstData(from: server)
    }
    return conversation.tape(at: time)
  }
}

extension Tape {
  /// Without the first frame with payload that `host` sent.
  fileprivate func losingFirstData(from host: Host) -> Tape {
    let address = bytes(of: host)
    let index = frames.firstIndex { $0.bytes.count > 54 && Array($0.bytes[26..<30]) == address }
    return index.map(losing) ?? self
  }

  private func bytes(of host: Host) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: host.address.v4 >> UInt32(24 - 8 * $0)) }
  }
}

extension RuleCase {
  static let start = Timestamp(seconds: 1_790_000_100)
  static let miner = Host("10.20.0.2")
  static let pool = Host("203.0.113.10")
  static let closedPool = Host("192.0.2.5")
  static let stranger = Host("198.51.100.23")
  static let resolver = Host("10.1.0.1")
  static let manager = Host("10.1.0.17")

  /// Subscribe, authorize, job, share; the first lines may be lost and the rest still tells.
  static func mining(
    to pool: Host = pool, port: UInt16 = 3333, user: String = "acme.r1", extra: [Conversation.Turn] = []
  ) -> Conversation {
    Conversation(
      from: miner, to: pool, port: port,
      turns: [
        .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
        .client(StratumLines.authorize(user: user)), .server(StratumLines.result(id: 3)),
        .server(StratumLines.setDifficulty(1024)), .server(StratumLines.notify(job: "6601", branches: 1)),
        .client(StratumLines.submit(id: 4, user: user, job: "6601", nonce: 77)), .server(StratumLines.result(id: 4)),
      ] + extra + [
        .client(StratumLines.submit(id: 5, user: user, job: "6601", nonce: 78)), .server(StratumLines.result(id: 5)),
      ])
  }

  private static func notification(_ method: String, _ parameters: String = "[]") -> Conversation.Turn {
    .server(#"{"id":null,"method":"\#(method)","params":\#(parameters)}"#)
  }

  private static func datagrams(_ frames: [[UInt8]]) -> Tape {
    var tape = Tape()
    for (index, frame) in frames.enumerated() {
      tape.append(frame, at: start.advanced(by: .milliseconds(10 * index)))
    }
    return tape
  }

  private static func hello(to host: Host, port: UInt16, from client: Host = miner) -> Conversation {
    Conversation(
      from: client, to: host, port: port,
      turns: [.clientBytes(Array("hello, is anybody there?\r\n".utf8)), .serverBytes(Array("yes\r\n".utf8))])
  }

  /// Rules that packets raise. The monitor's own stand in ``ofTheMonitor``.
  static let ofTraffic: [RuleCase] = [
    RuleCase("pool.unlisted", fires: { mining(to: stranger).tape($0) }, nearMiss: { mining().tape(.whole) }),
    RuleCase(
      "destination.unlisted",
      fires: { hello(to: stranger, port: 8080).tape($0) },
      nearMiss: { hello(to: Host("198.51.100.200"), port: 443).tape(.whole) }),
    RuleCase(
      // A look-up fits in one datagram, so there is nothing to cut or to join.
      "destination.indicator", survives: [],
      fires: { _ in Lookup("auth.minerlink.com", by: miner, at: resolver, gives: [stranger.address]).tape(at: start) },
      nearMiss: { Lookup("auth.minerlink.example", by: miner, at: resolver).tape(at: start) }),
    RuleCase(
      "pool.plaintext",
      fires: { mining(to: closedPool, port: 443).tape($0) },
      nearMiss: {
        Conversation(from: miner, to: closedPool, port: 443, turns: [.clientBytes(clientHello)]).tape(.whole)
      }),
    RuleCase(
      // The banner is what tells; without it, or cut to bytes that never make a whole, there is no SSH.
      "pool.not-stratum", survives: [.bytewise, .middle],
      fires: { shape in
        Conversation(
          from: miner, to: pool, port: 3333,
          turns: [
            .clientBytes(Array("SSH-2.0-dropbear_2022.83\r\n".utf8)),
            .serverBytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
          ]
        ).tape(shape)
      },
      nearMiss: { mining().tape(.whole) }),
    RuleCase(
      "destination.inbound",
      fires: { hello(to: miner, port: 4028, from: stranger).tape($0) },
      nearMiss: { hello(to: miner, port: 4028, from: manager).tape(.whole) }),
    RuleCase(
      "dns.unlisted-name", survives: [],
      fires: { _ in Lookup("pool.evil.example", by: miner, at: resolver, gives: [stranger.address]).tape(at: start) },
      nearMiss: {
        Lookup("STRATUM.example-pool.com", by: miner, at: resolver, gives: [pool.address]).tape(at: start)
      }),
    RuleCase(
      "dns.unlisted-resolver", survives: [],
      fires: { _ in
        Lookup("stratum.example-pool.com", by: miner, at: Host("9.9.9.9"), gives: [pool.address]).tape(at: start)
      },
      nearMiss: {
        Lookup("stratum.example-pool.com", by: miner, at: resolver, gives: [pool.address]).tape(at: start)
      }),
    RuleCase(
      "dns.pool-address", survives: [],
      fires: { _ in
        Lookup("stratum.example-pool.com", by: miner, at: resolver, gives: [stranger.address]).tape(at: start)
      },
      nearMiss: {
        Lookup("stratum.example-pool.com", by: miner, at: resolver, gives: [Host("203.0.113.77").address]).tape(
          at: start)
      }),
    RuleCase(
      "ntp.unlisted", survives: [],
      fires: { _ in
        datagrams([
          FrameBytes.udp(from: miner, port: 123, to: stranger, port: 123, payload: NTPBytes.packet(mode: 3)),
          FrameBytes.udp(from: stranger, port: 123, to: miner, port: 123, payload: NTPBytes.packet(mode: 4)),
        ])
      },
      nearMiss: {
        datagrams([
          FrameBytes.udp(from: miner, port: 123, to: resolver, port: 123, payload: NTPBytes.packet(mode: 3))
        ])
      }),
    RuleCase(
      "stratum.account-unlisted", fires: { mining(user: "mallory.r1").tape($0) },
      nearMiss: { mining(user: "acme.mallory").tape(.whole) }),
    RuleCase(
      "stratum.redirect",
      fires: { mining(extra: [notification("client.reconnect", #"["198.51.100.77","3333",0]"#)]).tape($0) },
      nearMiss: { mining(extra: [notification("client.show_message", #"["client.reconnect"]"#)]).tape(.whole) }),
    RuleCase(
      "stratum.unexpected-method",
      fires: { mining(extra: [notification("mining.notfy")]).tape($0) },
      nearMiss: { mining(extra: [notification("mining.ping")]).tape(.whole) }),
    RuleCase(
      // Order is only judged where the beginning was seen.
      "stratum.out-of-order", survives: [.bytewise],
      fires: {
        Conversation(
          from: miner, to: pool, port: 3333,
          turns: [
            .client(StratumLines.submit(id: 4, user: "acme.r1", job: "6601", nonce: 77)),
            .server(StratumLines.rejected(id: 4, code: 25, "Not subscribed")),
          ]
        ).tape($0)
      },
      nearMiss: { mining().tape(.middle) }),
    RuleCase(
      "stratum.malformed",
      fires: { mining(extra: [.server(#"{"id":null,"method":"mining.notify","params":[}"#)]).tape($0) },
      nearMiss: { mining(extra: [.server("  \t")]).tape(.whole) }),
    RuleCase(
      "stratum.show-message",
      fires: { mining(extra: [notification("client.show_message", #"["maintenance at noon"]"#)]).tape($0) },
      nearMiss: { mining(extra: [notification("client.get_version")]).tape(.whole) }),
    RuleCase(
      "stratum.injected",
      fires: {
        let line = StratumLines.notify(job: "77aa", branches: 0)
        let other = StratumLines.notify(job: "88bb", branches: 0)
        return mining(extra: [.server(line), .serverRepeats(instead: other)]).tape($0)
      },
      nearMiss: {
        let line = StratumLines.notify(job: "77aa", branches: 0)
        return mining(extra: [.server(line), .serverRepeats(instead: line)]).tape(.whole)
      }),
  ]

  /// Rules that the sensor's own events raise, and events that come close.
  static let ofTheMonitor: [(rule: String, fires: SensorEvent, nearMiss: SensorEvent)] = [
    ("monitor.capture-loss", .captureLoss(loss(dropped: 4_000)), .captureLoss(loss(dropped: 0))),
    (
      "monitor.interface", .interface(name: "span0", isUp: false, reason: "the interface disappeared"),
      .captureLoss(loss(dropped: 0))
    ),
    ("monitor.overload", .overload([.init(bound: "flows", count: 12)]), .overload([])),
    ("monitor.config-rejected", .configRejected(errors: ["minewatch.yaml:3:1: unknown key"]), .overload([])),
    ("monitor.lifecycle", .started(version: "0.1.0", policyDigest: "00ff"), .overload([])),
  ]

  private static func loss(dropped: UInt64) -> SensorEvent.CaptureLoss {
    SensorEvent.CaptureLoss(
      interface: "span0", seconds: 10, received: 40_000, kernelDropped: dropped, interfaceDropped: 0,
      missedStreamBytes: 0)
  }

  /// A TLS 1.2 ClientHello without extensions (RFC 5246 §7.4.1.2): record, handshake header, version, random, no session,
  /// one cipher suite, no compression.
  static let clientHello: [UInt8] =
    [0x16, 0x03, 0x01, 0x00, 0x2d, 0x01, 0x00, 0x00, 0x29, 0x03, 0x03] + [UInt8](repeating: 0x5a, count: 32)
    + [0x00, 0x00, 0x02, 0xc0, 0x2f, 0x01, 0x00]
}
