package import Capture
package import Decode

/// Machines in the miner networks: those of the first minutes of the watch, and those that came later and were told of.
///
/// Bounded by `Limits.seenDevices` link-layer addresses and as many addresses; later ones are not remembered, and not told.
package struct KnownDevices: Sendable {
  /// Why a machine is new.
  enum Novelty: Equatable, Sendable {
    /// Neither its address nor its link-layer address was seen before.
    case machine
    /// Another machine had the address.
    case replacement
    /// Behind a router, where only addresses tell machines apart.
    case address
  }

  struct Machine: Keyed, Equatable {
    let mac: MACAddress
    /// A bit for each address since `counting`, by its hash: enough to tell a handful from many.
    var addresses: UInt64 = 0
    /// In seconds of packet time.
    @Narrow<UInt32> var counting = 0
    /// Where its latest address stands among all, and the one before that.
    var latest = KnownDevices.noPlace
    var former = KnownDevices.noPlace
    /// Many addresses at once: a router or proxy in front of others.
    var isShared = false

    var key: MACAddress { mac }

    init(mac: MACAddress, counting: Int) {
      self.mac = mac
      self.counting = counting
    }
  }

  /// An address that was seen.
  struct Seen: Keyed {
    let key: IPAddress
  }

  /// Addresses of one machine within ten minutes that make it a router or proxy; an IPv6 host has a handful.
  private static let sharedAddresses = 8
  private static let sharingWindow = 600
  fileprivate static let noPlace = UInt32.max

  private var machines = Table<Machine>(limit: Limits.seenDevices)
  private var addresses = Table<Seen>(limit: Limits.seenDevices)
  /// Machines that could not be remembered.
  package private(set) var missed: UInt64 = 0

  package init() {}

  /// Whether the machine was seen with an address in the miner networks.
  func has(_ mac: MACAddress) -> Bool { machines.place(of: mac) != nil }

  /// Remembers a machine from an earlier run, so that it is not new.
  package mutating func remember(_ mac: MACAddress, at address: IPAddress, time: Timestamp) {
    _ = meet(mac, at: address, time: time, isRouter: false)
  }

  /// A machine was seen with an address.
  ///
  /// - Parameter isRouter: others are behind this link-layer address.
  /// - Returns: nil when it is known, or cannot be remembered.
  mutating func meet(_ mac: MACAddress, at address: IPAddress, time: Timestamp, isRouter: Bool) -> Novelty? {
    let place = mac == MACAddress.none ? nil : machines.place(of: mac)
    let machine = place.map { machines[$0] }
    let isKnown = machine != nil
    let isShared = isRouter || mac == MACAddress.none || machine?.isShared == true
    let isKnownAddress = addresses.place(of: address) != nil
    guard isKnown || machines.count < Limits.seenDevices, isKnownAddress || addresses.count < Limits.seenDevices else {
      missed &+= 1
      return nil
    }
    let addressPlace = addresses.place(of: address) ?? addresses.append(Seen(key: address))
    if mac != MACAddress.none { note(mac, place, address, UInt32(addressPlace), FleetWatch.seconds(of: time)) }
    if isShared, isKnown || mac == MACAddress.none { return isKnownAddress ? nil : .address }
    if isKnown { return nil }
    return isKnownAddress ? .replacement : .machine
  }

  /// The two addresses that a machine had last, the latest first; none of one that has many at once.
  func addresses(of mac: MACAddress) -> [IPAddress] {
    guard mac != MACAddress.none, let place = machines.place(of: mac), !machines[place].isShared else { return [] }
    return [machines[place].latest, machines[place].former].filter { $0 != Self.noPlace }.map { addresses[Int($0)].key }
  }

  private mutating func note(
    _ mac: MACAddress, _ place: Int?, _ address: IPAddress, _ addressPlace: UInt32, _ time: Int
  ) {
    var machine = place.map { machines[$0] } ?? Machine(mac: mac, counting: time)
    guard !machine.isShared else { return }
    let before = machine
    if machine.latest != addressPlace { (machine.latest, machine.former) = (addressPlace, machine.latest) }
    if time - machine.counting > Self.sharingWindow {
      machine.counting = time
      machine.addresses = 0
    }
    let hash = (address.high ^ address.low) &* 0x9e37_79b9_7f4a_7c15
    machine.addresses |= 1 << (hash >> 58)
    machine.isShared = machine.addresses.nonzeroBitCount >= Self.sharedAddresses
    if let place {
      if machine != before { machines[place] = machine }
    } else {
      machines.append(machine)
    }
  }
}
