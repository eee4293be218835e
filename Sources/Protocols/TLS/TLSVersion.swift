/// A version of TLS, DTLS or SSL, as the wire has it: 0x0304 is TLS 1.3 (RFC 8446 §4.1.2).
package struct TLSVersion: RawRepresentable, Equatable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  package static let ssl2 = TLSVersion(rawValue: 0x0002)
  package static let tls12 = TLSVersion(rawValue: 0x0303)
  package static let tls13 = TLSVersion(rawValue: 0x0304)

  /// "TLS 1.3", or the number where it is none that is known.
  package var name: String {
    switch rawValue {
    case 0x0304: "TLS 1.3"
    case 0x0303: "TLS 1.2"
    case 0x0302: "TLS 1.1"
    case 0x0301: "TLS 1.0"
    case 0x0300: "SSL 3.0"
    case 0x0002: "SSL 2.0"
    default: "TLS version 0x" + String(rawValue, radix: 16)
    }
  }
}

/// Values that clients put among real ones so that servers keep ignoring what they do not know (RFC 8701 §2).
enum GREASE {
  /// 0x0a0a, 0x1a1a ... 0xfafa.
  static func contains(_ value: UInt16) -> Bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
  }
}
