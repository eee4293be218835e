import Decode

extension PoolEndpoint {
  /// Schemes that miners and pools write, and what each looks like on the wire: `stratum+tcps` is cpuminer's
  /// (pooler/cpuminer util.c), `stratum+tls` that of the Antminer's cgminer (HashSource/hashsource_antminer_S21x,
  /// usr/bin/cgminer), `stratum+ssl` that of most pools' pages, `stratum2+tcp` is sv2-spec 04-Protocol-Security.md's.
  private static let transports: [(scheme: String, transport: Transport)] = [
    ("stratum+tcp", .plain), ("stratum+ssl", .tls), ("stratum+tls", .tls), ("stratum+tcps", .tls),
    ("stratum2+tcp", .stratumV2),
  ]

  /// What people write when they mean one of them.
  private static let misspelled = [
    "tcp": "stratum+tcp", "stratum": "stratum+tcp", "stratum1": "stratum+tcp", "stratum1+tcp": "stratum+tcp",
    "ssl": "stratum+ssl", "tls": "stratum+ssl", "tcps": "stratum+ssl", "stratums": "stratum+ssl",
    "stratum1+ssl": "stratum+ssl", "stratum2": "stratum2+tcp", "stratumv2": "stratum2+tcp", "sv2": "stratum2+tcp",
    "v2": "stratum2+tcp",
  ]

  /// Reads a URL as typed into a miner: `stratum+tcp://host:3333`, for V2 with `/key`.
  package init(parsing text: String) throws(WrongValue) {
    let (transport, rest) = try Self.scheme(of: text)
    // cgminer takes options after the host: `/#xnsub` asks for extranonce changes. They say nothing about where.
    let target = rest.prefix { $0 != "#" }
    let parts = target.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let authority = parts.first ?? ""
    guard !authority.contains("@") else {
      throw WrongValue("\(text.quoted) has a user in it; users go under accounts")
    }
    let (host, port) = try Self.hostAndPort(authority, of: text)
    self.init(transport: transport, host: host, port: port)
    let path = parts.count == 2 ? String(parts[1]) : ""
    guard !path.isEmpty else { return }
    guard transport == .stratumV2 else {
      throw WrongValue("\(text.quoted) has a path after its port; only stratum2+tcp has one, the pool's key")
    }
    authorityKey = try Self.checkedKey(path)
  }

  private static func scheme(of text: String) throws(WrongValue) -> (Transport, Substring) {
    guard let separator = text.firstRange(of: "://") else {
      let hint = text.contains("/") || text.isEmpty ? "" : " (did you mean \"stratum+tcp://\(text)\"?)"
      throw WrongValue("\(text.quoted) is no pool's URL\(hint)")
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    if let known = transports.first(where: { $0.scheme == scheme }) {
      return (known.transport, text[separator.upperBound...])
    }
    let schemes = transports.map(\.scheme)
    let hint = misspelled[scheme].map { " (did you mean \"\($0)\"?)" } ?? Nearest.hint(for: scheme, in: schemes)
    throw WrongValue("unknown scheme \(scheme.quoted)\(hint)")
  }

  private static func hostAndPort(_ authority: Substring, of text: String) throws(WrongValue) -> (Host, UInt16) {
    // IPv6 stands in brackets (RFC 3986 §3.2.2).
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]"), let address = IPAddress(authority[..<end].dropFirst()) else {
        throw WrongValue("\(text.quoted) has no IPv6 address in its brackets")
      }
      return (.address(address), try port(authority[end...].dropFirst(), of: text))
    }
    guard IPAddress(authority)?.isIPv4 ?? true else {
      throw WrongValue("\(text.quoted): an IPv6 address stands in brackets (write [\(authority)]:3333)")
    }
    let end = authority.firstIndex(of: ":") ?? authority.endIndex
    let number = try port(authority[end...], of: text)
    if let address = IPAddress(authority[..<end]) { return (.address(address), number) }
    return (.name(try HostName.parse(authority[..<end])), number)
  }

  /// - Parameter suffix: what follows the host, colon first.
  private static func port(_ suffix: Substring, of text: String) throws(WrongValue) -> UInt16 {
    guard suffix.first == ":", suffix.count > 1 else {
      throw WrongValue("\(text.quoted) has no port (write host:3333)")
    }
    return try SettingText.port(suffix.dropFirst())
  }

  /// The pool's authority key: base58check of a version (1, little endian), 32 bytes and 4 of a checksum
  /// (Stratum V2 specification, Security, "URL scheme and pool authority key"). The checksum is not verified.
  private static func checkedKey(_ text: String) throws(WrongValue) -> String {
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    var bytes: [UInt8] = []
    for character in text.utf8.prefix(64) {
      guard let digit = alphabet.firstIndex(of: character) else {
        throw WrongValue("\(text.quoted) is no V2 authority key: base58 has letters and digits without 0, O, I and l")
      }
      var carry = digit
      for index in bytes.indices.reversed() {
        carry += Int(bytes[index]) * 58
        bytes[index] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
      if carry > 0 { bytes.insert(UInt8(truncatingIfNeeded: carry), at: 0) }
    }
    guard text.utf8.count <= 64, bytes.count == 38, bytes.starts(with: [1, 0]) else {
      throw WrongValue("\(text.quoted) is no V2 authority key: it should have about 51 characters")
    }
    return text
  }

  /// As it is typed into a miner.
  package var url: String {
    let host =
      switch host {
      case .name(let name): name
      case .address(let address): address.isIPv4 ? address.description : "[\(address)]"
      }
    return "\(transport.rawValue)://\(host):\(port)\(authorityKey.map { "/" + $0 } ?? "")"
  }
}
