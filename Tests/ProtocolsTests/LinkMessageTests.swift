import Capture
import Decode
import Flows
import Protocols
import Simulator
import Testing

/// ARP, neighbour discovery and redirects, as frames.
struct LinkMessageTests {
  static let miner = Host("10.20.0.5")
  static let gateway = Host("10.20.0.1")
  static let router = Host("fe80::1", mac: 0x0200_0000_0001)
  static let prefix = "2001:db8:1::"

  static func observations(_ frames: [UInt8]...) -> [Observation] {
    var site = Site()
    for frame in frames { site.receive(frame: frame) }
    return site.take().filter { $0.link != nil }
  }

  /// RFC 826, "Packet format": asked of everybody, answered to one.
  @Test func `reads a question and its answer`() throws {
    let question = LinkFrames.arpRequest(from: Self.miner, for: Self.gateway, link: .init(vlans: [20]))
    let answer = LinkFrames.arpReply(from: Self.gateway, to: Self.miner, link: .init(vlans: [20]))
    let found = Self.observations(question, answer)
    #expect(
      found.map(\.line) == ["arp 1 10.20.0.5 02:00:0a:14:00:05", "arp 2 10.20.0.1 02:00:0a:14:00:01"])
    #expect(found.allSatisfy { $0.flow == nil })
    #expect(
      found[0].link == LinkFacts(source: Self.miner.mac, destination: LinkFrames.everybody, vlans: [20]))
  }

  @Test func `tells a probe from an announcement`() throws {
    let probe = LinkFrames.arpRequest(from: Host(IPAddress(v4: 0), mac: Self.miner.mac), for: Self.miner)
    let announcement = LinkFrames.arpRequest(from: Self.miner, for: Self.miner)
    let probes = Self.observations(probe, announcement).compactMap { observation -> Bool? in
      guard case .arp(let header) = observation.content else { return nil }
      return header.isProbe
    }
    #expect(probes == [true, false])
  }

  @Test func `passes over operations that say nothing of an address`() {
    var frame = LinkFrames.arpRequest(from: Self.miner, for: Self.gateway)
    // Reverse ARP (RFC 903).
    frame[21] = 3
    var site = Site()
    site.receive(frame: frame)
    #expect(site.take().isEmpty && site.stage.counters.linkMalformed == 1)
  }

  @Test func `observes what is said again once in ten seconds`() {
    var site = Site()
    for _ in 0..<25 {
      site.receive(frame: LinkFrames.arpRequest(from: Self.miner, for: Self.gateway))
      site.now = site.now.advanced(by: .seconds(1))
    }
    #expect(site.take().count == 3 && site.stage.linkMessagesRepeated == 22)
  }

  @Test func `a storm of forged senders stays inside the bound`() {
    var site = Site()
    for number in 0..<100_000 {
      let forged = Host(IPAddress(v4: 0x0a14_0000 | UInt32(number & 0xffff)), mac: .init(rawValue: UInt64(number)))
      site.receive(frame: LinkFrames.arpReply(from: forged, to: Self.gateway))
    }
    #expect(site.take().count == Limits.linkMessagesPerSecond)
    #expect(site.stage.linkMessagesRefused == UInt64(100_000 - Limits.linkMessagesPerSecond))
  }

  @Test func `reads a neighbour and a router of IPv6`() throws {
    let neighbour = LinkFrames.neighbourAdvertisement(from: Self.router, of: address("2001:db8:1::5"))
    let router = LinkFrames.routerAdvertisement(
      from: Self.router, prefix: address(Self.prefix), resolver: address("2001:db8:1::53"))
    let found = Self.observations(neighbour, router)
    #expect(found.map(\.line) == ["neighbour 2001:db8:1::5 02:00:00:00:00:01", "router fe80::1 1800"])
    guard case .neighbour(let message) = found[0].content, case .routerAdvertisement(let advert) = found[1].content
    else { return }
    #expect(message.isAdvertisement && message.isOverride && !message.isRouter && !message.isSolicited)
    #expect(advert.prefixes.map(\.description) == ["2001:db8:1::/64"])
    #expect(advert.resolvers == [address("2001:db8:1::53")])
    #expect(advert.linkAddress == Self.router.mac && !advert.isManaged)
    #expect(found[1].flow?.ipProtocol == 58)
  }

  /// RFC 8106 §5.2: names one after the other, then zero bytes up to a multiple of eight.
  @Test func `reads the domains that a router has resolvers try`() {
    let message = hex(
      "86 00 0000 40 00 0708 00000000 00000000 1f 03 0000 00000e10 04 636f7270 03 4c616e 00 01 78 00 000000")
    let frame = FrameBytes.frame(
      from: Self.router, to: Host("ff02::1"), ipProtocol: 58, payload: message, hopLimit: 255)
    let domains = Self.observations(frame).map { observation -> [String] in
      guard case .routerAdvertisement(let advert) = observation.content else { return [] }
      return advert.searchDomains
    }
    #expect(domains == [["corp.lan", "x"]])
  }

  @Test func `reads redirects of both families`() throws {
    let old = LinkFrames.redirect(
      from: Self.gateway, to: Self.miner, gateway: address("10.20.0.66"), for: address("203.0.113.9"))
    #expect(Self.observations(old).map(\.line) == ["redirect 203.0.113.9 via 10.20.0.66"])
    var message: [UInt8] = [137, 0, 0, 0, 0, 0, 0, 0]
    for text in ["fe80::66", "2001:db8::9"] {
      message.append64(address(text).high)
      message.append64(address(text).low)
    }
    let new = FrameBytes.frame(
      from: Self.router, to: Host("2001:db8:1::5"), ipProtocol: 58, payload: message, hopLimit: 255)
    #expect(Self.observations(new).map(\.line) == ["redirect 2001:db8::9 via fe80::66"])
  }

  @Test func `heeds nothing that a host would not`() {
    let good = LinkFrames.routerAdvertisement(from: Self.router, prefix: address(Self.prefix))
    var far = good
    far[21] = 64
    var code = good
    code[55] = 1
    var endless = good
    endless[14 + 40 + 16 + 1] = 0
    let global = LinkFrames.routerAdvertisement(from: Host("2001:db8::1"), prefix: address(Self.prefix))
    for frame in [far, code, endless, global] { #expect(Self.observations(frame).isEmpty) }
  }

  static let frames: [[UInt8]] = [
    LinkFrames.arpRequest(from: miner, for: gateway),
    LinkFrames.redirect(from: gateway, to: miner, gateway: address("10.20.0.66"), for: address("203.0.113.9")),
    LinkFrames.neighbourAdvertisement(from: router, of: address("2001:db8:1::5")),
    LinkFrames.routerAdvertisement(from: router, prefix: address(prefix), resolver: address("2001:db8:1::53")),
  ]

  @Test(arguments: frames.indices)
  func `survives every truncation and any change`(index: Int) {
    let whole = Self.frames[index]
    var site = Site()
    for count in 0...whole.count { site.receive(frame: Array(whole.prefix(count))) }
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<5_000 {
      var bytes = whole
      for _ in 0...random.next() % 6 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff) }
      site.receive(frame: bytes)
    }
    let lists = site.take().map { observation in
      guard case .routerAdvertisement(let advert) = observation.content else { return 0 }
      return max(advert.prefixes.count, advert.resolvers.count)
    }
    #expect(lists.allSatisfy { $0 <= Limits.wireList }, "seed \(seed)")
  }

  static func address(_ text: String) -> IPAddress {
    IPAddress(text) ?? IPAddress(v4: 0)
  }

  func address(_ text: String) -> IPAddress { Self.address(text) }
}

extension Host {
  fileprivate init(_ text: String, mac: UInt64) {
    self.init(IPAddress(text) ?? IPAddress(v4: 0), mac: MACAddress(rawValue: mac))
  }
}
