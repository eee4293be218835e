import Simulator

extension Trick {
  static let words: [Trick] = [
    saying(
      "escapes", "method, keys or values as \\u006d…",
      [
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(escaped(method))","params":\#(parameters)}"#) },
        { id, method, parameters in json(#"{"id":\#(id),"\u006dethod":"\#(method)","p\u0061rams":\#(parameters)}"#) },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","params":\#(escapedStrings(parameters))}"#)
        },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters.replacing("/", with: #"\/"#))}"#)
        },
      ]),
    saying(
      "order of keys", "in any order, with others between",
      [
        { id, method, parameters in json(#"{"params":\#(parameters),"id":\#(id),"method":"\#(method)"}"#) },
        { id, method, parameters in
          json(
            #"{"jsonrpc":"2.0","method":"\#(method)","x":{"method":"mining.ping"},"params":\#(parameters),"id":\#(id)}"#
          )
        },
      ]),
    saying(
      "twice the same key", "harmless first or last: readers differ",
      [
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","method":"mining.ping","params":\#(parameters)}"#)
        },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"mining.ping","method":"\#(method)","params":\#(parameters)}"#)
        },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","params":["acme.r7","x"],"params":\#(parameters)}"#)
        },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters),"params":["acme.r7","x"]}"#)
        },
        { id, method, parameters in
          json(#"{"id":\#(id),"method":"\#(method)","params":["acme.r7","x"],"p\u0061rams":\#(parameters)}"#)
        },
      ]),
    saying(
      "blanks", "wherever JSON takes them, CRLF, empty lines",
      [
        { id, method, parameters in
          json("\t{ \"id\" : \(id)\t,\"method\"\t: \"\(method)\" , \"params\" :\r \(parameters) } ")
        },
        { id, method, parameters in json("{\"id\":\(id),\"method\":\"\(method)\",\"params\":\(parameters)}\r") },
        { id, method, parameters in json("\n\r\n \n{\"id\":\(id),\"method\":\"\(method)\",\"params\":\(parameters)}") },
      ]),
    saying(
      "case and what follows", "as loose readers take it", on: [.account, .redirect, .pool],
      [
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(method.uppercased())","params":\#(parameters)}"#)
        },
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(method)X","params":\#(parameters)}"#) },
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(method)\u0000","params":\#(parameters)}"#) },
        { id, method, parameters in json(#"{"id":\#(id),"method":" \#(method)","params":\#(parameters)}"#) },
      ]),
    saying(
      "odd ids", "text, a huge number, none", on: [.account, .redirect, .pool],
      [
        { _, method, parameters in json(#"{"id":"x","method":"\#(method)","params":\#(parameters)}"#) },
        { _, method, parameters in
          json(#"{"id":99999999999999999999999999,"method":"\#(method)","params":\#(parameters)}"#)
        },
        { _, method, parameters in json(#"{"method":"\#(method)","params":\#(parameters)}"#) },
      ]),
    saying(
      "not quite JSON", "a mark of byte order, a NUL, a comment, more behind the end",
      on: [.account, .redirect, .pool],
      [
        { id, method, parameters in
          [0xef, 0xbb, 0xbf] + json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#)
        },
        { id, method, parameters in [0] + json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#) },
        { id, method, parameters in json(#"{"id":\#(id),/* */"method":"\#(method)","params":\#(parameters)}"#) },
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters)} and so on"#) },
        { id, method, parameters in json(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters),}"#) },
      ]),
    saying(
      "several at once", "in an array, or two objects on a line", on: [.account, .redirect, .pool],
      [
        { id, method, parameters in json(#"[{"id":\#(id),"method":"\#(method)","params":\#(parameters)}]"#) },
        { id, method, parameters in
          json(
            #"{"id":9,"method":"mining.ping","params":[]}{"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#)
        },
      ]),
    saying(
      "deep and long", "behind 40 and 4,000 levels, behind 20 kB and 100 kB of text", on: [.account, .redirect, .pool],
      [
        { id, method, parameters in
          json(#"{"x":\#(nested(20)),"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#)
        },
        { id, method, parameters in
          json(#"{"x":\#(nested(4_000)),"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#)
        },
        { id, method, parameters in
          json(
            #"{"x":"\#(String(repeating: "y", count: 20_000))","id":\#(id),"method":"\#(method)","params":\#(parameters)}"#
          )
        },
        { id, method, parameters in
          json(
            #"{"x":"\#(String(repeating: "y", count: 100_000))","id":\#(id),"method":"\#(method)","params":\#(parameters)}"#
          )
        },
      ]),
    writing("as text", "cgminer's other form, alone and behind a harmless one") {
      [
        "addpool|stratum+tcp://pool.evil.example:3333,mallory.x,x",
        "addpool|stratum+tcp://pool.evil.example:3333,mallory.x,x\n",
      ]
      .map { Attack.request(Array($0.utf8)) }
    },
    writing("the name's shape", "in capitals, with a dot behind it, behind another message") {
      let query = DNSBytes.query(Attack.badName, id: 0x1001)
      let capitals = DNSBytes.query("AUTH.MinerLink.COM", id: 0x1001)
      let other = DNSBytes.query("stratum.example-pool.com", id: 0x1002)
      var behind: [UInt8] = []
      behind.append16(UInt16(clamping: other.count))
      behind += other
      var attacks = [Attack.lookup(capitals), Attack.datagram(capitals)]
      var joined = Attack.lookup(query)
      joined.turns[0].bytes = behind + joined.turns[0].bytes
      joined.turns[0].decoy = behind + joined.turns[0].decoy
      attacks.append(joined)
      return attacks
        + ["AUTH.MinerLink.COM", "auth.minerlink.com."].map { Attack.hello(TLSBytes.clientHello(for: $0)) }
    },
    writing("hello in records", "the hello cut into records of 1, 5 and 50 bytes") {
      [1, 5, 50].map { size in
        let hello = TLSBytes.clientHello(for: Attack.badName)
        return Attack.hello(
          stride(from: 5, to: hello.count, by: size).flatMap { start -> [UInt8] in
            let part = hello[start..<min(start + size, hello.count)]
            return hello[..<3] + [0, UInt8(part.count)] + part
          })
      }
    },
  ]

  @Sendable private static func json(_ text: String) -> [UInt8] { Array(text.utf8) + [10] }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let digits = String(byte, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }

  /// With each string in it escaped.
  private static func escapedStrings(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .map { $0.offset % 2 == 1 ? escaped(String($0.element)) : String($0.element) }.joined(separator: "\"")
  }

  private static func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }
}
