import Capture
import Decode

/// Datagrams with which miners are found (cgminer API-README), or announce themselves when somebody holds their
/// IP Report button (UpstreamData/pyasic, pyasic/miners/listener.py). They change nothing; each is one message.
enum MinerDiscovery {
  /// Longest of them that is read, in bytes. A proxy's answer with its host name is the longest.
  private static let limit = 512

  static func probe(_ bytes: FirstBytes) -> Probe {
    read(bytes.opening) == nil ? .reject : .match(opener: .client)
  }

  /// - Returns: nil for anything else.
  static func read(_ bytes: RawSpan) -> APIRequest? {
    guard 8...limit ~= bytes.byteCount else { return nil }
    switch bytes.byte(at: 0) {
    case UInt8(ascii: "c"): return multicast(text(bytes))
    case UInt8(ascii: "I"): return whatsminerReport(text(bytes))
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return antminerReport(text(bytes))
    case UInt8(ascii: "{"): return proxySearch(bytes)
    default: return nil
    }
  }

  private static func text(_ bytes: RawSpan) -> String {
    let text = bytes.wireText
    return String(text.prefix { $0 != "\0" })
  }

  /// cgminer's `cgminer-FTW-<port>-` to 224.0.0.75:4028, and its answer `cgm-FTW-<API port>-<description>`.
  private static func multicast(_ text: String) -> APIRequest? {
    for name in ["cgminer-FTW", "cgm-FTW"] where text.hasPrefix("\(name)-") {
      let rest = text.dropFirst(name.utf8.count + 1).split(separator: "-", maxSplits: 1)
      guard let first = rest.first, UInt16(first) != nil else { return nil }
      return request(name, [("port", String(first))] + (rest.count == 2 ? [("description", String(rest[1]))] : []))
    }
    return nil
  }

  /// Antminer's `ip,mac`, and its successors' with more behind.
  private static func antminerReport(_ text: String) -> APIRequest? {
    let fields = text.split(separator: ",")
    guard fields.count >= 2, let address = IPAddress(fields[0]), let mac = mac(fields[1]) else { return nil }
    return request("ip-report", [("ip", "\(address)"), ("mac", mac)])
  }

  /// Whatsminer's `IP:…MAC:…`.
  private static func whatsminerReport(_ text: String) -> APIRequest? {
    guard text.hasPrefix("IP:"), let mark = text.firstRange(of: "MAC:") else { return nil }
    let head = text[..<mark.lowerBound].dropFirst(3).prefix { $0 == "." || $0.isNumber }
    guard let address = IPAddress(head), let mac = mac(text[mark.upperBound...].prefix(17)) else { return nil }
    return request("ip-report", [("ip", "\(address)"), ("mac", mac)])
  }

  /// The first Stratum proxy is looked for at 239.3.3.3:3333 (stratum-mining-proxy, example_multicast.py), and answers with the
  /// pool that it mines for and two ports of its own: `"result":[["host",port],3333,8332]`.
  private static func proxySearch(_ bytes: RawSpan) -> APIRequest? {
    var json = LooseJSON(bytes, 0..<bytes.byteCount)
    var result: [(text: String, isString: Bool)] = []
    while let leaf = json.next(), result.count <= 4 {
      let text = bytes.text(leaf.range, limit: Limits.wireText)
      switch json.name() {
      case "method": return text == "mining.get_upstream" ? request(text, []) : nil
      case "result": result.append((text, leaf.isString))
      default: continue
      }
    }
    guard result.count == 4, result[0].isString, !result[0].text.isEmpty,
      result.dropFirst().allSatisfy({ !$0.isString && UInt16($0.text) != nil })
    else { return nil }
    return request(
      "upstream",
      [("url", "\(result[0].text):\(result[1].text)"), ("stratum", result[2].text), ("getwork", result[3].text)])
  }

  /// Six bytes in hexadecimal, colons or dashes between them.
  private static func mac(_ text: Substring) -> String? {
    let parts = text.prefix(17).split { $0 == ":" || $0 == "-" }
    guard parts.count == 6, parts.allSatisfy({ $0.count == 2 && UInt8($0, radix: 16) != nil }) else { return nil }
    return parts.joined(separator: ":").lowercased()
  }

  private static func request(_ name: String, _ parameters: [(String, String)]) -> APIRequest {
    var given = APIParameters()
    for (name, value) in parameters { given.add(name, value) }
    return APIRequest(.discovery, number: 0, command: name, parameters: given)
  }
}
