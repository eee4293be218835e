import Crypto

/// A fingerprint of a TLS client, as its authors define it (salesforce/ja3, README): the MD5 of version, cipher suites,
/// extensions, groups and point formats in decimal, GREASE left out.
enum JA3 {
  /// What is hashed.
  static func text(_ hello: ClientHello) -> String {
    let lists = [hello.cipherSuites, hello.extensions, hello.groups].map { list in
      list.filter { !GREASE.contains($0) }.map(String.init).joined(separator: "-")
    }
    let formats = hello.pointFormats.map(String.init).joined(separator: "-")
    return ([String(hello.legacyVersion)] + lists + [formats]).joined(separator: ",")
  }

  static func fingerprint(_ hello: ClientHello) -> String {
    hexadecimal(Insecure.MD5.hash(data: Array(text(hello).utf8)))
  }
}
