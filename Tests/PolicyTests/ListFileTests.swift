import Decode
import Foundation
import Testing

@testable import Policy

/// Inventories: CSV files that a policy names.
struct InventoryTests {
  private func inventory(_ csv: String) throws -> Inventory {
    let folder = try TestFolder(["miners.csv": csv])
    return try read(Self.policy, file: "\(folder.path)/p.yaml").miners.inventory
  }

  private static let policy = """
    miners: {networks: [10.20.0.0/16], inventory: miners.csv}
    pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
    """

  /// What the reader says of the inventory, with the folder cut off.
  private func complaints(_ csv: String) throws -> String {
    let folder = try TestFolder(["miners.csv": csv])
    return PolicyTests.complaints(Self.policy, file: "\(folder.path)/p.yaml")
      .replacingOccurrences(of: folder.path + "/", with: "")
  }

  @Test
  func `finds miners by address, then by MAC`() throws {
    let inventory = try inventory(
      """
      \u{feff}Watts, name ,mac,ip,model,rack\r
      3500,r3-u12,02:1a:2b:00:03:04,10.20.3.4,"S21 ""Pro"", wet",r3\r
      \r
      ,"two
      lines",02-1A-2B-00-03-05,,,
      ,six,,fd00::6,,
      """)
    #expect(inventory.count == 3)
    let miner = Inventory.Entry(name: "r3-u12", rack: "r3", model: #"S21 "Pro", wet"#, watts: 3_500)
    let router = MACAddress(rawValue: 0x021a_2b00_0305)
    #expect(inventory.entry(for: try address("10.20.3.4"), mac: router) == miner)
    #expect(inventory.entry(for: try address("10.20.3.9"), mac: router)?.name == "two\nlines")
    #expect(inventory.entry(for: try address("fd00::6"), mac: .none)?.name == "six")
    #expect(inventory.entry(for: try address("10.20.3.9"), mac: .none) == nil)
  }

  @Test(arguments: [
    ("", "miners.csv: is empty: begin with a line of column names"),
    ("rack,name\nr1,n1\n", #"miners.csv:1:1: needs a column "name" and one of "ip" and "mac""#),
    (
      "ip,nmae,ip\n",
      #"""
      miners.csv:1:4: unknown column "nmae" (did you mean "name"?)
      miners.csv:1:9: the column "ip" stands twice
      """#
    ),
    ("ip,name\n10.20.0.1\n", "miners.csv:2:1: has 1 fields, not 2"),
    ("ip,name\n10.20.0.1, \"a\"b\n", "miners.csv:2:15: text after the closing quote"),
    ("ip,name\n10.20.0.1,\"a\nb\n", "miners.csv:2:11: these quotes are never closed"),
    (
      "ip,mac,name,watts\n10.20.0.256,02:1a,,3500\n,,n2,-5\n10.20.0.1,,n3,nan\n10.20.0.1,,n4,3.5e3\n",
      #"""
      miners.csv:2:1: "10.20.0.256" is no IP address (write 10.20.3.4)
      miners.csv:2:13: "02:1a" is no MAC address (write 02:1a:2b:3c:4d:5e)
      miners.csv:2:1: has no name
      miners.csv:3:1: has neither ip nor mac
      miners.csv:3:6: "-5" is no power in watts from 0 to 1000000
      miners.csv:4:15: "nan" is no power in watts from 0 to 1000000
      miners.csv:5:1: 10.20.0.1 stands in line 4 already
      """#
    ),
  ])
  func `tells what is wrong and where`(csv: String, expected: String) throws {
    let lines = { (text: String) in text.split(separator: "\n").sorted() }
    #expect(lines(try complaints(csv)) == lines(expected))
  }

  @Test
  func `tells at the policy's line that the file is missing`() {
    let text = PolicyTests.complaints(Self.policy, file: "/nowhere/p.yaml")
    #expect(text == "/nowhere/p.yaml:1:47: miners.inventory: /nowhere/miners.csv cannot be read: no such file")
  }

  @Test
  func `warns of an inventory that names no miner`() throws {
    let folder = try TestFolder(["miners.csv": "ip,name\n10.30.0.1,x\n"])
    let warnings = try read(Self.policy, file: "\(folder.path)/p.yaml").warnings.map(\.message)
    #expect(warnings.contains(#"miners.inventory: "miners.csv" has no address that is in miners.networks"#))
  }
}

/// Lists of indicators: text files that a policy names, and those that ship with the program.
struct IndicatorsTests {
  private func indicators(_ list: String) throws -> Indicators {
    let folder = try TestFolder(["lists/b.txt": list, "lists/a.txt": "first.example from a\n", "lists/c.md": "::::"])
    return try read(Self.policy, file: "\(folder.path)/p.yaml").detection.indicators
  }

  private static let policy = """
    miners: {networks: [10.20.0.0/16]}
    pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
    detection: {indicators: [lists]}
    """

  private static let list = """
    # comment
    Bad.Example.   a note # and a comment
    first.example from b, too late
    \t198.51.100.0/24\ta range
    198.51.100.7
    198.51.100.7:22 a door
    [2001:db8::1]:22 a door, too
    2001:db8::2
    door.example:4444 reverse shell
    :31337 elite
    ::/0
    user:fac+tory.x made there # somewhere, 2025-10
    user:b  # nowhere, 2026-02-28
    """

  @Test
  func `matches names, addresses, ranges and ports`() throws {
    let indicators = try indicators(Self.list)
    #expect(indicators.count == 12)
    #expect(indicators.dates.description == "of 2025-10 to 2026-02-28")
    let note = { (match: Indicators.Match?) in match?.note }
    #expect(indicators.match(name: "bad.example") == Indicators.Match(value: "Bad.Example.", note: "a note"))
    #expect(note(indicators.match(name: "a.b.bad.example")) == "a note")
    #expect(indicators.match(name: "notbad.example") == nil)
    #expect(indicators.match(name: "example") == nil)
    #expect(note(indicators.match(name: "first.example")) == "from a")
    #expect(note(indicators.match(address: try address("198.51.100.8"), port: 443)) == "a range")
    #expect(note(indicators.match(address: try address("198.51.100.7"), port: 443)) == "listed in b.txt")
    #expect(note(indicators.match(address: try address("198.51.100.7"), port: 22)) == "a door")
    #expect(note(indicators.match(address: try address("2001:db8::1"), port: 22)) == "a door, too")
    #expect(indicators.match(address: try address("2001:db8::1"), port: 23)?.value == "::/0")
    #expect(indicators.match(address: try address("203.0.113.1"), port: 443) == nil)
    #expect(note(indicators.match(address: try address("203.0.113.1"), port: 31_337)) == "elite")
    #expect(indicators.match(name: "door.example") == nil)
    #expect(note(indicators.match(name: "a.door.example", port: 4_444)) == "reverse shell")
    #expect(indicators.match(name: "a.door.example", port: 443) == nil)
    #expect(note(indicators.match(name: "bad.example", port: 443)) == "a note")
    #expect(note(indicators.match(user: "fac+tory.x")) == "made there")
    #expect(indicators.match(user: "fac+tory.x.r1.u2")?.value == "user:fac+tory.x")
    #expect(indicators.match(user: "fac+tory.xx") == nil && indicators.match(user: "fac+tory") == nil)
    #expect(Indicators().match(name: "bad.example") == nil)
  }

  @Test
  func `tells every bad line`() throws {
    let folder = try TestFolder([
      "lists/a.txt": "*.bad.example\n10.0.0.1/8\nok.example\n  bad_name!\n:0\nbad.example:x\n10.0.0.300\nuser: x\n"
    ])
    let text = complaints(Self.policy, file: "\(folder.path)/p.yaml")
      .replacingOccurrences(of: folder.path + "/", with: "")
    #expect(
      text == #"""
        lists/a.txt:1:1: "*.bad.example": a name covers all below it (write "bad.example")
        lists/a.txt:2:1: "10.0.0.1/8" has bits set after its first 8 (did you mean "10.0.0.0/8"?)
        lists/a.txt:4:3: "bad_name!" is no name or address of a host
        lists/a.txt:5:1: "0" is no port from 1 to 65535
        lists/a.txt:6:1: "x" is no port from 1 to 65535
        lists/a.txt:7:1: "10.0.0.300" is no IPv4 address: four numbers from 0 to 255 without leading zeros
        lists/a.txt:8:1: "user:" names no user (write user:antminer_1)
        """#)
  }

  @Test
  func `warns of a list without indicators, refuses one that is missing`() throws {
    let folder = try TestFolder(["lists/a.txt": "# nothing\n"])
    #expect(
      try read(Self.policy, file: "\(folder.path)/p.yaml").warnings.map(\.message)
        .contains(#"detection.indicators: "lists" lists no indicators"#))
    #expect(complaints(Self.policy, file: "/nowhere/p.yaml").hasSuffix("/nowhere/lists cannot be read: no such file"))
  }

  @Test
  func `ships Antbleed's phone-home`() throws {
    let policy = try PolicyReader.read(
      text: Self.policy.replacingOccurrences(of: "[lists]", with: "[]"), file: "p.yaml", rules: .sample,
      builtIn: BuiltInData(indicators: "\(configs)/indicators.d"))
    #expect(policy.detection.indicators.match(name: "auth.minerlink.com")?.note.hasPrefix("Antbleed") == true)
    #expect(policy.detection.indicators.match(name: "bitmsfser.info") != nil)
    #expect(policy.detection.indicators.match(name: "ssh.tmate.io") != nil)
    #expect(policy.detection.indicators.match(name: "bitmain.com") == nil)
    #expect(policy.detection.indicators.match(user: "antminer_1.x") != nil)
  }

  @Test
  func `warns when what ships is not there`() throws {
    let policy = try PolicyReader.read(
      text: Self.policy.replacingOccurrences(of: "[lists]", with: "[]"), file: "p.yaml", rules: .sample,
      builtIn: BuiltInData(indicators: "/nowhere/indicators.d"))
    #expect(policy.warnings.first?.description == "p.yaml: no built-in indicators: /nowhere/indicators.d is no folder")
    var nothing = BuiltInData.none
    nothing.missing = "commands.d not found in /nowhere"
    let bare = try PolicyReader.read(
      text: Self.policy.replacingOccurrences(of: "[lists]", with: "[]"), file: "p.yaml", rules: .sample,
      builtIn: nothing)
    #expect(bare.warnings.map(\.description).contains("p.yaml: commands.d not found in /nowhere"))
  }
}
