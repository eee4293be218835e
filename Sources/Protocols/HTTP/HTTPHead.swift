import Capture
import Decode

/// The head of a message, as far as it is read: what the start line and the fields that matter say.
struct HTTPHead: Sendable {
  /// What the head says of the body's length.
  enum Length: Equatable, Sendable {
    case unsaid
    case bytes(UInt64)
    /// Nobody can tell where the body ends.
    case contradictory
  }

  var method = ""
  var target = ""
  var path = "/"
  var query: [UInt8] = []
  var isDisguised = false
  var status = 0

  private(set) var length = Length.unsaid
  private(set) var isChunked = false
  private(set) var hasTransferCoding = false
  private(set) var host: String?
  private(set) var agent: String?
  /// As sent: the boundary is in it.
  private(set) var contentType: [UInt8] = []
  private(set) var contentEncoding: String?
  private(set) var credentials: [HTTPCredential] = []
  private(set) var expectsContinue = false
  /// `upgrade` is among the options of Connection, and this is what Upgrade names, in lower case.
  private(set) var hasUpgradeOption = false
  private(set) var upgrade: String?
  /// A WebSocket's messages may be compressed (RFC 7692 §7): offered in a request, agreed on in a response.
  private(set) var compressesMessages = false
  private(set) var server: String?
  private(set) var realm: String?
  /// A field that only mining over HTTP has.
  private(set) var saysMining = false
  private(set) var anomalies: [HTTPAnomaly] = []
  private var fieldCount = 0
  private var byteCount = 0

  /// Media type without parameters, in lower case.
  var mediaType: String? {
    let type = contentType.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
    return type.isEmpty ? nil : String(wire: type.map(\.lowercased)[...])
  }

  /// Connection names the option and Upgrade a protocol.
  var wantsUpgrade: String? { hasUpgradeOption ? upgrade : nil }

  mutating func note(_ anomaly: HTTPAnomaly) {
    if !anomalies.contains(anomaly) { anomalies.append(anomaly) }
  }

  /// Counts a line of the head.
  ///
  /// - Returns: false when there are more, or longer ones, than any client sends.
  mutating func count(_ line: Int) -> Bool {
    fieldCount += 1
    byteCount += line
    return fieldCount <= Limits.httpFields && byteCount <= Limits.httpHead
  }
}

// MARK: - Start line

extension HTTPHead {
  mutating func setRequest(_ bytes: RawSpan, method: Range<Int>, target: Range<Int>) {
    self.method = String(wire: bytes.array(method).map(\.uppercased)[...])
    setTarget(bytes.array(target))
  }

  /// What stands for a target that was not seen.
  mutating func standIn(target: String) {
    self.target = target
    path = target
  }

  /// What stands for a type that was not seen.
  mutating func standIn(type: String) {
    if contentType.isEmpty { contentType = Array(type.utf8) }
  }

  mutating func setTarget(_ bytes: [UInt8]) {
    let path = HTTPPath(bytes)
    target = String(wire: path.path)
    self.path = path.text
    isDisguised = path.isDisguised
    query = Array(path.query.prefix(Limits.httpRequestBody))
  }
}

// MARK: - Fields

extension HTTPHead {
  /// Fields that matter; the rest is only counted.
  private enum Name: String {
    /// HTTP/2 says so instead of Host (RFC 9113 §8.3.1).
    case authority = ":authority"
    case host, connection, upgrade, server, expect, authorization
    case agent = "user-agent"
    case contentLength = "content-length"
    case webSocketExtensions = "sec-websocket-extensions"
    case transferEncoding = "transfer-encoding"
    case contentType = "content-type"
    case contentEncoding = "content-encoding"
    case proxyAuthorization = "proxy-authorization"
    case authenticate = "www-authenticate"
    case miningExtensions = "x-mining-extensions"
    case miningHashrate = "x-mining-hashrate"
    case stratum = "x-stratum"
    case longPolling = "x-long-polling"
    case rejectReason = "x-reject-reason"
    case rollTime = "x-roll-ntime"
  }

  /// Takes in a field line of HTTP/1.x.
  mutating func add(_ bytes: RawSpan, _ line: Range<Int>) {
    for index in line
    where bytes.byte(at: index) < 0x20 && bytes.byte(at: index) != 0x09 || bytes.byte(at: index) == 0x7f {
      note(.controlCharacter)
      break
    }
    if bytes.byte(at: line.lowerBound) == 0x20 || bytes.byte(at: line.lowerBound) == 0x09 { return note(.foldedField) }
    guard let colon = line.first(where: { bytes.byte(at: $0) == UInt8(ascii: ":") }) else { return note(.noColon) }
    let name = bytes.trimmed(line.lowerBound..<colon)
    if name.upperBound < colon { note(.spaceBeforeColon) }
    add(bytes.array(name, limit: 32), bytes.array(bytes.trimmed(colon + 1..<line.upperBound)))
  }

  mutating func add(_ name: [UInt8], _ value: [UInt8]) {
    guard let name = Name(rawValue: String(decoding: name.map(\.lowercased), as: UTF8.self)) else { return }
    switch name {
    case .authority, .host: host = String(wire: value[...])
    case .agent: agent = String(wire: value[...])
    case .server: server = String(wire: value[...])
    case .contentType: contentType = Array(value.prefix(Limits.wireText))
    case .contentEncoding: contentEncoding = value.isEmpty ? nil : String(wire: value.map(\.lowercased)[...])
    case .contentLength: addLength(value)
    case .transferEncoding: addCodings(value)
    case .expect: expectsContinue = value.map(\.lowercased).elementsEqual("100-continue".utf8)
    case .connection: if HTTPParameters.list(value).contains("upgrade") { hasUpgradeOption = true }
    case .upgrade: upgrade = HTTPParameters.list(value).first
    case .webSocketExtensions:
      if HTTPParameters.list(value).contains("permessage-deflate") { compressesMessages = true }
    case .authorization, .proxyAuthorization:
      guard let credential = HTTPCredential(authorization: value, method: method), credentials.count < 2 else { return }
      credentials.append(credential)
    case .authenticate: realm = HTTPParameters.ofChallenge(value)["realm"]
    case .miningExtensions, .miningHashrate, .stratum, .longPolling, .rejectReason, .rollTime: saysMining = true
    }
  }

  /// One value, or a list of equal ones (RFC 9110 §8.6).
  private mutating func addLength(_ value: [UInt8]) {
    for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let digits = part.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
      guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy(\.isDigit) else {
        note(.badLength)
        length = .contradictory
        return
      }
      let number = digits.reduce(UInt64(0)) { $0 &* 10 &+ UInt64($1 &- UInt8(ascii: "0")) }
      switch length {
      case .unsaid: length = .bytes(number)
      case .bytes(number), .contradictory: break
      case .bytes:
        note(.differentLengths)
        length = .contradictory
      }
    }
  }

  private mutating func addCodings(_ value: [UInt8]) {
    hasTransferCoding = true
    // Several lines make one list, and the last coding decides.
    guard let last = HTTPParameters.list(value).last else { return }
    isChunked = last == "chunked"
  }
}
