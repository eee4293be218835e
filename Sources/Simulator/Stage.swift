package import Capture

/// Where and how a scenario is played: to which miner it happens, when, and what the tap sees of it.
package struct Stage: Sendable {
  package var miner: Host
  package var time: Timestamp
  package var shape: Shape

  package init(miner: Host = .victim, at time: Timestamp, shape: Shape = .whole) {
    self.miner = miner
    self.time = time
    self.shape = shape
  }

  /// A conversation as it reaches the tap, its first frame `delay` after the scenario's beginning.
  package func play(_ conversation: Conversation, after delay: Duration = .zero) -> Tape {
    var conversation = conversation
    let time = time.advanced(by: delay)
    switch shape {
    case .whole: break
    case .bytewise: conversation.segmentSize = 1
    case .middle: conversation.start = .middle
    case .lossy:
      return conversation.tape(at: time)
        .losingFirstData(from: conversation.client).losingFirstData(from: conversation.server)
    }
    return conversation.tape(at: time)
  }

  /// A look-up is two datagrams, so it has one shape.
  package func play(_ lookup: Lookup, after delay: Duration = .zero) -> Tape {
    lookup.tape(at: time.advanced(by: delay))
  }

  /// Frames as they are, ten milliseconds between one and the next.
  package func play(_ frames: [[UInt8]], after delay: Duration = .zero) -> Tape {
    var tape = Tape()
    for (index, frame) in frames.enumerated() {
      tape.append(frame, at: time.advanced(by: delay).advanced(by: .milliseconds(10 * index)))
    }
    return tape
  }
}

// MARK: - What many scenarios say

extension Stage {
  /// Subscribe, authorize, job, share; the first lines may be lost and the rest still tells.
  ///
  /// - Parameter extra: said between the first share and the second.
  package func mining(
    to pool: Host = HealthySite.pool, port: UInt16 = HealthySite.port, user: String = "acme.r1",
    extra: [Conversation.Turn] = []
  ) -> Conversation {
    Conversation(
      from: miner, to: pool, port: port,
      turns: [
        .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
        .client(StratumLines.authorize(user: user)), .server(StratumLines.result(id: 3)),
        .server(StratumLines.setDifficulty(233_000)), .server(StratumLines.notify(job: "6601", branches: 4)),
        .client(StratumLines.submit(id: 4, user: user, job: "6601", nonce: 0x1234_5678)),
        .server(StratumLines.result(id: 4)),
      ] + extra + [
        .client(StratumLines.submit(id: 5, user: user, job: "6601", nonce: 0x1234_5679)),
        .server(StratumLines.result(id: 5)),
      ])
  }

  /// Talk of no known protocol.
  package func hello(to host: Host, port: UInt16, from client: Host? = nil) -> Conversation {
    Conversation(
      from: client ?? miner, to: host, port: port,
      turns: [.clientBytes(Array("hello, is anybody there?\r\n".utf8)), .serverBytes(Array("yes\r\n".utf8))])
  }

  package func lookup(_ name: String, at resolver: Host = HealthySite.resolver, gives addresses: Host...) -> Lookup {
    Lookup(name, by: miner, at: resolver, gives: addresses.map(\.address))
  }
}

extension Conversation.Turn {
  /// A notification of the pool's.
  package static func notification(_ method: String, _ parameters: String = "[]") -> Conversation.Turn {
    .server(#"{"id":null,"method":"\#(method)","params":\#(parameters)}"#)
  }
}

extension Host {
  /// A miner that does nothing but what a scenario makes it do.
  package static let victim = HealthySite.miner(200)
  /// A host that may open connections to miners.
  package static let manager = Host("10.1.0.17")
  /// A pool that is allowed over TLS only.
  package static let closedPool = Host("192.0.2.5")
  /// A pool that is allowed as another's backup.
  package static let backupPool = HealthySite.backup.host
  /// A place outside the site that no policy explains.
  package static let stranger = Host("198.51.100.23")
  package static let secondStranger = Host("198.51.100.77")
}
