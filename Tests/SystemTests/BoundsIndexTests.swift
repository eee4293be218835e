import Capture
import Foundation
import Testing

/// The table of bounds, and for each row the test that drives it over its limit. Add both with a new row.
@Suite
struct BoundsIndexTests {
  private static let rules = "a full table counts what it leaves out"
  /// Too large for a test in a debug build: Scripts/flood.py drives it with the released program.
  private static let flood = "Scripts/flood.py"

  /// By row: the test's name; ``rules`` where `BoundsTests` of the rules has a case of the row's name; ``flood`` likewise.
  private static let drivers: [String: String] = [
    "flows": "a flood of spoofed SYNs costs bounded memory and no live session",
    "ended flows": "a table whose ends nobody reads refuses new flows and loses none",
    "held bytes": "without memory it goes on with gaps",
    "unfinished messages": "leaves buffers for sessions when many say half a word",
    "messages too long to be read": "a message that finds no room ends the reading of its stream, and is counted",
    "fragments of one datagram": "a datagram in too many pieces is dropped",
    "redirects told of one session": "tells of a flood at the start and then once in ten seconds",
    "messages told of one session": "tells of a flood at the start and then once in ten seconds",
    "recent bytes": "compares nothing that the ring has forgotten",
    "recent segments": "compares nothing that the ring has forgotten",
    "fragment bytes": "without memory the oldest datagram gives way",
    "fragmented datagrams": "a flood of fragments costs bounded memory and spares what is being put together",
    "Stratum sessions": "refuses sessions over the bound and takes places back",
    "Stratum users": "still reports users that it cannot remember",
    "Stratum requests": "forgets the oldest open requests",
    "stream readers": "a session for which there is no place is counted",
    "V2 sessions": "holds a large fleet's sessions, at the memory that is stated",
    "QUIC hellos": "bounds how many hellos it puts together",
    "API request": "joined commands and parameters are bounded",
    "API parameters": "joined commands and parameters are bounded",
    "Stratum line": "drops a line over the limit, once",
    "JSON depth": "bounds the depth",
    "probed text": "gives up on text that goes on and on",
    "DNS message": "reads only so many answers and says how many it left",
    "DNS queries": "forgets the oldest when full, and counts",
    "link messages": "a storm of forged senders stays inside the bound",
    "link repeats": "a storm of forged senders stays inside the bound",
    "wire text": "a banner without end is cut at its limit",
    "bindings": "a name that is asked for again outlives a flood of others",
    "seen miners": rules,
    "watched sessions": rules,
    "summed workers": rules,
    "pools' payouts": rules,
    "divided work": rules,
    "wrapped flows": rules,
    "seen devices": rules,
    "address owners": "forged addresses stay inside the bound",
    "asked domains": rules,
    "time pairs": rules,
    "identities": rules,
    "hashrates": "the table is bounded and counts what it refuses",
    "exchanges": rules,
    "habits": rules,
    "traffic habits": rules,
    "compared work": rules,
    "strange calls": rules,
    "strange destinations": rules,
    "open findings": "a flood of distinct findings stays inside the bound and none is lost",
    "held judgements": rules, "unasked answers": rules,
    "indicators": flood,
    "waiting commands": rules,
    "scan sources": rules,
    "files in pieces": rules,
    "commands": "a vocabulary over the bound is refused",
    "store queue": "a full queue drops the newest and counts them",
    "damaged stores": "earlier broken stores are kept, up to the limit",
    "store": "a file over its size loses what is oldest",
    "sink queue": "bounds the queue's bytes too",
    "observations handed over":
      "a worker that is not heard keeps its bound, counts what it loses, and goes on when it is heard",
    "a minute's flows": "of minutes that nobody takes one is kept, and the next is told when it was taken",
    "evidence frames": "keeps frames as they were, however often it has gone round",
    "evidence bytes": "keeps frames as they were, however often it has gone round",
    "evidence waiting": "so many wait at once, and further alerts say nothing of a file",
    "evidence captures": "so many wait at once, and further alerts say nothing of a file",
    "evidence files": "so many files at the most",
  ]

  @Test
  func `every bound has a test that drives it over its limit`() throws {
    #expect(Set(Self.drivers.keys) == Set(Limits.all.map(\.name)))
    let tests = try Self.sources()
    let script = try String(contentsOf: Program.root.appendingPathComponent(Self.flood), encoding: .utf8)
    for (row, name) in Self.drivers.sorted(by: { $0.key < $1.key }) {
      if name == Self.flood {
        #expect(script.contains("\"\(row)\""), "\(row): nothing in \(name)")
        continue
      }
      #expect(tests.contains("func `\(name)`"), "\(row): there is no test \"\(name)\"")
      if name == Self.rules { #expect(tests.contains("Case(\"\(row)\")"), "\(row): no case of BoundsTests") }
    }
  }

  private static func sources() throws -> String {
    let root = Program.root.appendingPathComponent("Tests")
    let names = try #require(FileManager.default.enumerator(atPath: root.path)).compactMap { $0 as? String }
    return try names.filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8) }.joined()
  }
}
