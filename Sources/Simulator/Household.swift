package import Capture
import Decode

/// What a site's network carries beside mining: managers that poll, leases that are renewed, clocks that are set, names and
/// neighbours that are asked for. All of it is as it should be: a stock Antminer does so
/// (HashSource/hashsource_antminer_S21x, etc/ntp.conf and etc/init.d), and how often is mostly our judgement.
package struct Household: Sendable {
  /// Who lives there, by number.
  package var miners: [Int]
  package var seed: UInt64 = 1
  /// Time between two looks of the manager at a miner's API.
  package var poll = Duration.seconds(10)

  package static let gateway = Host("10.20.0.1")

  package init(miners: some Sequence<Int>) {
    self.miners = Array(miners)
  }

  /// All of it from one time to another.
  package func tape(from start: Timestamp, until end: Timestamp) -> Tape {
    var generator = SplitMix64(seed: seed)
    var tape = ManagerTraffic.search(miners.map(HealthySite.miner), at: start.advanced(by: .seconds(25)))
    for index in miners {
      let miner = HealthySite.miner(index)
      for chore in chores(of: index) {
        // Nobody does everything on the full second.
        var time = start.advanced(
          byNanoseconds: Int64.random(in: 0...chore.every.saturatedNanoseconds, using: &generator))
        var round = 0
        while time < end {
          tape.append(chore.frames(miner, round, time))
          round += 1
          time = time.advanced(by: chore.every)
        }
      }
    }
    return tape.sorted()
  }

  /// Something that happens to a miner again and again.
  private struct Chore {
    let every: Duration
    /// The miner, how often it has happened, and when it happens.
    let frames: @Sendable (Host, Int, Timestamp) -> Tape
  }

  private func chores(of index: Int) -> [Chore] {
    polls(of: index) + [
      Chore(every: .seconds(60), frames: Self.ping),
      Chore(every: .seconds(index % 2 == 0 ? 64 : 1_024), frames: Self.setClock),
      Chore(every: .seconds(1_800), frames: Self.renewLease),
      Chore(every: .seconds(120), frames: Self.findGateway),
      Chore(every: .seconds(900), frames: Self.announceName),
      Chore(every: .seconds(1_200), frames: Self.lookUpPool),
    ]
  }

  /// What the manager reads, which depends on the miner's make.
  private func polls(of index: Int) -> [Chore] {
    switch index % 4 {
    case 0, 1:
      [
        Chore(every: poll, frames: ManagerTraffic.readAntminer),
        Chore(every: .seconds(60), frames: ManagerTraffic.readAntminerPages),
      ]
    case 2: [Chore(every: poll, frames: ManagerTraffic.readWhatsminer)]
    default: [Chore(every: poll, frames: ManagerTraffic.readBitaxe)]
    }
  }

  /// How a miner comes up, before its first look-up: an address, its neighbours, the time.
  package static func boot(_ miner: Host, at time: Timestamp) -> Tape {
    var tape = lease(miner, at: time, types: [(1, 2), (3, 5)])
    tape.append(LinkFrames.arpRequest(from: miner, for: miner), at: time.advanced(by: .seconds(1)))
    tape.append(findGateway(miner, 0, time.advanced(by: .seconds(1))))
    for round in 0..<4 { tape.append(setClock(miner, round, time.advanced(by: .seconds(2 + 2 * round)))) }
    tape.append(announceName(miner, 0, time.advanced(by: .seconds(3))))
    return tape
  }
}

// MARK: - Chores

extension Household {
  private static func ping(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    var tape = Tape()
    tape.append(FrameBytes.echo(from: .manager, to: miner), at: time)
    tape.append(FrameBytes.echo(from: miner, to: .manager, isReply: true), at: time.advanced(by: .milliseconds(1)))
    return tape
  }

  private static func setClock(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    var tape = Tape()
    let server = HealthySite.resolver
    for (mode, delay) in [(UInt8(3), 0), (4, 3)] {
      let (from, to) = mode == 3 ? (miner, server) : (server, miner)
      let sent = time.advanced(by: .milliseconds(delay))
      tape.append(
        FrameBytes.udp(from: from, port: 123, to: to, port: 123, payload: NTPBytes.packet(mode: mode, at: sent)),
        at: sent)
    }
    return tape
  }

  private static func renewLease(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    lease(miner, at: time, types: [(3, 5)])
  }

  /// - Parameter types: what the client says, and what the server answers.
  private static func lease(_ miner: Host, at time: Timestamp, types: [(client: UInt8, server: UInt8)]) -> Tape {
    let server = HealthySite.resolver
    let anybody = Host("255.255.255.255", mac: LinkFrames.everybody)
    var tape = Tape()
    for (step, type) in types.enumerated() {
      let isRenewal = types.count == 1
      let asked = time.advanced(by: .milliseconds(20 * step))
      tape.append(
        FrameBytes.udp(
          from: isRenewal ? miner : Host("0.0.0.0", mac: miner.mac), port: DHCPBytes.clientPort,
          to: isRenewal ? server : anybody, port: DHCPBytes.serverPort,
          payload: DHCPBytes.fromClient(
            miner.mac, type: type.client, requested: isRenewal || step == 0 ? nil : miner.address)),
        at: asked)
      tape.append(
        FrameBytes.udp(
          from: server, port: DHCPBytes.serverPort, to: miner, port: DHCPBytes.clientPort,
          payload: DHCPBytes.fromServer(
            server.address, to: miner.mac, type: type.server, gives: miner.address, router: gateway.address,
            resolvers: [server.address], timeServers: [server.address])),
        at: asked.advanced(by: .milliseconds(5)))
    }
    return tape
  }

  private static func findGateway(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    var tape = Tape()
    tape.append(LinkFrames.arpRequest(from: miner, for: gateway), at: time)
    tape.append(LinkFrames.arpReply(from: gateway, to: miner), at: time.advanced(by: .milliseconds(1)))
    return tape
  }

  /// An unasked answer of avahi's: the miner's own address under its own name (RFC 6762 §8.3).
  private static func announceName(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let group = Host("224.0.0.251", mac: .init(rawValue: 0x0100_5e00_00fb))
    var tape = Tape()
    tape.append(
      FrameBytes.udp(
        from: miner, port: 5353, to: group, port: 5353,
        payload: DNSBytes.response("antminer.local", id: 0, addresses: [miner.address])),
      at: time)
    return tape
  }

  /// Resolvers are asked for both kinds of addresses, and the pool has but one.
  private static func lookUpPool(_ miner: Host, _ round: Int, _ time: Timestamp) -> Tape {
    let name = HealthySite.primary.name
    var both = Lookup(name, by: miner, at: HealthySite.resolver, gives: [HealthySite.pool.address])
    both.id = UInt16(truncatingIfNeeded: 0x2000 + 2 * round)
    both.clientPort = UInt16(truncatingIfNeeded: 52_000 + round % 8_000)
    var tape = both.tape(at: time)
    both.id += 1
    both.type = DNSBytes.typeAAAA
    both.addresses = []
    tape.append(both.tape(at: time.advanced(by: .milliseconds(1))))
    return tape
  }
}
