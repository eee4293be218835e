import Capture
import Decode
import Protocols

/// Who routes for the miners' links, learned from what routers do: bring packets from outside.
///
/// A policy does not name gateways, and an address in an advertisement proves nothing. But the link-layer address that a
/// connection's answers from the Internet come from is a router's, whatever it calls itself; nobody who is not on the way can
/// hold such a conversation. Where none was seen yet, the first to advertise itself while the monitor learns is believed.
struct KnownRouters: Sendable {
  /// When each first brought an answer from outside. Bounded by `Limits.routers`.
  private var carriers: [MACAddress: Timestamp] = [:]
  /// Believed for having advertised themselves first, with what they said. Bounded by `Limits.routers`.
  private var advertisers: [LinkSegment: [MACAddress: Offer]] = [:]
  private var advertiserCount = 0

  private struct Offer: Equatable {
    var prefixes: Set<RouterAdvertisement.Prefix>
    var resolvers: Set<IPAddress>

    init(_ message: RouterAdvertisement) {
      prefixes = Set(message.prefixes)
      resolvers = Set(message.resolvers)
    }
  }

  /// A connection to outside the site is answered through this link-layer address.
  mutating func carried(_ mac: MACAddress, at time: Timestamp) {
    guard mac != .none, carriers[mac] == nil, carriers.count < Limits.routers else { return }
    carriers[mac] = time
  }

  /// Whether it brought answers from outside, before `time` where one is given.
  func carries(_ mac: MACAddress, before time: Timestamp? = nil) -> Bool {
    guard let first = carriers[mac] else { return false }
    return time.map { first < $0 } ?? true
  }

  /// Whether it is known to route: it brought answers from outside, or is believed for its advertisements.
  func routes(_ mac: MACAddress) -> Bool { carries(mac) || advertisers.values.contains { $0[mac] != nil } }

  /// Whether anybody was seen to route.
  var areKnown: Bool { !carriers.isEmpty }

  /// Whether an advertisement comes from a router that is known or, while learning, may become so: the first one, or one that
  /// says the same as the first (two routers of one link do).
  mutating func believes(
    _ message: RouterAdvertisement, from mac: MACAddress, on segment: LinkSegment, isLearning: Bool
  ) -> Bool {
    let known = advertisers[segment] ?? [:]
    if known[mac] != nil { return true }
    let offer = Offer(message)
    let isFit = carries(mac) || (isLearning && (known.isEmpty || known.values.contains(offer)))
    guard isFit else { return false }
    if advertiserCount < Limits.routers {
      advertiserCount += 1
      advertisers[segment, default: [:]][mac] = offer
    }
    return true
  }
}
