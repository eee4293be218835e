import Capture
import Decode

/// What a query, a form or a JSON body says, flat: a name, with dots between levels and in lower case, and a value.
///
/// The numbers of a list's elements are left out, so `{"pools":[{"url":"x"}]}` says `pools.url` is `x`. The value of what
/// looks like a secret is never among them; whether it was a login is.
struct HTTPFields: Sendable {
  /// Names that hold who logs in, and with what, where they stand alone (UpstreamData/pyasic, pyasic/web).
  private static let userNames: Set = ["username", "user", "account", "login", "luci_username"]
  private static let passwordNames: Set = [
    "password", "passwd", "pass", "pwd", "pw", "luci_password", "curpwd", "oldpassword",
  ]
  private static let secretWords = ["pass", "pwd", "secret", "token"]

  private(set) var list: [HTTPField] = []
  /// What was left out may say where to mine.
  var isPartlyRead = false
  private var operation: GraphQLOperation?
  private var user: String?
  private var password: [UInt8]?

  mutating func add(_ name: String, _ value: ArraySlice<UInt8>) {
    let name = name.lowercased()
    let text = String(wire: value)
    if name == "query", value.contains(UInt8(ascii: "{")) {
      operation = GraphQLOperation.graver(operation, GraphQLOperation(value))
    }
    // A text that is cut may hold a pool's address behind the cut.
    if value.count > Limits.wireText, !Self.isSecret(name) {
      for url in String(decoding: value, as: UTF8.self).poolURLs { append(name, url) }
    }
    if Self.userNames.contains(name), user == nil { user = String(wire: value) }
    if Self.passwordNames.contains(name), password == nil, !value.isEmpty, value.count <= Limits.wireText {
      password = Array(value)
    }
    append(name, Self.told(name, text))
  }

  /// Says what the GraphQL document among these does, if there is one, in a field `graphql`.
  mutating func endOperation() {
    guard let operation else { return }
    append("graphql", isPartlyRead ? "unknown" : operation.rawValue)
  }

  private mutating func append(_ name: String, _ value: String) {
    if !list.keep(name, value) { isPartlyRead = true }
  }

  /// What may be told of a value: nothing of a secret.
  static func told(_ name: String, _ value: String) -> String {
    isSecret(name.lowercased()) ? "" : withoutSecrets(value)
  }

  /// The login that these fields are, if they are one.
  func credential(in scheme: HTTPCredential.Scheme) -> HTTPCredential? {
    password.map { HTTPCredential(scheme: scheme, user: user.map { Array($0.utf8)[...] }, password: $0) }
  }

  private static func isSecret(_ name: String) -> Bool {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    return last == "pw" || secretWords.contains { last.contains($0) }
  }

  /// A text such as GraphQL's or a command line's may hold a password: it ends there.
  private static func withoutSecrets(_ text: String) -> String {
    guard let start = text.lowercased().utf8.firstRange(ofWord: "passw") else { return text }
    return String(decoding: Array(text.utf8).prefix(start), as: UTF8.self) + "\u{2026}"
  }
}

extension String.UTF8View {
  /// How many bytes stand before `word`.
  fileprivate func firstRange(ofWord word: String) -> Int? {
    let (text, pattern) = (Array(self), Array(word.utf8))
    guard text.count >= pattern.count else { return nil }
    return (0...text.count - pattern.count).first { text[$0..<$0 + pattern.count].elementsEqual(pattern) }
  }
}

// MARK: - Forms

extension HTTPFields {
  /// `a=1&b=2` (application/x-www-form-urlencoded).
  mutating func addForm(_ text: ArraySlice<UInt8>) {
    for pair in text.split(separator: UInt8(ascii: "&")) {
      let name = pair.prefix { $0 != UInt8(ascii: "=") }
      guard !name.isEmpty, name.count <= Limits.wireText else { continue }
      let value = pair[name.endIndex...].dropFirst()
      add(String(decoding: Self.unescaped(name), as: UTF8.self), Self.unescaped(value)[...])
    }
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes = text.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }
    _ = bytes.undoEscapes()
    return bytes
  }
}
