import Flows
import Protocols

/// A session at the pool "good", where `acme` and `acme.*` may be paid.
private let session = flow(to: goodPool, 3333)
private let at = "10.20.0.5 -> 203.0.113.9:3333 stratum.good.example"

extension RuleCase {
  static let stratum: [RuleCase] = [
    .fires(
      "paid to somebody else", morning + session.mines(as: "mallory.x"),
      #"critical stratum.account-unlisted \#(at): authorized as "mallory.x""#),
    .fires(
      "work under another name",
      morning + session.mines(as: "acme.1") + [session.stratum(.user("mallory.x", method: "mining.submit"), at: 101)],
      #"critical stratum.account-unlisted \#(at): submits work as "mallory.x""#),
    .fires(
      "a factory identity", morning + session.mines(as: "antminer_1"),
      #"critical stratum.account-unlisted \#(at): authorized as "antminer_1", factory account of Antminer test fixtures"#
    ),
    .fires(
      "a stranger's account over getwork at an allowed pool",
      morning + [getwork(to: goodPool, as: "mallory.x")],
      #"critical stratum.account-unlisted 10.20.0.5 -> 203.0.113.9:3333 stratum.good.example: authorized as "mallory.x""#
    ),
    .nearMiss(
      of: "stratum.account-unlisted", when: "the site's account over getwork",
      morning + [getwork(to: goodPool, as: "acme.1"), getwork(to: goodPool, as: nil)]),
    .nearMiss(
      of: "stratum.account-unlisted", when: "an account that is listed", morning + session.mines(as: "acme.r3")),
    .nearMiss(
      of: "stratum.account-unlisted", when: "a pool that pays anybody", flow(to: "198.51.100.20", 3333).mines(as: "x")),
    .nearMiss(  // That it is no pool of ours is the whole story.
      of: "stratum.account-unlisted", when: "a pool that is not allowed", flow(to: stranger, 3333).mines(as: "mallory"),
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3333: authorized as "mallory""#),

    .fires(
      "a method of nobody",
      morning + [session.stratum(.unexpectedMethod("mining.exec", sender: .server, reason: .unknownMethod))],
      #"medium stratum.unexpected-method \#(at): pool says "mining.exec": unknown method"#),
    .fires(
      "a method for sloppy readers",
      morning + [session.stratum(.unexpectedMethod("CLIENT.RECONNECTx", sender: .server, reason: .looseMatch))],
      #"medium stratum.unexpected-method \#(at): pool says "CLIENT.RECONNECTx": obeyed only by a sloppy reader"#),
    .nearMiss(
      of: "stratum.unexpected-method", when: "no miner's session",
      [flow(manager, to: goodPool, 3333).stratum(.unexpectedMethod("x", sender: .client, reason: .unknownMethod))]),

    .fires(
      "work before its time", morning + [session.stratum(.outOfOrder(.submitBeforeAuthorize))],
      "medium stratum.out-of-order \(at): share before authorize"),
    .nearMiss(
      of: "stratum.out-of-order", when: "no miner's session",
      [
        flow(manager, to: goodPool, 3333).stratum(.outOfOrder(.submitAfterRefusal))
      ]),

    .fires(
      "a key twice", morning + [session.stratum(.anomaly(.duplicateKey, sender: .server))],
      "medium stratum.malformed \(at): from the pool: duplicate key"),
    .nearMiss(
      of: "stratum.malformed", when: "no miner's session",
      [
        flow(manager, to: goodPool, 3333).stratum(.anomaly(.notJSON, sender: .client))
      ]),

    .fires(
      "a message", morning + [session.stratum(.message("pool moves on \"Monday\""))],
      #"info stratum.show-message \#(at): pool says "pool moves on 'Monday'""#),
    .nearMiss(
      of: "stratum.show-message", when: "no miner's session",
      [
        flow(manager, to: goodPool, 3333).stratum(.message("hello"))
      ]),

    .fires(
      "two versions of the same bytes",
      morning + [
        session.observed(.streamConflict(StreamConflict(sequence: 7, first: [0x7b], second: [0x5b]), sender: .server))
      ],
      "critical stratum.injected \(at): two versions of what the pool says"),
    .nearMiss(
      of: "stratum.injected", when: "no miner's session",
      [
        flow(manager, to: goodPool, 3333).observed(
          .streamConflict(StreamConflict(sequence: 7, first: [1], second: [2]), sender: .server))
      ]),
    .fires(
      "told to the same place", morning + [session.stratum(.redirect(host: nil, port: nil, wait: nil))],
      "info stratum.redirect \(at): told to reconnect to the same place"),
    .nearMiss(
      of: "stratum.redirect", when: "no miner's session",
      [
        flow(manager, to: goodPool, 3333).stratum(.redirect(host: "evil.example", port: 1, wait: nil))
      ]),
  ]

  static let redirects: [RuleCase] = [
    .fires(
      "a redirect that is followed",
      morning + [
        session.stratum(.redirect(host: "Evil.Example.", port: 3334, wait: 0)),
        answers("evil.example", stranger, at: 110),
      ] + flow(to: stranger, 3334, id: 2, at: 120).mines(as: "acme.1"),
      #"critical stratum.redirect \#(at): told to reconnect to "evil.example:3334", which is not allowed"#,
      #"critical stratum.redirect 10.20.0.5 -> 198.51.100.66:3334 evil.example: followed the redirect to "evil.example:3334""#,
      #"critical pool.unlisted 10.20.0.5 -> 198.51.100.66:3334 evil.example: authorized as "acme.1""#),
    .fires(
      "a redirect that is not followed",
      morning + [session.stratum(.redirect(host: stranger, port: nil, wait: nil)), asks("time.example.com", at: 500)],
      #"critical stratum.redirect \#(at): told to reconnect to "198.51.100.66:3333", which is not allowed"#,
      #"critical stratum.redirect \#(at): did not follow the redirect to "198.51.100.66:3333" within 2m"#),
    .fires(  // Too late to be a consequence; the connection itself is told all the same.
      "a connection after the window",
      morning + [
        session.stratum(.redirect(host: stranger, port: nil, wait: nil)),
        flow(to: stranger, 3333, id: 2, at: 221).carries(.tls),
      ],
      #"critical stratum.redirect \#(at): told to reconnect to "198.51.100.66:3333", which is not allowed"#,
      "high destination.unlisted 10.20.0.5 -> 198.51.100.66:3333: TCP, TLS"),
    .fires(
      "another port of the same host",
      morning + [session.stratum(.redirect(host: nil, port: 9999, wait: nil))],
      #"critical stratum.redirect \#(at): told to reconnect to "203.0.113.9:9999", which is not allowed"#),
    .fires(
      "a redirect to a listed endpoint, followed",
      morning + [
        session.stratum(.redirect(host: "198.51.100.20", port: 3333, wait: nil)),
        flow(to: "198.51.100.20", 3333, id: 2, at: 101).carries(.stratum),
      ],
      #"info stratum.redirect \#(at): told to reconnect to "198.51.100.20:3333", which is listed"#,
      #"info stratum.redirect 10.20.0.5 -> 198.51.100.20:3333: followed the redirect to "198.51.100.20:3333""#),
    .fires(
      "a redirect by name to the same host",
      morning + [session.stratum(.redirect(host: "stratum.good.example", port: 3333, wait: nil))],
      "info stratum.redirect \(at): told to reconnect to the same place"),
  ]

  static let monitor: [RuleCase] = [
    .fires(
      "packets dropped", [sensor(.captureLoss(loss(kernel: 100, interface: 20)))],
      "high monitor.capture-loss: span0: 120 packets dropped (1.19 %): 100 by the kernel, 20 by the interface in 10 s"),
    .fires(
      "bytes never seen", [sensor(.captureLoss(loss(missed: 65_536)))],
      "high monitor.capture-loss: span0: 65536 bytes of sessions acknowledged but never seen in 10 s"),
    .fires(
      "a large share never seen at a small site", [sensor(.captureLoss(loss(missed: 10_000, seen: 100_000)))],
      "high monitor.capture-loss: span0: 10000 bytes of sessions acknowledged but never seen in 10 s"),
    .nearMiss(
      of: "monitor.capture-loss", when: "nothing dropped, a little never seen",
      [
        sensor(.captureLoss(loss(missed: 65_535))), sensor(.captureLoss(loss(missed: 4_000, seen: 5_000)), at: 101),
      ]),

    .fires(
      "an interface goes and comes",
      [
        sensor(.interface(name: "span0", isUp: false, reason: "The interface disappeared")),
        sensor(.interface(name: "span0", isUp: true, reason: "reopened"), at: 101),
      ],
      "high monitor.interface: span0 went away: The interface disappeared",
      "high monitor.interface: span0 came back: reopened"),
    .nearMiss(
      of: "monitor.interface", "monitor.overload", "monitor.config-rejected", when: "the monitor starts",
      [sensor(.started(version: "1.0", policyDigest: "0123456789abcdef"))],
      "info monitor.lifecycle: started, version 1.0, policy 0123456789ab"),

    .fires(
      "bounds are hit", [sensor(.overload([.init(bound: "flows", count: 12), .init(bound: "held bytes", count: 1)]))],
      "high monitor.overload: bounds reached: flows (12), held bytes (1)"),
    .nearMiss(of: "monitor.overload", when: "none was hit", [sensor(.overload([]))]),

    .fires(
      "a policy is refused", [sensor(.configRejected(errors: ["a:1:1: x", "a:2:1: y", "a:3:1: z", "a:4:1: w"]))],
      "high monitor.config-rejected: a:1:1: x; a:2:1: y; a:3:1: z and 1 more"),
    .fires(
      "reload and stop",
      [
        sensor(.reloaded(policyDigest: "fedc", changes: ["pools: braiins added"])),
        sensor(.stopped(reason: "SIGTERM"), at: 101),
      ],
      "info monitor.lifecycle: reloaded, policy fedc: pools: braiins added", "info monitor.lifecycle: stopped: SIGTERM"),
    .nearMiss(
      of: "monitor.lifecycle", "monitor.config-rejected", when: "only an interface speaks",
      [sensor(.interface(name: "a", isUp: true, reason: "b"))], "high monitor.interface: a came back: b"),
  ]
}

private func loss(kernel: UInt64 = 0, interface: UInt64 = 0, missed: UInt64 = 0, seen: UInt64 = 2_000_000)
  -> SensorEvent.CaptureLoss
{
  SensorEvent.CaptureLoss(
    interface: "span0", seconds: 10, received: 10_000, kernelDropped: kernel, interfaceDropped: interface,
    missedStreamBytes: missed, seenBytes: seen)
}

private func getwork(to pool: String, as user: String?) -> Observation {
  flow(to: pool, 3_333, id: 5).observed(.http(.introduced(.mining(HTTPMining(method: "getwork", user: user)))))
}
