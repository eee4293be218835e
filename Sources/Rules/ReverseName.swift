/// A name that stands for an address: what is asked to learn the address's own name.
enum ReverseName {
  /// Up to four numbers of at most 255 below `in-addr.arpa` (RFC 1035 §3.5).
  case v4
  /// Up to 32 hexadecimal digits below `ip6.arpa` (RFC 3596 §2.5): room for 20 bytes to whoever holds the zone of a network.
  case v6

  /// Nil for every other name, also below those domains: whoever holds a part of them may hang anything there.
  init?(_ name: String) {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 2, labels.last == "arpa" else { return nil }
    let digits = labels.dropLast(2)
    switch labels[labels.count - 2] {
    case "in-addr" where digits.count <= 4 && digits.allSatisfy({ UInt8($0) != nil && $0.first != "+" }): self = .v4
    case "ip6" where digits.count <= 32 && digits.allSatisfy({ $0.utf8.count == 1 && $0.first?.isHexDigit == true }):
      self = .v6
    default: return nil
    }
  }
}
