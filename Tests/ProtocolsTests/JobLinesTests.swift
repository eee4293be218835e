import Capture
import Decode
import Flows
import Testing

@testable import Protocols

/// A job's line that comes again says what it said the first time.
@Suite struct JobLinesTests {
  private static func line(_ job: String, branches: Int = 3) -> String {
    let merkle = Array(repeating: "\"" + String(repeating: "a", count: 64) + "\"", count: branches).joined(
      separator: ",")
    return #"{"id":null,"method":"mining.notify","params":["\#(job)","\#(StratumWorkTests.previous)","#
      + #""\#(StratumWorkTests.head)","\#(StratumWorkTests.tail)",[\#(merkle)],"00000002","1c2ac4af","504e86b9",false]}"#
  }

  private static func said(_ message: borrowing JSONMessage) -> [String] {
    var said = ["\(message.outcome) \(message.faults.rawValue) \(message.end) \(message.parameterCount)"]
    for index in 0..<message.parameterCount { said.append("\(message.parameter(index))") }
    return said + ["\(message.method)", "\(message.id)", "\(message.params)", "\(message.result)", "\(message.error)"]
  }

  /// What reading it says.
  private static func read(_ text: String) -> [String] {
    let slab = Slab(copying: Array(text.utf8))
    return said(JSONScanner.scan(slab.bytes(0..<slab.count), from: 0))
  }

  private static func keep(_ line: String, in lines: inout JobLines, number: UInt64) {
    let slab = Slab(copying: Array((line + "\n").utf8))
    let bytes = slab.bytes(0..<slab.count)
    let message = JSONScanner.scan(bytes, from: 0)
    lines.keep(bytes, message, JobHashes(previousBlock: number, coinbaseHead: 0, coinbaseTail: 0))
  }

  /// Number of the line that is recognised, and what it says.
  private static func recall(_ text: String, _ lines: inout JobLines) -> (number: UInt64, said: [String])? {
    let slab = Slab(copying: Array(text.utf8))
    var message = JSONMessage()
    guard let hashes = lines.recall(slab.bytes(0..<slab.count), into: &message) else { return nil }
    return (hashes.previousBlock, said(message))
  }

  @Test func `says what reading says`() throws {
    var lines = JobLines()
    for number in 1...8 { Self.keep(Self.line("job\(number)"), in: &lines, number: UInt64(number)) }
    for number in 1...8 {
      let text = Self.line("job\(number)") + "\n{}\n"
      let found = try #require(Self.recall(text, &lines))
      #expect(found.number == UInt64(number))
      #expect(found.said == Self.read(text))
    }
    Self.keep(Self.line("job9"), in: &lines, number: 9)
    #expect(Self.recall(Self.line("job1") + "\n", &lines) == nil, "the oldest makes room")
    #expect(Self.recall(Self.line("job2") + "\n", &lines)?.number == 2)
  }

  @Test func `takes no other line for it`() {
    var lines = JobLines()
    let line = Self.line("bf")
    Self.keep(line, in: &lines, number: 1)
    #expect(Self.recall(line, &lines) == nil, "it may go on")
    #expect(Self.recall(line + " \n", &lines) == nil)
    #expect(Self.recall(String(line.dropLast()) + "\n", &lines) == nil)
    let bytes = Array(line.utf8)
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1
      #expect(Self.recall(String(decoding: other, as: UTF8.self) + "\n", &lines) == nil, "byte \(place)")
    }
  }

  @Test func `keeps none that is longer than it may be`() {
    var lines = JobLines()
    let line = Self.line("bf", branches: 60)
    #expect(line.utf8.count > Limits.jobLine)
    Self.keep(line, in: &lines, number: 1)
    #expect(Self.recall(line + "\n", &lines) == nil)
  }

  @Test func `keeps few while none is of use`() {
    var lines = JobLines()
    let kept = (0..<6_400).count { _ in lines.mayKeep() }
    #expect((200...300).contains(kept))
    Self.keep(Self.line("bf"), in: &lines, number: 1)
    #expect(Self.recall(Self.line("bf") + "\n", &lines) != nil)
    #expect((0..<32).allSatisfy { _ in lines.mayKeep() })
  }

  @Test func `reads each time what stands before a job in its line`() {
    let line = #"{"id":null,"method":"client.reconnect","params":["evil.example",3333,0]}"# + Self.line("bf")
    let said = story(StratumWorkTests.login + [.server(line), .server(line), .server(line)])
    #expect(said.count { $0.hasPrefix("redirect") } == 3)
  }

  @Test func `tells every session the same of the same line`() {
    var player = StratumPlayer()
    var stories: [[String]] = []
    for _ in 0..<3 {
      player.play(StratumWorkTests.login + [.server(Self.line("bf"))])
      stories.append(player.story)
      player.events = []
      if let next = player.table.open(midstream: false, at: player.now) { player.session = next }
    }
    #expect(stories[0].contains { $0.contains(StratumWorkTests.pays) })
    #expect(stories[0] == stories[1] && stories[0] == stories[2])
  }

  @Test func `follows a new block that hardly differs`() {
    let other = Self.line("c0").replacing("4d16b6f8", with: "00000001")
    let turns: [Turn] = ["bf", "bf"].map { .server(Self.line($0)) } + [.server(other), .server(Self.line("bf"))]
    let said = story(StratumWorkTests.login + turns).filter { $0.hasPrefix("work") }
    #expect(said.map { $0.prefix(16) } == ["work on 4d16b6f8", "work on 00000001", "work on 4d16b6f8"])
  }
}
