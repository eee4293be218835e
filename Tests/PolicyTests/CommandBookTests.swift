import Capture
import Foundation
import Testing

@testable import Policy

/// The vocabulary of miner management: `commands.d`.
@Suite
struct CommandBookTests {
  private static let policy = """
    miners: {networks: [10.20.0.0/16]}
    pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
    detection: {commands: [words]}
    """

  private static let socket = """
    vendor: acme
    ports: [tcp/4028, udp/8888-8889]
    sets:
      - surface: cgminer
        source: a test
        date: 2026-11-22
        commands:
          - {name: [Summary, pools], class: READ}
          - {name: addpool, class: POOL, arguments: {url: 0, user: [1, worker]}}
          - {name: privileged, class: READ, probe: yes}
          - name: ascset
            class: PERF
            arguments: {mode: 1, value: 2}
            when:
              - {parameter: 1, is: [softoff, softon], class: MINE, arguments: {mode: 1, time: 2}}
              - {parameter: 7, class: [RESET, MINE]}
    """

  private static let web = """
    vendor: acme web
    sets:
      - surface: http
        source: a test
        date: 2026-11-22
        commands:
          - {path: /cgi-bin/reboot.cgi, class: BOOT}
          - {path: "/api/pools/*", method: [put, DELETE], class: POOL}
          - {path: /api/pools, method: GET, class: READ}
          - {path: /, class: READ}
    """

  private func book(_ files: [String: String]) throws -> CommandBook {
    let folder = try TestFolder(files)
    return try read(Self.policy, file: "\(folder.path)/p.yaml").commands
  }

  private func complaint(_ text: String) throws -> String {
    let folder = try TestFolder(["words/a.yaml": text])
    return complaints(Self.policy, file: "\(folder.path)/p.yaml").replacingOccurrences(of: folder.path + "/", with: "")
  }

