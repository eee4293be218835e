import Capture
import Decode
import Testing

@testable import Flows

/// Streams put in order: however they were cut, mixed up, repeated and lost.
struct StreamTests {
  static let text = (0..<300).map { "line \($0)\n" }.joined()

  @Test(arguments: [1, 2, 7, 64, Int.max])
  func `is whole however it was cut`(size: Int) {
    let tap = Tap()
    tap.handshake()
    let bytes = Array(Self.text.utf8)
    var offset = 0
    while offset < bytes.count {
      let end = size == .max ? bytes.count : min(bytes.count, offset + size)
      tap.send(.client, at: UInt32(1 + offset), Array(bytes[offset..<end]))
      offset = end
    }
    #expect(tap.client == [.text(Self.text)])
    #expect(tap.table.statistics.gaps == 0)
    #expect(tap.table.statistics.outOfOrder == 0)
  }

  static let permutations: [[Int]] = {
    func permute(_ rest: [Int]) -> [[Int]] {
      guard !rest.isEmpty else { return [[]] }
      return rest.flatMap { first in permute(rest.filter { $0 != first }).map { [first] + $0 } }
    }
    return permute([0, 1, 2, 3, 4])
  }()

  @Test(arguments: permutations)
  func `is whole in any order of five segments`(order: [Int]) {
    let tap = Tap()
    tap.initial = [0xffff_fff0, 7]  // and over the end of the numbers
    tap.handshake()
    let words = ["alpha ", "bravo ", "charlie ", "delta ", "echo "]
    let starts = words.indices.map { UInt32(1 + words[..<$0].joined().utf8.count) }
    for index in order { tap.send(.client, at: starts[index], words[index]) }
    #expect(tap.client == [.text(words.joined())])
    #expect(tap.table.heldBytesInUse == 0)
  }

  @Test(arguments: 0..<5)
  func `tells of each single loss and goes on`(lost: Int) {
    let tap = Tap()
    tap.handshake()
    for index in 0..<5 where index != lost {
      tap.send(.client, at: UInt32(1 + index * 4), "abc\(index)")
    }
    tap.send(.server, at: 1, ack: 21)
    tap.wait(milliseconds: 11)
    tap.send(.server, at: 1, "ok", ack: 21)
    let before = (0..<lost).map { "abc\($0)" }.joined()
    let after = (lost + 1..<5).map { "abc\($0)" }.joined()
    let expected: [Delivery] = [.text(before), .gap(4), .text(after)]
    if lost == 4 {
      // Nothing came behind it: only the acknowledgment tells, and only at the end.
      #expect(tap.client == [.text(before)])
      tap.send(.client, at: 21, flags: [.reset])
      #expect(tap.summaries.first.map { $0.side($0.client).missedBytes } == 4)
    } else {
      #expect(tap.client == expected.filter { $0 != .text("") })
      #expect(tap.facts.side(tap.facts.client).missedBytes == 4)
    }
    #expect(tap.table.statistics.missedBytes == 4)
  }

