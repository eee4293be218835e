import Capture
import Decode
import Policy
import Protocols
import Testing

@testable import Rules

struct AddressOwnersTests {
  static let window = Duration.seconds(600)
  static let link = LinkSegment(LinkFacts(source: .none))

  static func claim(_ text: String, _ end: UInt64) -> AddressClaim {
    AddressClaim(address: address(text), mac: mac(end), segment: link, frame: mac(end))
  }

  /// Who claims 10.20.0.1 when, in seconds, and how many turns are counted at the end.
  static let stories: [(claims: [(UInt64, Double)], turns: Int)] = [
    ([(1, 0), (1, 10), (1, 20)], 0),
    ([(1, 0), (2, 10), (2, 20), (2, 30)], 1),
    ([(1, 0), (2, 10), (1, 20), (2, 30)], 3),
    ([(1, 0), (2, 10), (3, 20), (4, 30)], 1),  // Many rivals in a row.
    ([(1, 0), (2, 10), (1, 300), (2, 650)], 1),  // The first turns are long ago.
    ([(1, 0), (2, 700), (2, 710)], 0),  // The owner was gone.
    ([(1, 0), (2, 10), (2, 700), (1, 710), (2, 720)], 2),  // It was, and comes back as a rival.
  ]

  @Test(arguments: stories.indices)
  func `counts how often an address changes hands`(index: Int) {
    var owners = AddressOwners()
    var turns = 0
    for (end, time) in Self.stories[index].claims {
      let contest = owners.claim(Self.claim("10.20.0.1", end), at: seconds(after: time), window: Self.window)
      turns = contest?.turns ?? 0
    }
    #expect(turns == Self.stories[index].turns)
  }

  @Test func `a storm of forged claims stays inside the bound and takes nobody's place`() {
    var owners = AddressOwners()
    _ = owners.claim(Self.claim("10.20.0.1", 1), at: seconds(after: 0), window: Self.window)
    for number in 0..<(Limits.addressOwners + 10_000) {
      let forged = AddressClaim(
        address: IPAddress(v4: 0x0b00_0000 + UInt32(number)), mac: mac(UInt64(number)), segment: Self.link, frame: .none
      )
      _ = owners.claim(forged, at: seconds(after: 1), window: Self.window)
    }
    #expect(owners.count == Limits.addressOwners && owners.missed > 0)
    #expect(owners.knows(Self.claim("10.20.0.1", 2)))
    // What nobody claims any more makes room.
    _ = owners.claim(Self.claim("10.20.0.2", 2), at: seconds(after: 5_000), window: Self.window)
    #expect(owners.count == 1)
  }
}

struct KnownDevicesTests {
  @Test func `what was remembered from before is not new`() {
    var analyst = Analyst(policy: .withoutFile, startTime: watchBegins)
    analyst.remember(mac(0x77), at: address("10.20.7.7"))
    #expect(analyst.hears([says("10.20.7.7", is: 0x77, at: 700)]).isEmpty)
    #expect(analyst.hears([says("10.20.7.8", is: 0x78, at: 701)]).map(\.rule.name) == ["lan.new-device"])
  }

  @Test func `behind a router the address decides`() {
    var devices = KnownDevices()
    for last in 1...9 {
      _ = devices.meet(mac(1), at: address("10.20.0.\(last)"), time: seconds(after: Double(last)), isRouter: false)
    }
    let time = seconds(after: 900)
    #expect(devices.meet(mac(1), at: address("10.20.0.3"), time: time, isRouter: false) == nil)
    #expect(devices.meet(mac(1), at: address("10.20.0.77"), time: time, isRouter: false) == .address)
    #expect(devices.meet(.none, at: address("10.20.0.78"), time: time, isRouter: false) == .address)
    #expect(devices.meet(.none, at: address("10.20.0.78"), time: time, isRouter: false) == nil)
  }

  @Test func `forged addresses stay inside the bound`() {
    var devices = KnownDevices()
    for number in 0..<(Limits.seenDevices + 1_000) {
      let forged = IPAddress(v4: 0x0a14_0000 + UInt32(number))
      _ = devices.meet(mac(UInt64(number) + 1), at: forged, time: watchBegins, isRouter: false)
    }
    #expect(devices.missed == 1_000)
  }
}

struct VirtualRouterTests {
  @Test(
    arguments: [
      (0x0000_5e00_010a, true), (0x0000_5e00_020a, true), (0x0000_0c07_ac01, true), (0x0000_0c9f_f123, true),
      (0x0005_73a0_0001, true), (0x0007_b400_0102, true), (0x0000_5e00_5301, false), (0x0200_0a14_0001, false),
    ] as [(UInt64, Bool)])
  func `tells addresses that routers share`(value: UInt64, isShared: Bool) {
    #expect(MACAddress(rawValue: value).isVirtualRouter == isShared)
  }
}

struct IdentitiesTests {
  static let miner = Endpoint(address: address("10.20.0.5"), port: 0, mac: mac(5))

  static func changes(after update: Double?) -> [String] {
    var identities = Identities()
    identities.heard("old", as: .agent, of: miner, in: nil, at: seconds(after: 0))
    if let update { identities.updated(miner.address, at: seconds(after: update)) }
    identities.heard("new", as: .agent, of: miner, in: nil, at: seconds(after: 1_000))
    let early = identities.settle(
      at: seconds(after: 1_500), settling: .seconds(600), explained: .seconds(86_400))
    #expect(early.isEmpty)
    return identities.settle(at: seconds(after: 1_600), settling: .seconds(600), explained: .seconds(86_400)).map(\.new)
  }

  @Test func `firmware that was sent explains a change`() {
    #expect(Self.changes(after: nil) == ["new"])
    #expect(Self.changes(after: 900) == [])
    #expect(Self.changes(after: -90_000) == ["new"])
  }
}
