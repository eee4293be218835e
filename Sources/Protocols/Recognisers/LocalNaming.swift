import Decode

/// Tells multicast DNS (RFC 6762 §18) and LLMNR (RFC 4795 §2.1) from DNS: the same form, on ports of their own.
enum LocalNaming {
  static let mdnsPort: UInt16 = 5_353
  static let llmnrPort: UInt16 = 5_355

  static func probe(_ bytes: FirstBytes, port: UInt16) -> Probe {
    guard bytes.openerPort == port || bytes.answererPort == port, let names = LocalNames(bytes.opening) else {
      return .reject
    }
    return .match(opener: names.isResponse ? .server : .client)
  }
}