  @Test
  func `reads what a command does and with what`() throws {
    let book = try book(["words/a.yaml": Self.socket])
    #expect(book.count == 5)
    #expect(book.reading(.cgminer, "SUMMARY", parameters: [])?.classes == [.read])
    let added = try #require(
      book.reading(.cgminer, "addpool", parameters: [("0", "stratum+tcp://x.example:1"), ("Worker", "w"), ("2", "pw")]))
    #expect(added.vendor == "acme")
    #expect(added.classes == [.pool])
    #expect(added.arguments.map(\.meaning) == [.url, .user])
    #expect(added.arguments.map(\.value) == ["stratum+tcp://x.example:1", "w"])
    #expect(book.reading(.cgminer, "privileged", parameters: [])?.isProbe == true)
    #expect(book.reading(.cgminer, "selfdestruct", parameters: []) == nil)
    #expect(book.reading(.btminer3, "summary", parameters: []) == nil)
  }

  @Test
  func `a parameter makes a command another`() throws {
    let book = try book(["words/a.yaml": Self.socket])
    let plain = book.reading(.cgminer, "ascset", parameters: [("0", "0"), ("1", "freq"), ("2", "500")])
    #expect(plain?.classes == [.performance])
    #expect(plain?.arguments.map(\.value) == ["freq", "500"])
    let stop = book.reading(.cgminer, "ascset", parameters: [("0", "0"), ("1", "SoftOff"), ("2", "1:1790000000")])
    #expect(stop?.classes == [.mining])
    #expect(stop?.arguments.last?.meaning == .time)
    let odd = book.reading(.cgminer, "ascset", parameters: [("7", "")])
    #expect(odd?.classes == [.mining, .reset])
    #expect(odd?.arguments.isEmpty == true)
  }

  @Test(arguments: [
    ("/cgi-bin/reboot.cgi", "GET", ActionClass.boot), ("//cgi-bin/./x/../REBOOT.cgi/?a=b", "POST", .boot),
    ("/cgi-bin/%72eboot.cgi", "GET", .boot), ("/cgi-bin/reboot.cgi/behind/it", "GET", .boot),
    ("/api/pools/3", "put", .pool), ("/api/pools/3/4", "DELETE", .pool), ("/api/pools/", "GET", .read),
    ("/", "GET", .read), ("/index/../..//", "GET", .read),
  ])
  func `paths are read as web servers read them`(path: String, method: String, action: ActionClass) throws {
    let book = try book(["words/a.yaml": Self.web])
    #expect(book.reading(.http, path, method: method, parameters: [])?.classes == [action])
  }

  @Test(arguments: [
    ("/api/pools/3", "GET"), ("/api/poolsx", "GET"), ("/cgi-bin/reboot.cgix", "GET"), ("reboot.cgi", "GET"),
    ("/\(String(repeating: "a/", count: 120))", "GET"),
  ])
  func `paths that are not listed are unknown`(path: String, method: String) throws {
    #expect(try book(["words/a.yaml": Self.web]).reading(.http, path, method: method, parameters: []) == nil)
  }

  @Test
  func `knows where miners serve`() throws {
    let book = try book(["words/a.yaml": Self.socket])
    #expect(book.serves(ipProtocol: 6, port: 4028))
    #expect(!book.serves(ipProtocol: 17, port: 4028))
    #expect(book.serves(ipProtocol: 17, port: 8889))
    #expect(!book.serves(ipProtocol: 6, port: 23))
  }

  @Test
  func `of two vendors the one that knows the parameters speaks`() throws {
    let other = Self.socket.replacingOccurrences(of: "acme", with: "zeta").replacingOccurrences(
      of: "softoff", with: "off")
    let book = try book(["words/a.yaml": Self.socket, "words/b.yaml": other])
    #expect(book.reading(.cgminer, "ascset", parameters: [("1", "off")])?.vendor == "zeta")
    #expect(book.reading(.cgminer, "ascset", parameters: [("1", "softoff")])?.vendor == "acme")
    #expect(book.reading(.cgminer, "ascset", parameters: [])?.vendor == "acme")
  }

  @Test
  func `a vocabulary over the bound is refused`() throws {
    let names = (0...Limits.commands).map { "c\($0)" }.joined(separator: ", ")
    let text = """
      vendor: acme
      sets:
        - surface: cgminer
          source: a test
          date: 2026-11-22
          commands: [{name: [\(names)], class: READ}]
      """
    #expect(try complaint(text).contains("more than \(Limits.commands) commands in all"))
  }

  @Test
  func `says all that is wrong, with its place`() throws {
    let text = """
      ports: [tcp/0]
      sets:
        - surface: cgminr
          source: a test
          date: yesterday
          commands: []
        - surface: cgminer
          date: 2026-11-22
          commands:
            - {name: a, class: REED}
            - {name: b}
            - {name: c, path: /c, class: READ}
            - {name: d, class: READ, arguments: {uri: 0}}
            - {name: d, class: READ, probe: maybe}
            - {name: e, class: READ, when: [{is: 1, class: MINE}]}
        - {surface: http, source: s, date: 2026-11-22, commands: [{path: c, class: READ}, {name: x, class: READ}]}
      """
    let told = try complaint(text)
    #expect(
      told == """
        words/a.yaml:1:1: "vendor" is missing: say whose commands these are
        words/a.yaml:1:9: ports: "0" is no port from 1 to 65535
        words/a.yaml:3:14: sets.surface: unknown value "cgminr" (did you mean "cgminer"?)
        words/a.yaml:5:11: sets.date: "yesterday" is no time (write 2026-12-01T17:00Z or 2026-12-01)
        words/a.yaml:7:5: sets: "source" is missing: say where this is written
        words/a.yaml:10:26: sets.commands.class: unknown value "REED" (did you mean "READ"?)
        words/a.yaml:11:9: sets.commands: "class" is missing: say what it does
        words/a.yaml:12:25: sets.commands.path: only commands of http have a path
        words/a.yaml:13:44: sets.commands.arguments: unknown argument "uri" (did you mean "url"?)
        words/a.yaml:14:16: sets.commands.name: "d" stands in this file before
        words/a.yaml:14:39: sets.commands.probe: "maybe" is neither yes nor no
        words/a.yaml:15:39: sets.commands.when: "parameter" is missing: say which parameter
        words/a.yaml:16:68: sets.commands.path: "c" is no path (write /cgi-bin/reboot.cgi, or /api/pools/* for all below)
        words/a.yaml:16:85: sets.commands: "path" is missing: say which path
        words/a.yaml:16:92: sets.commands.name: commands of http have a path instead
        """)
  }

  @Test
  func `a file that is missing is told where the policy names it`() throws {
    let folder = try TestFolder()
    let file = "\(folder.path)/p.yaml"
    #expect(
      complaints(Self.policy, file: file)
        == "\(file):3:24: detection.commands: \(folder.path)/words cannot be read: no such file")
  }

  @Test
  func `what ships is well formed and has every class`() throws {
    let policy = try PolicyReader.read(
      text: Self.policy.replacingOccurrences(of: "[words]", with: "[]"), file: "p.yaml", rules: .sample,
      builtIn: BuiltInData(commands: "\(configs)/commands.d"))
    let book = policy.commands
    #expect(book.reading(.cgminer, "addpool", parameters: [])?.classes == [.pool])
    #expect(
      book.reading(.http, "/cgi-bin/set_miner_conf.cgi", method: "POST", parameters: [("miner-mode", "1")])?.classes
        .contains(.mining) == true)
    #expect(book.serves(ipProtocol: 6, port: 4028))
  }
}