  @Test
  func `does not wait when the receiver had the missing part before`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "one")
    tap.send(.server, at: 1, ack: 7)  // "two" went by unseen
    tap.send(.client, at: 7, "three")
    #expect(tap.client == [.text("one"), .gap(3), .text("three")])
  }

  @Test
  func `waits for a hole two seconds at most where the receiver is not heard`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    for index in 1..<4 as Range<UInt32> { tap.send(.client, at: 1 + index * 4, "abcd") }
    tap.wait(milliseconds: 1_900)
    tap.send(.client, at: 17, "abcd")
    #expect(tap.client == [])
    tap.wait(milliseconds: 200)
    tap.send(.client, at: 21, "abcd")
    #expect(tap.client == [.gap(4), .text("abcdabcdabcdabcdabcd")])
  }

  @Test
  func `gives an old hole up at a tick when no packet comes`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    tap.send(.client, at: 5, "behind")
    tap.pass(seconds: 4)
    #expect(tap.client == [.gap(4), .text("behind")])
  }

  @Test
  func `what the receiver never had does not move a stream on`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 500_000, "decoy")
    tap.pass(seconds: 20)
    #expect(tap.client == [])
    #expect(tap.table.statistics.unconfirmed == 1)
    #expect(tap.table.heldBytesInUse == 0)
    tap.send(.client, at: 1, "true")
    #expect(tap.client == [.text("true")])
  }

  @Test
  func `needs three segments behind a hole that is acknowledged but young`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 5, "aa")
    tap.send(.server, at: 1, ack: 7)
    #expect(tap.client == [])
    tap.send(.client, at: 7, "bb")
    #expect(tap.client == [])
    tap.send(.client, at: 9, "cc")
    #expect(tap.client == [.gap(4), .text("aabbcc")])
  }

  @Test
  func `delivers what is held, with its gaps, when the connection is over`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 5, "aa")
    tap.send(.client, at: 9, "bb")
    tap.send(.server, at: 1, flags: .reset)
    #expect(tap.client == [.gap(4), .text("aa"), .gap(2), .text("bb")])
    #expect(tap.endings == [.reset])
    #expect(tap.table.heldBytesInUse == 0)
  }

  @Test
  func `a FIN waits for what was sent before it`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.server, at: 1, flags: [.finish, .acknowledge])
    tap.send(.client, at: 4, "def", flags: [.finish, .acknowledge])
    #expect(tap.endings == [])
    tap.send(.client, at: 1, "abc")
    #expect(tap.client == [.text("abcdef")])
    #expect(tap.endings == [.finished])
  }

  @Test
  func `joined in the middle it says so once an end`() {
    for first in [Tap.Speaker.client, .server] {
      let tap = Tap()
      let second: Tap.Speaker = first == .client ? .server : .client
      tap.send(first, at: 900, "abc", ack: 700)
      tap.send(second, at: 700, "xyz", ack: 903)
      tap.send(first, at: 903, "def", ack: 703)
      #expect(tap.client == [.gap(0), .text(first == .client ? "abcdef" : "xyz")])
      #expect(tap.server == [.gap(0), .text(first == .client ? "xyz" : "abcdef")])
      #expect(tap.table.statistics.missedBytes == 0)
      #expect(!tap.facts.sawStart)
    }
  }

  @Test
  func `keeps data that came with the SYN`() {
    let tap = Tap()
    tap.send(.client, at: 0, "early ", flags: .synchronize)
    tap.send(.server, at: 0, ack: 7, flags: [.synchronize, .acknowledge])
    tap.send(.client, at: 7, "late")
    #expect(tap.client == [.text("early late")])
  }

  @Test
  func `data with the SYN that the server did not take is not delivered twice`() {
    let tap = Tap()
    tap.send(.client, at: 0, "early ", flags: .synchronize)
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.client, at: 1, "early late")
    #expect(tap.client == [.text("early late")])
  }

  @Test
  func `only the SYN and ACK seen is enough for both ends`() {
    let tap = Tap()
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.client, at: 1, "hello")
    tap.send(.server, at: 1, "world")
    #expect(tap.client == [.text("hello")])
    #expect(tap.server == [.text("world")])
    #expect(tap.facts.basis == .handshake)
  }

  @Test
  func `ignores keep-alives, whatever their byte`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.send(.client, at: 3)
    tap.send(.client, at: 3, "X")
    tap.send(.client, at: 4, "def")
    #expect(tap.client == [.text("abcdef")])
    #expect(tap.conflicts.isEmpty)
    #expect(tap.table.statistics.keepAlives == 2)
    #expect(tap.table.statistics.retransmissions == 0)
  }

  @Test
  func `a frame cut by the snap length leaves a gap and nothing waits for it`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, Array("abc".utf8), claimed: 10)
    tap.send(.client, at: 11, "def")
    #expect(tap.client == [.text("abc"), .gap(7), .text("def")])
    #expect(tap.table.statistics.missedBytes == 7)
  }

  @Test
  func `urgent data, a zero window and every mix of flags are taken`() {
    let tap = Tap()
    for flags in 0...255 {
      tap.send(flags % 3 == 0 ? .server : .client, at: UInt32(flags), "ab", flags: TCPFlags(rawValue: UInt8(flags)))
    }
    #expect(tap.newFlows > 0)
  }

  @Test
  func `costs only counters once it is ignored`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.send(.client, at: 8, "behind a hole")
    tap.table.ignore(tap.flow)
    #expect(tap.table.heldBytesInUse == 0)
    tap.send(.client, at: 4, "def")
    tap.send(.server, at: 1, "xyz")
    #expect(tap.client == [.text("abc")])
    #expect(tap.server == [])
    #expect(tap.facts.side(tap.facts.client).counters.packets == 5)
    tap.send(.client, at: 7, flags: [.finish, .acknowledge])
    tap.send(.server, at: 4, flags: [.finish, .acknowledge])
    #expect(tap.endings == [.finished])
  }

  // MARK: Bounds

  @Test
  func `gives a hole up when too many segments wait behind it`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    for index in 1...64 as ClosedRange<UInt32> { tap.send(.client, at: 1 + index * 2, "ab") }
    #expect(tap.client == [.gap(2), .bytes(Array(String(repeating: "ab", count: 64).utf8))])
    #expect(tap.table.statistics.segmentsDropped == 0)
  }

  @Test
  func `drops too many segments that the receiver has not confirmed`() {
    let tap = Tap()
    tap.handshake()
    for index in 1...64 as ClosedRange<UInt32> { tap.send(.client, at: 1 + index * 2, "ab") }
    #expect(tap.client == [])
    #expect(tap.table.statistics.segmentsDropped == 1)
    tap.send(.client, at: 1, "cd")
    #expect(tap.client == [.text("cd")])
  }

  @Test
  func `without memory it goes on with gaps`() {
    let tap = Tap(heldBytes: 64 << 10)  // one page: 32 small buffers
    for port in 0..<40 as Range<UInt16> {
      tap.clientPort = 40_000 + port
      tap.handshake()
      tap.send(.client, at: 5, "ab")
    }
    #expect(tap.table.statistics.segmentsDropped == 8)
    #expect(tap.table.statistics.gaps == 8)
    #expect(tap.table.peakHeldBytesInUse == 64 << 10)
  }
}
