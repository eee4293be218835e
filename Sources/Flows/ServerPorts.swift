import Decode

/// Which end is the client when no handshake was seen: what the port numbers say, never who was seen first.
enum ServerPorts {
  /// How sure a port is a server's: 2 below 1024 or known and never given out to clients, 1 known but inside the range that
  /// clients are given their ports from (RFC 6335 §6; Linux starts at 32,768), 0 unknown.
  static func rank(_ port: UInt16) -> Int {
    switch port {
    case 0:
      0
    case 1..<1_024:
      2
    // Mining pools (M45Core/StratumStats, config/pools.json), their proxies (braiins/farm-proxy, .env), Foreman's agent
    // (docs.foreman.mn) and getwork; which ports of theirs is our judgement.
    case 1314, 1800, 2309, 3032, 3333, 3334, 4444, 5555, 7777, 8888, 9332, 9999, 14_433, 14_444, 20_535, 25_452:
      2
    // Miners' own management (UpstreamData/pyasic, pyasic/rpc and pyasic/miners/listener.py;
    // HashSource/hashsource_antminer_S21x, etc/init.d/S38iptables).
    case 4028, 4433, 6060, 8889, 14_235, 14_236:
      2
    // Nodes, web, tunnels and name services on registered ports.
    case 1080, 1194, 1883, 3128, 3306, 3389, 4789, 5353, 5432, 5900, 8000, 8080, 8081, 8332, 8333, 8443, 9090, 18_332,
      18_333:
      2
    // Stratum V2's reference ports and Braiins OS gRPC.
    case 34_254...34_265, 50_051:
      1
    default:
      0
    }
  }

  /// - Returns: the client, and whether a port was known or we guess that the lower one is the server's.
  static func client(portOfA: UInt16, portOfB: UInt16) -> (client: End, basis: DirectionBasis) {
    let a = rank(portOfA)
    let b = rank(portOfB)
    if a != b {
      return (a < b ? .a : .b, .port)
    }
    return (portOfA >= portOfB ? .a : .b, .guess)
  }

  /// The client of an ICMP exchange by the first packet's type: an echo request is the client's, its reply the server's
  /// (RFC 792, RFC 4443 §4). Nothing is known from other types.
  static func client(ofICMPType type: UInt8, _ transport: TransportKind, from sender: End) -> (End, DirectionBasis) {
    switch (transport, type) {
    case (.icmp, 8), (.icmpv6, 128): (sender, .content)
    case (.icmp, 0), (.icmpv6, 129): (sender.other, .content)
    default: (.a, .guess)
    }
  }
}
