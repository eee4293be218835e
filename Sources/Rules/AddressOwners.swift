import Capture
import Decode

/// Who has which address on which link, by what hosts claim themselves, and whether two claim the same one in turns.
///
/// Another link-layer address alone is ordinary: a board was replaced, a lease went to another machine. Then the old one
/// is gone. Somebody who answers in another's place has to do it again and again, because the owner goes on answering too:
/// so it is the turns that tell. Bounded by `Limits.addressOwners`; when full, those that nobody claimed for a while go.
struct AddressOwners: Sendable {
  struct Contest: Sendable {
    var owner: MACAddress
    var rival: MACAddress
    /// Since when the owner was known, and since when the rival claims.
    var ownedSince: Timestamp
    var contestedSince: Timestamp
    /// How often the address changed hands in that time.
    var turns: Int
  }

  struct Key: PlaceKey {
    var segment: LinkSegment
    var address: IPAddress
  }

  struct Owner: Keyed {
    let key: Key
    var mac: MACAddress
    var since: Timestamp
    /// The owner's last claim.
    var claimed: Timestamp
    /// Who claimed last.
    var latest: MACAddress
    var rival = MACAddress.none
    var contestedSince: Timestamp
    var turns = 0
    /// Whom a server of the site gave the address last.
    var assigned = MACAddress.none
  }

  private var owners = Table<Owner>(limit: Limits.addressOwners)
  private var nextSweep = Timestamp(nanoseconds: .min)
  /// Claims not remembered because the table was full.
  private(set) var missed: UInt64 = 0

  var count: Int { owners.count }

  /// Takes in a claim.
  ///
  /// - Parameter window: how long an owner may be silent and still be there, and how long turns are counted.
  /// - Returns: what is known of the address where more than one claims it in turns; the caller says how many are too many.
  mutating func claim(_ claim: AddressClaim, at now: Timestamp, window: Duration) -> Contest? {
    let key = Key(segment: claim.segment, address: claim.address)
    guard let place = owners.place(of: key) else {
      add(
        Owner(key: key, mac: claim.mac, since: now, claimed: now, latest: claim.mac, contestedSince: now), now, window)
      return nil
    }
    var owner = owners[place]
    defer { owners[place] = owner }
    let isOwner = claim.mac == owner.mac
    let isGone = now > owner.claimed.advanced(by: window)
    if !isOwner, isGone || claim.mac == owner.assigned {
      owner = Owner(
        key: key, mac: claim.mac, since: now, claimed: now, latest: claim.mac, contestedSince: now,
        assigned: owner.assigned)
      return nil
    }
    if owner.turns > 0, now > owner.contestedSince.advanced(by: window) { owner.turns = 0 }
    if isOwner {
      owner.claimed = now
    } else {
      if owner.turns == 0 { owner.contestedSince = now }
      owner.rival = claim.mac
    }
    // Many rivals in a row are one turn.
    if isOwner != (owner.latest == owner.mac) {
      owner.latest = claim.mac
      // The owner's own word opens no contest.
      if !isOwner || owner.turns > 0 { owner.turns = min(owner.turns + 1, 1_000) }
    }
    guard owner.turns > 0 else { return nil }
    return Contest(
      owner: owner.mac, rival: owner.rival, ownedSince: owner.since, contestedSince: owner.contestedSince,
      turns: owner.turns)
  }

  /// Whether somebody has claimed the address before.
  func knows(_ claim: AddressClaim) -> Bool {
    owners.place(of: Key(segment: claim.segment, address: claim.address)) != nil
  }

  /// Who has an address; none where nobody claimed it.
  func owner(of address: IPAddress, on segment: LinkSegment) -> MACAddress {
    owners.place(of: Key(segment: segment, address: address)).map { owners[$0].mac } ?? .none
  }

  /// A server of the site gave an address to a machine: whoever had it before has it no longer.
  mutating func assign(_ address: IPAddress, to mac: MACAddress, on segment: LinkSegment) {
    guard let place = owners.place(of: Key(segment: segment, address: address)) else { return }
    owners[place].assigned = mac
  }

  private mutating func add(_ owner: Owner, _ now: Timestamp, _ window: Duration) {
    if owners.count >= Limits.addressOwners, now >= nextSweep {
      owners.removeAll { now > $0.claimed.advanced(by: window) }
      // A sweep goes through the whole table, so not at every claim.
      nextSweep = now.advanced(by: .seconds(60))
    }
    guard owners.count < Limits.addressOwners else {
      missed &+= 1
      return
    }
    owners.append(owner)
  }
}
