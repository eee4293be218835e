package import Decode

/// Addresses with a common beginning: `10.20.0.0/16`, `fd00::/8` (RFC 4632 §3.1, RFC 4291 §2.3).
package struct Prefix: Hashable, Sendable {
  package let first: IPAddress
  /// Leading bits that all its addresses share, 0...128. IPv4 stands in its mapped form, so its /n is 96 + n.
  package let length: Int

  /// One address alone.
  package init(_ address: IPAddress) {
    first = address
    length = 128
  }

  /// The range of `length` bits that `address` is in.
  ///
  /// - Parameter length: clamped to 0...128; counted in 128 bits for IPv4 too.
  package init(containing address: IPAddress, length: Int) {
    self.length = min(max(length, 0), 128)
    first = IPAddress(address.bits & ~Self.hostMask(self.length))
  }

  package var last: IPAddress {
    IPAddress(first.bits | Self.hostMask(length))
  }

  package func contains(_ address: IPAddress) -> Bool {
    first <= address && address <= last
  }

  /// Ones where a range of `length` bits leaves the choice.
  private static func hostMask(_ length: Int) -> UInt128 {
    length >= 128 ? 0 : UInt128.max >> UInt128(length)
  }
}

extension Prefix {
  /// Reads `10.20.0.0/16`, `fd00::/8` or a single address.
  ///
  /// - Throws: ``WrongValue`` when it is none, or has bits after its length: `10.20.3.4/16` may mean one host or all.
  package init(parsing text: some StringProtocol) throws(WrongValue) {
    let quoted = String(text).quoted
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = parts.first, let address = IPAddress(head) else {
      throw WrongValue("\(quoted) is no address or range (write 10.20.0.0/16, 10.20.3.4 or fd00::/8)")
    }
    guard parts.count == 2 else {
      self.init(address)
      return
    }
    // A mapped address that is spelled with colons counts its length in 128 bits.
    let isDotted = !head.contains(":")
    let bits = parts[1]
    guard (1...3).contains(bits.utf8.count), bits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(bits), length <= (isDotted ? 32 : 128)
    else {
      throw WrongValue("\(quoted) has no length from 0 to \(isDotted ? 32 : 128) after its slash")
    }
    self.init(containing: address, length: isDotted ? length + 96 : length)
    guard first == address else {
      throw WrongValue("\(quoted) has bits set after its first \(length) (did you mean \"\(first)/\(length)\"?)")
    }
  }
}

extension Prefix: CustomStringConvertible {
  /// As a policy has it; a single address without its length.
  package var description: String {
    if length == 128 { return first.description }
    return first.isIPv4 && length >= 96 ? "\(first)/\(length - 96)" : "\(first)/\(length)"
  }
}

extension IPAddress {
  /// The address as one number.
  var bits: UInt128 {
    UInt128(high) << 64 | UInt128(low)
  }

  init(_ bits: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
  }
}
