/// Where the web program listens: `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464` or `unix:/run/minewatch-web/socket`.
package enum ListenAddress: Equatable, Sendable, CustomStringConvertible {
  case internet(host: String, port: Int)
  case unix(path: String)

  /// - Parameter text: as on the command line; nil when it is no place to listen at. Port 0 is any that is free.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst(5)
      // sun_path has 108 bytes, the last of which ends it (unix(7)).
      guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
      self = .unix(path: String(path))
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, isBracketed == host.contains(":") else { return nil }
    self = .internet(host: String(host), port: Int(port))
  }

  package var description: String {
    switch self {
    case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
