import Crypto

/// A fingerprint of a TLS client that survives shuffled extensions, as its authors define it (FoxIO-LLC/ja4,
/// technical_details/JA4.md; this method alone is under a BSD licence).
///
///     t13d1516h2_8daaf6152771_e5627efa2ab1
///     |  |  | |  |            SHA-256 of the sorted extensions and of the signature algorithms, cut to 12 digits
///     |  |  | |  SHA-256 of the sorted cipher suites, likewise
///     |  |  | first and last character of the first ALPN protocol
///     |  |  how many cipher suites and extensions
///     |  d: there is a server name
///     TLS over TCP (QUIC: q), version 1.3
///
/// GREASE is left out everywhere.
enum JA4 {
  private static let nothing = "000000000000"

  static func fingerprint(_ hello: ClientHello, overQUIC: Bool = false) -> String {
    let suites = hello.cipherSuites.filter { !GREASE.contains($0) }
    let extensions = hello.extensions.filter { !GREASE.contains($0) }
    let hasName = extensions.contains(TLSExtension.serverName.rawValue)
    let start =
      (overQUIC ? "q" : "t") + version(hello.version) + (hasName ? "d" : "i")
      + count(suites.count) + count(extensions.count) + ends(of: hello.protocols.first ?? [])
    return [start, hash(list(suites.sorted())), hash(details(extensions, hello))].joined(separator: "_")
  }

  /// What the last part hashes. Server name and ALPN were told already, and depend on the host more than on the client.
  private static func details(_ extensions: [UInt16], _ hello: ClientHello) -> String {
    let told = [TLSExtension.serverName.rawValue, TLSExtension.protocols.rawValue]
    let sorted = list(extensions.filter { !told.contains($0) }.sorted())
    let algorithms = list(hello.signatureAlgorithms.filter { !GREASE.contains($0) })
    return algorithms.isEmpty ? sorted : sorted + "_" + algorithms
  }

  private static func list(_ numbers: [UInt16]) -> String {
    numbers.map { hexadecimal([UInt8($0 >> 8), UInt8($0 & 0xff)]) }.joined(separator: ",")
  }

  private static func hash(_ text: String) -> String {
    text.isEmpty ? nothing : String(hexadecimal(SHA256.hash(data: Array(text.utf8))).prefix(12))
  }

  private static func count(_ count: Int) -> String {
    count < 10 ? "0\(count)" : "\(min(count, 99))"
  }

  private static func version(_ version: UInt16) -> String {
    switch version {
    case 0x0304: "13"
    case 0x0303: "12"
    case 0x0302: "11"
    case 0x0301: "10"
    case 0x0300: "s3"
    case 0x0002: "s2"
    default: "00"
    }
  }

  /// Of a protocol that is no text: the first digit of its first byte and the last one of its last.
  private static func ends(of name: [UInt8]) -> String {
    guard let first = name.first, let last = name.last else { return "00" }
    if isAlphanumeric(first), isAlphanumeric(last) { return String(decoding: [first, last], as: UTF8.self) }
    return "\(hexadecimal([first]).prefix(1))\(hexadecimal([last]).suffix(1))"
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
