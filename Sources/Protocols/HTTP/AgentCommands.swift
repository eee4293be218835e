import Capture
import Decode

/// Commands in what a miner's own agent is answered: HiveOS asks every ten seconds over plain HTTP, and does what
/// `result.command` says, or each of `result.commands` (minershive/hiveos-asic, hive/bin/agent).
enum AgentCommands {
  /// What the agent posts to; an answer that is JSON-RPC is read wherever it was asked for.
  private static let path = "/worker/api"
  private static let result = "result."
  private static let batch = "result.commands."
  /// Nothing is to be done, or a list follows.
  private static let idle: Set = ["OK", "batch"]

  /// - Parameters:
  ///   - body: the first bytes of the answer's.
  ///   - number: of the request that it answers.
  static func read(_ body: [UInt8], to request: HTTPResponse.Request?, number: UInt32) -> [APIRequest] {
    guard body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return [] }
    return body.withRawSpan { bytes in
      var groups = [Group()]
      var isCall = request?.path.hasSuffix(path) ?? false
      var json = LooseJSON(bytes, 0..<bytes.byteCount)
      while let leaf = json.next() {
        let name = json.name()
        if name == "jsonrpc" { isCall = true }
        guard name.hasPrefix(result) else { continue }
        let key = String(name.dropFirst(name.hasPrefix(batch) ? batch.count : result.count))
        // A name that comes again belongs to the next command of the list.
        if name.hasPrefix(batch), groups.last?.has(key) == true, groups.count < Limits.apiJoined {
          groups.append(Group())
        }
        groups[groups.count - 1].add(key, bytes.text(leaf.range, limit: Limits.httpBody))
      }
      return isCall ? groups.compactMap { $0.request(number) } : []
    }
  }

  /// One command.
  private struct Group {
    private var command: String?
    private var keys: Set<String> = []
    private var parameters = APIParameters()

    func has(_ key: String) -> Bool { keys.contains(key) }

    mutating func add(_ key: String, _ value: String) {
      // A list is announced like a command, and is none.
      if key == "command", idle.contains(value) { return }
      keys.insert(key)
      guard key != "command" else {
        command = value
        return
      }
      // Settings are a text of a shell's variables, with JSON in some of them: pools and users are picked out.
      for url in value.poolURLs { parameters.add("url", url) }
      for user in value.users { parameters.add("user", user) }
      parameters.add(key, HTTPFields.told(key, value))
    }

    func request(_ number: UInt32) -> APIRequest? {
      command.map { command in
        var name = APIParameters()
        name.add(command)
        return APIRequest(.agent, number: number, command: name["0"] ?? "", parameters: parameters)
      }
    }
  }
}

extension String {
  /// What stands behind `"user":`.
  fileprivate var users: [String] {
    pieces(startingWith: "\"user\"") { $0 != "," && $0 != "}" && !$0.isNewline }.compactMap { piece in
      let value = piece.dropFirst(6).drop { $0 == " " || $0 == ":" }
      guard value.first == "\"" else { return nil }
      let user = value.dropFirst().prefix { $0 != "\"" }
      return user.isEmpty ? nil : String(user)
    }
  }
}
