import Crypto
import Decode

/// A name and a proof that a client shows, in whichever place. The secret itself can be compared and not read.
package struct HTTPCredential: Sendable {
  /// Where it stood. The raw value is what events say.
  package enum Scheme: String, Sendable {
    /// User and password in base64: clear text (RFC 7617).
    case basic
    /// A hash of user, password and a challenge (RFC 7616).
    case digest
    /// A token that a login gave.
    case bearer
    /// In the query of a URL, which servers and proxies log.
    case query
    /// In a form or JSON body.
    case body
    /// In a command to a miner's socket API.
    case command
  }

  package var scheme: Scheme
  package var user: String?
  private var proof: Proof

  private enum Proof: Sendable {
    case token
    case password([UInt8])
    case digest(HTTPDigest)
  }

  /// Anybody on the way can read the password.
  package var isClearText: Bool { if case .password = proof { true } else { false } }

  /// Whether the password is this one.
  ///
  /// - Parameter user: for a digest, whose user stands in it.
  package func isPassword(_ password: String) -> Bool {
    switch proof {
    case .token: false
    case .password(let bytes): bytes.elementsEqual(password.utf8)
    case .digest(let digest): digest.matches(user: user ?? "", password: password)
    }
  }
}

extension HTTPCredential {
  /// A password in the clear.
  package init(scheme: Scheme, user: String?, password: String) {
    self.init(scheme: scheme, user: user, proof: .password(Array(password.utf8)))
  }

  /// - Parameter authorization: the value of Authorization or Proxy-Authorization.
  init?(authorization value: [UInt8], method: String) {
    let scheme = value.prefix { $0 != 0x20 }
    let rest = value[scheme.endIndex...].drop { $0 == 0x20 }
    switch String(decoding: scheme.map(\.lowercased), as: UTF8.self) {
    case "basic":
      guard let plain = [UInt8](base64: rest) else { return nil }
      let user = plain.prefix { $0 != UInt8(ascii: ":") }
      self.init(scheme: .basic, user: user, password: Array(plain[user.endIndex...].dropFirst()))
    case "digest":
      let parameters = HTTPParameters.ofChallenge(value)
      guard let digest = HTTPDigest(parameters, method: method) else { return nil }
      self.init(scheme: .digest, user: parameters["username"], proof: .digest(digest))
    case "bearer", "token": self.init(scheme: .bearer, user: nil, proof: .token)
    default: return nil
    }
  }

  init(scheme: Scheme, user: ArraySlice<UInt8>?, password: [UInt8]) {
    self.init(scheme: scheme, user: user.map { String(wire: $0) }, proof: .password(password))
  }
}

/// What a client proves by a digest (RFC 7616 §3.4), so that a known password can be tried on it.
struct HTTPDigest: Sendable {
  private let method: String
  private let parameters: [String: String]

  /// - Parameter parameters: of Authorization. MD5 and SHA-256 can be tried, each also with `-sess`; not `qop=auth-int`, which
  ///   has a hash of the body in it.
  init?(_ parameters: [String: String], method: String) {
    guard parameters["response"] != nil, parameters["nonce"] != nil, parameters["realm"] != nil else { return nil }
    self.method = method
    self.parameters = parameters
  }

  func matches(user: String, password: String) -> Bool {
    let algorithm = (parameters["algorithm"] ?? "MD5").uppercased()
    let hash: (String) -> String
    switch algorithm {
    case "MD5", "MD5-SESS": hash = Self.md5
    case "SHA-256", "SHA-256-SESS": hash = Self.sha256
    default: return false
    }
    var secret = hash("\(user):\(self["realm"]):\(password)")
    if algorithm.hasSuffix("-SESS") { secret = hash("\(secret):\(self["nonce"]):\(self["cnonce"])") }
    let request = hash("\(method):\(self["uri"])")
    let middle =
      parameters["qop"] == nil
      ? self["nonce"] : "\(self["nonce"]):\(self["nc"]):\(self["cnonce"]):\(self["qop"])"
    return hash("\(secret):\(middle):\(request)") == self["response"].lowercased()
  }

  private subscript(name: String) -> String { parameters[name] ?? "" }

  private static func md5(_ text: String) -> String {
    hexadecimal(Insecure.MD5.hash(data: Array(text.utf8)))
  }

  private static func sha256(_ text: String) -> String {
    hexadecimal(SHA256.hash(data: Array(text.utf8)))
  }
}

extension [UInt8] {
  /// Base64 (RFC 4648 §4) without line ends; missing padding is forgiven. Nil for anything else.
  init?(base64 text: ArraySlice<UInt8>) {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.prefix(while: { $0 != UInt8(ascii: "=") }) {
      let value: UInt8
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
      case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    self = bytes
  }
}
