import Decode

/// A name that stands for an address: what is asked to learn the address's own name.
enum ReverseName {
  /// Up to four numbers of at most 255 below `in-addr.arpa` (RFC 1035 §3.5).
  case v4
  /// Up to 32 hexadecimal digits below `ip6.arpa` (RFC 3596 §2.5): room for 20 bytes to whoever holds the zone of a network.
  case v6

  /// Nil for every other name, also below those domains: whoever holds a part of them may hang anything there.
  init?(_ name: String) {
    // Each name that a miner asks for comes here several times, and next to none is one.
    guard name.utf8.last == UInt8(ascii: "a") else { return nil }
    if let labels = Self.labels(of: name, below: ".in-addr.arpa") {
      guard labels.count <= 4, labels.allSatisfy({ UInt8(Substring($0)) != nil && $0.first != UInt8(ascii: "+") })
      else { return nil }
      self = .v4
    } else if let labels = Self.labels(of: name, below: ".ip6.arpa") {
      guard labels.count <= 32, labels.allSatisfy({ $0.count == 1 && $0.first?.hexDigit != nil }) else { return nil }
      self = .v6
    } else {
      return nil
    }
  }

  /// The labels in front of `domain`; nil for a name that is not below it.
  private static func labels(of name: String, below domain: String) -> [Substring.UTF8View]? {
    let (name, domain) = (name.utf8, domain.utf8)
    guard name.count > domain.count, name.suffix(domain.count).elementsEqual(domain) else { return nil }
    return name.dropLast(domain.count).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  }
}
