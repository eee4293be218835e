import Capture

extension Scenario {
  /// What goes past whoever watches: tunnels, wrappers and encryption.
  static let tunnels: [Scenario] = [
    Scenario(
      "mining-through-socks", raises: "pool.tunnelled",
      "A miner mines through a SOCKS proxy at an address that it may use for something else",
      // The proxy's first messages are what tells.
      survives: [.bytewise, .middle]
    ) { stage in
      var mining = stage.mining(to: .firmwareMirror, port: 443, user: "mallory.x")
      let host = Array("pool.evil.example".utf8)
      mining.turns.insert(
        contentsOf: [
          .clientBytes([5, 1, 0]), .serverBytes([5, 0]),
          .clientBytes([5, 1, 0, 3, UInt8(host.count)] + host + [0x0d, 0x05]),
          .serverBytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ], at: 0)
      return stage.play(mining)
    },
    Scenario(
      "mining-in-a-websocket", raises: "pool.tunnelled",
      "A miner mines inside a WebSocket with a host that nobody knows", survives: [.bytewise]
    ) { $0.play($0.webSocket(of: $0.mining(to: .stranger, port: 8_080, user: "mallory.x"), at: "pool.evil.example")) },
    Scenario(
      "strangers-account-in-a-websocket", raises: "stratum.account-unlisted", also: ["pool.tunnelled"],
      "A miner mines inside a WebSocket at an allowed pool, for an account that nobody knows", survives: [.bytewise]
    ) { $0.play($0.webSocket(of: $0.mining(user: "mallory.x"), at: "stratum.example-pool.com:3333")) },
    Scenario(
      "shell-to-the-outside", raises: "destination.tunnel",
      "A miner opens an SSH connection to a host outside", survives: [.bytewise, .middle]
    ) { stage in
      stage.play(
        Conversation(
          from: stage.miner, to: .stranger, port: 443,
          turns: [
            .clientBytes(Array("SSH-2.0-dropbear_2022.83\r\n".utf8)),
            .serverBytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
          ]))
    },
    Scenario(
      "wireguard-tunnel", raises: "destination.tunnel",
      "A miner joins a WireGuard network", survives: []
    ) { stage in
      let first = [1, 0, 0, 0] + [UInt8](repeating: 0x3c, count: 144)
      let second = [2, 0, 0, 0] + [UInt8](repeating: 0xc3, count: 88)
      return stage.play([
        FrameBytes.udp(from: stage.miner, port: 40_000, to: .stranger, port: 51_820, payload: first),
        FrameBytes.udp(from: .stranger, port: 51_820, to: stage.miner, port: 40_000, payload: second),
      ])
    },
    Scenario(
      "dns-over-https", raises: "dns.encrypted",
      "A miner asks a public resolver for names over HTTPS", survives: [.bytewise, .middle]
    ) { $0.play($0.tls(to: .stranger, port: 443, for: "cloudflare-dns.com", offering: ["h2"])) },
    Scenario(
      "dns-over-tls", raises: "dns.encrypted",
      "A miner asks a resolver for names over TLS", survives: [.bytewise, .middle]
    ) { $0.play($0.tls(to: .stranger, port: 853, for: "dns.evil.example")) },
    Scenario(
      "pool-behind-tls", raises: "pool.unlisted",
      "A miner opens a TLS session for a pool's name at an address that is not the pool's",
      survives: [.bytewise, .middle]
    ) { $0.play($0.tls(to: .stranger, port: 443, for: "closed.example-pool.com")) },
    Scenario(
      "encrypted-mining", raises: "monitor.unreadable",
      "A miner mines over TLS, as it may: the monitor says what it cannot read", tail: .seconds(700),
      survives: []
    ) { $0.play($0.tls(to: .closedPool, port: 443, for: "closed.example-pool.com")) },
  ]
}

extension Stage {
  /// A TLS session up to its first data.
  package func tls(to host: Host, port: UInt16, for name: String, offering protocols: [String] = []) -> Conversation {
    Conversation(
      from: miner, to: host, port: port,
      turns: [
        .clientBytes(TLSBytes.clientHello(for: name, offering: protocols)), .serverBytes(TLSBytes.serverHello()),
        .serverBytes(TLSBytes.data(1_800)), .clientBytes(TLSBytes.data(74)), .clientBytes(TLSBytes.data(180)),
        .serverBytes(TLSBytes.data(60)),
      ])
  }
}

extension Stage {
  /// The lines of a conversation as messages in a WebSocket.
  package func webSocket(of conversation: Conversation, at host: String) -> Conversation {
    var wrapped = conversation
    wrapped.turns =
      [.clientBytes(WebSocketBytes.request(host: host)), .serverBytes(WebSocketBytes.answer())]
      + conversation.turns.map { turn in
        switch turn {
        case .client(let line):
          .clientBytes(WebSocketBytes.frame(Array(line.utf8), key: [0x37, 0xfa, 0x21, 0x3d]))
        case .server(let line): .serverBytes(WebSocketBytes.frame(Array(line.utf8)))
        default: turn
        }
      }
    return wrapped
  }
}

extension Host {
  /// A place that miners may reach on port 443, and not for mining.
  package static let firmwareMirror = Host("198.51.100.200")
}
