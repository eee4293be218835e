import Decode
import Testing

@testable import Flows

/// Segments that say something again: the first bytes win, and a difference is told.
struct OverlapTests {
  /// What was sent first, a later segment, and what of it differs.
  struct Case: CustomStringConvertible {
    var first: [(UInt32, String)]
    var later: (UInt32, String)
    var delivered: [Delivery]
    var conflict: (sequence: UInt32, first: String, second: String)?
    var description: String { "\(first) then \(later)" }
  }

  static let cases: [Case] = [
    // Delivered before.
    Case(first: [(1, "abcdef")], later: (1, "abcdef"), delivered: [.text("abcdef")]),
    Case(first: [(1, "abcdef")], later: (3, "cd"), delivered: [.text("abcdef")]),
    Case(first: [(1, "abcdef")], later: (4, "defghi"), delivered: [.text("abcdefghi")]),
    Case(first: [(1, "abc"), (4, "def")], later: (1, "abcdefghi"), delivered: [.text("abcdefghi")]),
    Case(first: [(1, "abcdef")], later: (1, "abXdef"), delivered: [.text("abcdef")], conflict: (3, "cdef", "Xdef")),
    Case(first: [(1, "abcdef")], later: (4, "dXXghi"), delivered: [.text("abcdefghi")], conflict: (5, "ef", "XXghi")),
    Case(
      first: [(1, "abc"), (4, "def")], later: (2, "Xcdef"), delivered: [.text("abcdef")],
      conflict: (2, "bcdef", "Xcdef")),
    // Held behind a hole; the hole is filled afterwards.
    Case(first: [(5, "efgh")], later: (5, "efgh"), delivered: [.text("abcdefgh")]),
    Case(first: [(5, "efgh")], later: (3, "cdef"), delivered: [.text("abcdefgh")]),
    Case(first: [(5, "ef")], later: (4, "defgh"), delivered: [.text("abcdefgh")]),
    Case(first: [(4, "d"), (6, "f")], later: (3, "cdefgh"), delivered: [.text("abcdefgh")]),
    Case(first: [(5, "efgh")], later: (5, "eXgh"), delivered: [.text("abcdefgh")], conflict: (6, "fgh", "Xgh")),
    Case(first: [(5, "ef")], later: (4, "dXfgh"), delivered: [.text("abcdefgh")], conflict: (5, "ef", "Xfgh")),
    // A segment that is next in order, and runs into what is held.
    Case(first: [(5, "efgh")], later: (1, "abcdef"), delivered: [.text("abcdefgh")]),
    Case(first: [(5, "ef")], later: (1, "abcdXXgh"), delivered: [.text("abcdefgh")], conflict: (5, "ef", "XXgh")),
  ]

  @Test(arguments: cases)
  func `first bytes win`(row: Case) {
    let tap = Tap()
    tap.handshake()
    for (sequence, text) in row.first { tap.send(.client, at: sequence, text) }
    tap.send(.client, at: row.later.0, row.later.1)
    // Fills whatever hole is left.
    if tap.client == [] { tap.send(.client, at: 1, "abcd") }
    #expect(tap.client == row.delivered)
    if let conflict = row.conflict {
      #expect(tap.conflicts.count == 1)
      #expect(tap.conflicts.first?.sequence == 1_000 + conflict.sequence)
      #expect(tap.conflicts.first?.first == Array(conflict.first.utf8))
      #expect(tap.conflicts.first?.second == Array(conflict.second.utf8))
    } else {
      #expect(tap.conflicts.isEmpty)
    }
    #expect(tap.table.heldBytesInUse == 0)
  }

  @Test
  func `compares with what was held and then delivered`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 4, "def")
    tap.send(.client, at: 1, "abc")
    tap.send(.client, at: 4, "dXf")
    #expect(tap.client == [.text("abcdef")])
    #expect(tap.conflicts.map(\.sequence) == [1_005])
  }

  @Test
  func `tells only so many conflicts of one flow and counts the rest`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abcdef")
    for _ in 0..<20 { tap.send(.client, at: 1, "abcdeX") }
    #expect(tap.conflicts.count == 8)
    #expect(tap.table.statistics.conflicts == 20)
  }

  @Test
  func `tells of urgent data`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc", flags: [.acknowledge, .urgent])
    #expect(tap.client == [.text("abc")])
    #expect(tap.conflicts == [StreamConflict(kind: .urgent, sequence: 1_001, first: [], second: Array("abc".utf8))])
  }

  @Test
  func `compares nothing that the ring has forgotten`() {
    let tap = Tap(recentBytes: 1_024)
    tap.handshake()
    tap.send(.client, at: 1, "abcdef")
    tap.clientPort += 1
    tap.handshake()
    tap.send(.client, at: 1, [UInt8](repeating: 1, count: 1_024))
    tap.clientPort -= 1
    tap.send(.client, at: 1, "XXXXXX")
    #expect(tap.conflicts.isEmpty)
    #expect(tap.table.statistics.retransmissions == 1)
  }

  @Test
  func `keeps two streams apart in the ring`() {
    let tap = Tap()
    for port in [50_000, 50_001] as [UInt16] {
      tap.clientPort = port
      tap.handshake()
      tap.send(.client, at: 1, port == 50_000 ? "aaaaaa" : "bbbbbb")
      tap.send(.server, at: 1, "cccccc")
    }
    for port in [50_000, 50_001] as [UInt16] {
      tap.clientPort = port
      tap.send(.client, at: 1, port == 50_000 ? "aaaaaa" : "bbbbbb")
      tap.send(.server, at: 1, "cccccc")
    }
    #expect(tap.conflicts.isEmpty)
    #expect(tap.table.statistics.retransmissions == 4)
  }
}
