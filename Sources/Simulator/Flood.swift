package import Capture
import Decode

/// Traffic that is meant to fill the monitor's tables: so much of one thing that a bound must hold.
package enum Flood: String, CaseIterable, Sendable {
  /// SYNs from forged miners that nobody answers.
  case syns
  /// Handshakes after which nobody says anything.
  case halfOpen = "half-open"
  /// First fragments whose rest never comes.
  case fragments
  /// Look-ups of the site's own resolver, each of another name.
  case names
  /// Machines that announce themselves, each with an address and a link-layer address of its own.
  case macs
  /// Users that one session logs in.
  case users
  /// Jobs that one pool sends, each with its own name.
  case jobs
  /// Requests that nobody answers.
  case ids
  /// One line that never ends.
  case line
  /// One message whose brackets never close.
  case depth
  /// Segments that stay behind a hole, in as many connections.
  case holes
  /// Commands to miners that are never answered.
  case commands
  /// SYNs of one host to many miners and ports.
  case scan

  /// Time between two frames: 50,000 a second, but for what the link may say in a second.
  private var pace: Duration { self == .macs ? .microseconds(300) : .microseconds(20) }

  /// Hands on so many frames, in time order.
  package func play(_ count: Int, at start: Timestamp, _ body: ([UInt8], Timestamp) throws -> Void) rethrows {
    var time = start
    for number in 0..<count {
      for frame in frames(number, of: count) {
        try body(frame, time)
        time = time.advanced(by: pace)
      }
    }
  }

  // MARK: Frames

  private static let resolver = HealthySite.resolver
  private static let pool = HealthySite.pool

  /// One of the miners of 10.20.0.0/16.
  private func miner(_ number: Int) -> Host {
    Host(IPAddress(v4: 0x0a14_0000 | UInt32(truncatingIfNeeded: number & 0xffff)))
  }

  private func frames(_ number: Int, of count: Int) -> [[UInt8]] {
    switch self {
    case .syns: [syn(from: miner(number), port: port(number), to: Self.pool, port: 3333)]
    case .scan:
      [syn(from: .laptop, port: 50_000, to: miner(number), port: UInt16(truncatingIfNeeded: 1 + number >> 16))]
    case .halfOpen: handshake(number, to: Self.pool, port: 3333)
    case .fragments: [fragment(number)]
    case .names: lookup(number)
    case .macs: [LinkFrames.arpRequest(from: machine(number), for: machine(number))]
    case .holes:
      handshake(number, to: Self.pool, port: 3333)
        + [say(Array("behind a hole\n".utf8), from: miner(number), port(number), to: Self.pool, 3333, at: 900)]
    case .commands:
      handshake(number, from: .manager, to: miner(number), port: 4028)
        + [say(Array(#"{"command":"restart"}"#.utf8), from: .manager, port(number), to: miner(number), 4028, at: 0)]
    case .users, .jobs, .ids, .line, .depth: session(number, of: count)
    }
  }

  private func port(_ number: Int) -> UInt16 { UInt16(truncatingIfNeeded: 1_024 + number >> 16 &* 7) }

  private func machine(_ number: Int) -> Host {
    Host(miner(number).address, mac: MACAddress(rawValue: 0x0600_0000_0000 | UInt64(number)))
  }

  private func syn(from client: Host, port: UInt16, to server: Host, port serverPort: UInt16) -> [UInt8] {
    FrameBytes.tcp(
      from: client, port: port, to: server, port: serverPort, sequence: 1, acknowledgment: 0, flags: .synchronize)
  }

  private func handshake(_ number: Int, from client: Host? = nil, to server: Host, port serverPort: UInt16) -> [[UInt8]]
  {
    let client = client ?? miner(number)
    let own = port(number)
    return [
      syn(from: client, port: own, to: server, port: serverPort),
      FrameBytes.tcp(
        from: server, port: serverPort, to: client, port: own, sequence: 1, acknowledgment: 2,
        flags: [.synchronize, .acknowledge]),
      FrameBytes.tcp(
        from: client, port: own, to: server, port: serverPort, sequence: 2, acknowledgment: 2, flags: .acknowledge),
    ]
  }

  /// Bytes of a client whose SYN had the number 1.
  private func say(
    _ bytes: [UInt8], from client: Host, _ port: UInt16, to server: Host, _ serverPort: UInt16, at offset: UInt32
  ) -> [UInt8] {
    FrameBytes.tcp(
      from: client, port: port, to: server, port: serverPort, sequence: 2 &+ offset, acknowledgment: 2,
      flags: [.push, .acknowledge], payload: bytes)
  }

  private func fragment(_ number: Int) -> [UInt8] {
    FrameBytes.frame(
      from: miner(number >> 8), to: Self.pool, ipProtocol: 17, payload: [UInt8](repeating: 7, count: 64),
      identification: UInt16(truncatingIfNeeded: number), flagsAndOffset: 0x2000)
  }

  private func lookup(_ number: Int) -> [[UInt8]] {
    let name = "host-\(number).example.com"
    let address = IPAddress(v4: 0x6440_0000 &+ UInt32(truncatingIfNeeded: number))
    let id = UInt16(truncatingIfNeeded: number)
    return [
      FrameBytes.udp(
        from: miner(number), port: 50_000, to: Self.resolver, port: 53, payload: DNSBytes.query(name, id: id)),
      FrameBytes.udp(
        from: Self.resolver, port: 53, to: miner(number), port: 50_000,
        payload: DNSBytes.response(name, id: id, addresses: [address])),
    ]
  }

  /// One connection of one miner, whose segments have one length each, so that a segment's number tells its place.
  private func session(_ number: Int, of count: Int) -> [[UInt8]] {
    let client = miner(1)
    guard number > 0 else {
      return handshake(1, to: Self.pool, port: 3333)
        + [say(Self.padded(StratumLines.subscribe()), from: client, port(1), to: Self.pool, 3333, at: 0)]
    }
    let offset = UInt32(truncatingIfNeeded: number &* Self.segment)
    let serverOffset = UInt32(truncatingIfNeeded: (number - 1) &* Self.segment)
    let digits = String(number, radix: 16)
    switch self {
    case .users:
      return [
        say(
          Self.padded(StratumLines.authorize(id: number, user: "acme.\(digits)")), from: client, port(1), to: Self.pool,
          3333, at: offset)
      ]
    case .ids:
      return [
        say(
          Self.padded(#"{"id":\#(number),"method":"mining.extranonce.subscribe","params":[]}"#), from: client, port(1),
          to: Self.pool, 3333, at: offset)
      ]
    case .line:
      return [say([UInt8](repeating: 120, count: Self.segment), from: client, port(1), to: Self.pool, 3333, at: offset)]
    case .depth:
      return [
        say([UInt8](repeating: 0x5b, count: Self.segment), from: client, port(1), to: Self.pool, 3333, at: offset)
      ]
    default:
      let job =
        #"{"id":null,"method":"mining.notify","params":["\#(digits)","00","01","02",[],"20000000","17034219","65e1a2b3",false]}"#
      return [
        FrameBytes.tcp(
          from: Self.pool, port: 3333, to: client, port: port(1), sequence: 2 &+ serverOffset,
          acknowledgment: 2 &+ UInt32(Self.segment), flags: [.push, .acknowledge], payload: Self.padded(job))
      ]
    }
  }

  private static let segment = 160

  /// A line of exactly one segment: blanks before its end say nothing.
  private static func padded(_ line: String) -> [UInt8] {
    let bytes = Array(line.utf8)
    return bytes + [UInt8](repeating: 32, count: max(0, segment - 1 - bytes.count)) + [10]
  }
}
