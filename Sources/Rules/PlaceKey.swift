package import Decode
import Flows
package import Protocols

/// A key that rows are found by: see ``PlaceIndex``.
package protocol PlaceKey: Hashable, Sendable {
  /// Mixes all of the key: equal keys have equal hashes, and others hardly ever.
  func hash(_ secrets: PlaceSecrets) -> UInt64
}

extension PlaceKey {
  /// What a table looks the key up by.
  @inline(__always)
  func spread(_ secrets: PlaceSecrets) -> UInt64 { hash(secrets).refolded }

  package func hash(_ secrets: PlaceSecrets) -> UInt64 { UInt64(truncatingIfNeeded: hashValue) }
}

/// What a table hashes its keys with: drawn anew for each, so that nobody can choose keys that fall together.
///
/// The standard library's hash takes 200 instructions for an address, and of the tables by address and by flow a login asks
/// thirty. This is one multiplication for two words, and a last one.
package struct PlaceSecrets: Sendable {
  private let first = UInt64.random(in: .min ... .max)
  private let second = UInt64.random(in: .min ... .max)

  @inline(__always)
  func fold(_ left: UInt64, _ right: UInt64 = 0) -> UInt64 {
    (left ^ first).foldedProduct(with: right ^ second)
  }

  /// The same of a text, eight bytes a step.
  func fold(_ text: String) -> UInt64 {
    let bytes = text.utf8Span.span
    var (hash, word) = (UInt64(truncatingIfNeeded: bytes.count), UInt64(0))
    for place in bytes.indices {
      word = word << 8 | UInt64(bytes[place])
      if place & 7 == 7 { hash = fold(hash, word) }
    }
    return fold(hash, word)
  }
}

extension UInt64: PlaceKey {
  @inline(__always)
  package func hash(_ secrets: PlaceSecrets) -> UInt64 { secrets.fold(self) }
}

extension MACAddress: PlaceKey {
  @inline(__always)
  package func hash(_ secrets: PlaceSecrets) -> UInt64 { secrets.fold(rawValue) }
}

extension String: PlaceKey {
  package func hash(_ secrets: PlaceSecrets) -> UInt64 { secrets.fold(self) }
}

extension Endpoint: PlaceKey {
  package func hash(_ secrets: PlaceSecrets) -> UInt64 {
    secrets.fold(address.hash(secrets), mac.rawValue << 16 | UInt64(port))
  }
}

extension IPAddress: PlaceKey {
  @inline(__always)
  package func hash(_ secrets: PlaceSecrets) -> UInt64 { secrets.fold(high, low) }
}
