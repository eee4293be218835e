import Capture
import Decode
import Testing

@testable import Flows

struct FlowTableTests {
  // MARK: Keys

  @Test
  func `both directions are one flow, other VLANs and protocols are others`() {
    let tap = Tap()
    var packet = tap.packet(.client, 0)
    let first = tap.receive(packet, [], .client)
    #expect(first.isNew)
    let back = tap.receive(tap.packet(.server, 0), [], .server)
    #expect(back.flow == first.flow && !back.isNew && back.sender == first.sender.other)
    (packet.outerVLAN, packet.vlanCount) = (10, 1)
    #expect(tap.receive(packet, [], .client).isNew)
    (packet.innerVLAN, packet.vlanCount) = (10, 2)
    #expect(tap.receive(packet, [], .client).isNew)
    packet.transport = .udp
    packet.ipProtocol = 17
    #expect(tap.receive(packet, [], .client).isNew)
    #expect(!tap.receive(packet, [], .client).isNew)
  }

  @Test
  func `talking to oneself is one flow of two ends`() {
    let tap = Tap()
    tap.serverAddress = tap.clientAddress
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.send(.server, at: 1, "xyz")
    #expect(tap.newFlows == 1)
    #expect(tap.client == [.text("abc")])
    #expect(tap.server == [.text("xyz")])
  }

  @Test
  func `ICMP of two hosts is one flow whatever type and code`() {
    let tap = Tap()
    var packet = tap.packet(.client, 8)
    packet.transport = .icmp
    packet.ipProtocol = 1
    (packet.sourcePort, packet.destinationPort) = (8, 0)
    let update = tap.receive(packet, [UInt8](repeating: 7, count: 8), .client)
    #expect(update.payloadLength == 8)
    (packet.source, packet.destination) = (packet.destination, packet.source)
    (packet.sourcePort, packet.destinationPort) = (3, 1)
    #expect(tap.receive(packet, [UInt8](repeating: 7, count: 8), .server).flow == update.flow)
    #expect(tap.facts.icmpType == 8)
    #expect(tap.facts.side(tap.facts.client).address == tap.clientAddress)
  }

  @Test
  func `what is no flow makes none`() {
    let tap = Tap()
    var packet = tap.packet(.client, 0)
    packet.transport = .none  // a TCP header cut short
    #expect(tap.receive(packet, [], .client).flow == .none)
    packet.ipProtocol = 47
    packet.fragment = Fragment(isFragment: true, moreFollow: true, identification: 1, offset: 0)
    #expect(tap.receive(packet, [], .client).flow == .none)
    packet.fragment = .none
    packet.network = .arp
    #expect(tap.receive(packet, [], .client).flow == .none)
    packet.network = .ipv4
    #expect(tap.receive(packet, [], .client).isNew)
  }

  @Test(arguments: [
    (50_000, 3_333, 50_000, DirectionBasis.port),
    (3_333, 50_000, 50_000, .port),
    (34_254, 60_000, 60_000, .port),
    (34_254, 3_333, 34_254, .port),  // a client may be given a Stratum V2 port
    (50_000, 40_000, 50_000, .guess),
    (80, 3_333, 3_333, .guess),
  ])
  func `ports tell the client when no SYN was seen`(a: UInt16, b: UInt16, client: UInt16, basis: DirectionBasis) {
    for speaker in [Tap.Speaker.client, .server] {
      let tap = Tap()
      (tap.clientPort, tap.serverPort) = (a, b)
      tap.send(speaker, at: 1, "abc")
      #expect(tap.facts.side(tap.facts.client).port == client)
      #expect(tap.facts.basis == basis)
    }
  }

  @Test
  func `a stronger basis replaces a weaker one`() {
    let tap = Tap()
    tap.send(.client, at: 1, "abc")
    let client = tap.facts.client
    tap.table.setClient(tap.flow, client.other, basis: .port)
    #expect(tap.facts.client == client)
    tap.table.setClient(tap.flow, client.other, basis: .content)
    #expect(tap.facts.client == client.other)
    #expect(tap.table.client(tap.flow) == (client.other, .content))
  }

  @Test
  func `knows what it was told and what it saw`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.table.setApplicationState(tap.flow, 77)
    #expect(tap.table.applicationState(tap.flow) == 77)
    let facts = tap.facts
    #expect(facts.side(facts.client).mac == MACAddress(rawValue: 0xc))
    #expect(facts.side(facts.client.other).mac == MACAddress(rawValue: 0x5))
    #expect(facts.side(facts.client).counters.bytes == 123)
    #expect(facts.side(facts.client).counters.packets == 3)
    #expect(facts.side(facts.client.other).counters.packets == 1)
  }

  // MARK: Time

  @Test
  func `a mining session may be silent for a day`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.wait(milliseconds: 24 * 3_600_000)
    tap.pass(seconds: 20)
    #expect(tap.endings == [])
    tap.wait(milliseconds: 2 * 3_600_000)
    tap.pass(seconds: 20)
    #expect(tap.endings == [.idle])
    #expect(tap.table.count == 0)
  }

  @Test
  func `each kind of flow has its own patience`() {
    for (flags, seconds) in [(TCPFlags.synchronize, 20), ([.finish, .acknowledge], 10)] as [(TCPFlags, Int)] {
      let tap = Tap()
      tap.send(.client, at: 0, flags: flags)
      tap.pass(seconds: seconds - 1)
      #expect(tap.endings == [])
      tap.pass(seconds: 12)
      #expect(tap.endings == [.idle])
    }
    let tap = Tap()
    var packet = tap.packet(.client, 0)
    packet.transport = .udp
    packet.ipProtocol = 17
    tap.receive(packet, [], .client)
    tap.pass(seconds: 119)
    #expect(tap.endings == [])
    tap.pass(seconds: 12)
    #expect(tap.endings == [.idle])
  }

  /// The questions and answers of a look-up, and seconds after which it is over at the latest.
  @Test(arguments: [(1, 1, 13), (2, 2, 13), (2, 3, 13), (2, 1, 131), (1, 0, 131), (0, 1, 131), (5, 5, 131)])
  func `a look-up is over soon after its last answer`(questions: Int, answers: Int, seconds: Int) {
    let tap = Tap()
    for (speaker, count) in [(Tap.Speaker.client, questions), (.server, answers)] {
      for _ in 0..<count {
        var packet = tap.packet(speaker, 0)
        packet.transport = .udp
        packet.ipProtocol = 17
        let update = tap.receive(packet, [], speaker)
        tap.table.setClient(update.flow, speaker == .client ? update.sender : update.sender.other, basis: .content)
        tap.table.markConsultation(update.flow)
      }
    }
    // A sweep goes round in ten seconds.
    tap.pass(seconds: seconds == 13 ? 1 : 118)
    #expect(tap.endings == [])
    tap.pass(seconds: seconds == 13 ? 12 : 13)
    #expect(tap.endings == [.idle])
  }

  /// A sweep goes round a full table in ten seconds; a site that starts has thousands of look-ups in each.
  @Test func `look-ups do not wait for the sweep`() {
    let count = 4 * Limits.sweptAtOnce
    let tap = Tap(capacity: count)
    for number in 0..<count {
      for speaker in [Tap.Speaker.client, .server] {
        var packet = tap.packet(speaker, 0)
        packet.transport = .udp
        packet.ipProtocol = 17
        packet.interface = 0
        packet.outerVLAN = UInt16(number & 0xfff)
        packet.innerVLAN = UInt16(number >> 12)
        packet.vlanCount = 2
        let update = tap.receive(packet, [], speaker)
        tap.table.markConsultation(update.flow)
        tap.table.setClient(update.flow, speaker == .client ? update.sender : update.sender.other, basis: .content)
      }
    }
    #expect(tap.table.count == count)
    tap.pass(seconds: 2)
    #expect(tap.endings == [])
    tap.pass(seconds: 2)
    #expect(tap.endings.count == count)
  }

  @Test
  func `one wild timestamp ends nothing, forwards or backwards`() {
    for wild in [Timestamp(nanoseconds: .max), Timestamp(nanoseconds: .min), Timestamp(seconds: 0)] {
      let tap = Tap()
      tap.handshake()
      tap.pass(seconds: 2)
      let time = tap.time
      tap.time = wild
      tap.tick()
      tap.time = time
      tap.pass(seconds: 2)
      tap.time = wild
      tap.send(.client, at: 1, "abc")
      tap.time = time
      tap.pass(seconds: 15)
      #expect(tap.endings == [])
      tap.send(.client, at: 4, "def")
      #expect(tap.client == [.text("abcdef")])
    }
  }

  @Test
  func `a flow nobody identifies is reported once, ten seconds old`() {
    let tap = Tap()
    tap.handshake()
    let known = tap.flow
    tap.table.markIdentified(known)
    tap.clientPort += 1
    tap.handshake()
    tap.pass(seconds: 9)
    #expect(tap.table.nextUndecided() == nil)
    tap.pass(seconds: 3)
    #expect(tap.table.nextUndecided() == tap.flow)
    tap.pass(seconds: 30)
    #expect(tap.table.nextUndecided() == nil)
  }

  // MARK: Full

  @Test
  func `a flood of spoofed SYNs costs bounded memory and no live session`() {
    let tap = Tap(capacity: 4_096)
    tap.handshake()
    tap.send(.client, at: 1, "before ")
    var packet = tap.packet(.client, 0)
    packet.tcp.flags = .synchronize
    let empty = frame(54, [])
    var ends = 0
    for index in 0..<1_000_000 as Range<UInt32> {
      packet.source = IPAddress(v4: 0x2000_0000 &+ index &* 2_654_435_761)
      packet.tcp.sequence = index
      if tap.table.receive(&packet, empty.bytes(0..<54)).hasEnded {
        while let (flow, reason) = tap.table.nextEnded() {
          if reason == .evicted { ends += 1 }
          tap.table.release(flow)
        }
      }
    }
    #expect(tap.table.statistics.made == 1_000_001)
    #expect(tap.table.statistics.refused == 0)
    #expect(tap.table.count == 4_096)
    #expect(ends == 1_000_001 - 4_096)
    tap.send(.client, at: 8, "after")
    #expect(tap.client == [.text("before after")])
  }

  @Test
  func `full of answered flows, the idlest of a sample makes room`() {
    let tap = Tap(capacity: 32)
    for port in 0..<32 as Range<UInt16> {
      tap.clientPort = 40_000 + port
      tap.handshake()
      tap.wait(milliseconds: 1)
    }
    for port in 32..<64 as Range<UInt16> {
      tap.clientPort = 40_000 + port
      tap.handshake()
      tap.wait(milliseconds: 1)
    }
    #expect(tap.table.statistics.evictedIdle == 32)
    #expect(tap.endings.count == 32)
    // A sample of 16 out of 32 nearly always holds one of the older half.
    #expect(tap.summaries.filter { $0.side($0.client).port < 40_032 }.count > 24)
  }

  @Test
  func `a table whose ends nobody reads refuses new flows and loses none`() {
    let tap = Tap(capacity: 16)
    var packet = tap.packet(.client, 0)
    packet.tcp.flags = .synchronize
    let empty = frame(54, [])
    for port in 1...100 as ClosedRange<UInt16> {
      packet.sourcePort = port
      _ = tap.table.receive(&packet, empty.bytes(0..<54))
    }
    #expect(tap.table.statistics.made == 32)
    #expect(tap.table.statistics.refused == 68)
    tap.table.endAll()
    tap.drainEnded()
    #expect(Set(tap.summaries.map(\.id)) == Set(1...32))
  }

  @Test
  func `at shutdown every live flow ends once`() {
    let tap = Tap()
    for port in 0..<20 as Range<UInt16> {
      tap.clientPort = 40_000 + port
      tap.handshake()
    }
    tap.send(.client, at: 1, flags: .reset)
    tap.table.endAll()
    tap.drainEnded()
    #expect(tap.endings == [.reset] + [FlowEnd](repeating: .shutdown, count: 19))
    #expect(Set(tap.summaries.map(\.id)).count == 20)
    #expect(tap.table.nextEnded() == nil)
  }
}
