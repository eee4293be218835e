import Capture
import Decode
import Testing

@testable import Flows

/// Connections that begin, begin again, break off, and are lied about.
struct HandshakeTests {
  @Test
  func `the SYN says who is the client, whatever the ports`() {
    let tap = Tap()
    (tap.clientPort, tap.serverPort) = (443, 61_000)
    tap.handshake()
    #expect(tap.facts.side(tap.facts.client).port == 443)
    #expect(tap.facts.basis == .handshake)
    #expect(tap.facts.sawStart)
    tap.table.setClient(tap.flow, tap.facts.client.other, basis: .content)
    #expect(tap.facts.side(tap.facts.client).port == 443)
  }

  @Test
  func `a repeated SYN is one connection`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    tap.wait(milliseconds: 1_000)
    tap.send(.client, at: 0, flags: .synchronize)
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.client, at: 1, "hello")
    tap.send(.client, at: 0, flags: .synchronize)
    #expect(tap.client == [.text("hello")])
    #expect(tap.newFlows == 1)
    #expect(tap.table.statistics.pendingSYNs == 0)
  }

  @Test
  func `simultaneous open`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    tap.send(.server, at: 0, flags: .synchronize)
    tap.send(.client, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    tap.send(.client, at: 1, "abc")
    tap.send(.server, at: 1, "xyz", ack: 4)
    #expect(tap.client == [.text("abc")])
    #expect(tap.server == [.text("xyz")])
  }

  @Test
  func `the answer picks one of two SYNs`() {
    for answered in [1_000, 77_000] as [UInt32] {
      let tap = Tap()
      tap.initial[0] = 1_000
      tap.send(.client, at: 0, flags: .synchronize)
      tap.initial[0] = 77_000
      tap.send(.client, at: 0, flags: .synchronize)
      tap.initial[0] = answered
      tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
      tap.send(.client, at: 1, "hello")
      #expect(tap.client == [.text("hello")])
    }
  }

  // MARK: Reuse

  @Test
  func `ports used again two seconds after the end make a new flow`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "one", flags: [.finish, .acknowledge])
    tap.send(.server, at: 1, ack: 5, flags: [.finish, .acknowledge])
    tap.send(.client, at: 5, ack: 2)
    #expect(tap.endings == [.finished])
    tap.wait(milliseconds: 2_000)
    tap.initial = [900_000, 800_000]
    tap.handshake()
    tap.send(.client, at: 1, "two")
    #expect(tap.newFlows == 2)
    #expect(tap.endings == [.finished])
    #expect(tap.client == [.text("onetwo")])
    #expect(tap.summaries.first?.id != tap.facts.id)
    #expect(tap.summaries.first?.a.counters.packets == 3)
  }

  @Test
  func `after a power cut the client comes back on the same ports`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "one")
    tap.wait(milliseconds: 40_000)
    let end = tap.time
    tap.initial = [900_000, 5_000]
    tap.send(.client, at: 0, flags: .synchronize)
    #expect(tap.endings == [])
    tap.initial[1] = 800_000
    tap.send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    #expect(tap.endings == [.replaced])
    tap.send(.client, at: 1, "two")
    tap.send(.server, at: 1, "ok", ack: 4)
    #expect(tap.client == [.text("onetwo")])
    #expect(tap.server == [.text("ok")])
    #expect(tap.newFlows == 2)
    #expect(tap.facts.sawStart)
    #expect(tap.summaries.first.map { $0.lastSeen <= end } == true)
    #expect(tap.facts.side(tap.facts.client).port == 50_000)
  }

  @Test
  func `a SYN after long silence needs no proof`() {
    let tap = Tap()
    tap.handshake()
    tap.wait(milliseconds: 121_000)
    tap.initial[0] = 900_000
    tap.send(.client, at: 0, flags: .synchronize)
    #expect(tap.endings == [.replaced])
    #expect(tap.newFlows == 2)
  }

  @Test
  func `a forged SYN inside a connection changes nothing`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.initial[0] = 900_000
    tap.send(.client, at: 0, flags: .synchronize)
    tap.initial[0] = 1_000
    tap.send(.client, at: 4, "def")
    tap.send(.server, at: 1, "xyz", ack: 7)
    #expect(tap.client == [.text("abcdef")])
    #expect(tap.server == [.text("xyz")])
    #expect(tap.newFlows == 1)
    #expect(tap.table.statistics.pendingSYNs == 1)
  }

  @Test
  func `data that follows a SYN in question answers it`() {
    let tap = Tap()
    tap.handshake()
    tap.initial = [900_000, 5_000]
    tap.send(.client, at: 0, flags: .synchronize)
    tap.send(.client, at: 1, "new")  // its answer was missed
    #expect(tap.endings == [.replaced])
    #expect(tap.client == [.text("new")])
    #expect(tap.facts.sawStart)
    #expect(tap.facts.basis == .handshake)
  }

  // MARK: Reset

  @Test
  func `a RST ends a stream where it is, or where its receiver has it from`() {
    for sequence in 1...4 as ClosedRange<UInt32> {
      let tap = Tap()
      tap.handshake()
      tap.send(.client, at: 1, "abc")
      tap.send(.client, at: sequence, flags: .reset)
      #expect(tap.endings == [.reset])
    }
  }

  @Test(arguments: [1, 100, 1 << 20, 0xffff_ffff] as [UInt32])
  func `a RST near the stream ends it when nothing follows`(distance: UInt32) {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1 &+ distance, flags: .reset)
    #expect(tap.endings == [])
    tap.pass(seconds: 21)
    #expect(tap.endings == [.idle])
  }

  @Test
  func `a RST near the stream does not end it when it goes on`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1_001, flags: .reset)
    tap.send(.client, at: 1, "still here")
    tap.pass(seconds: 60)
    tap.send(.client, at: 11, " and now")
    #expect(tap.client == [.text("still here and now")])
    #expect(tap.endings == [])
  }

  @Test
  func `what goes on after its own RST or FIN is followed at once, and told`() {
    for flags in [.reset, [.finish, .acknowledge]] as [TCPFlags] {
      let tap = Tap()
      tap.handshake()
      tap.send(.client, at: 1, "abc")
      tap.send(.client, at: 4, flags: flags)
      if flags.contains(.finish) { tap.send(.server, at: 1, ack: 5, flags: flags) }
      tap.send(.client, at: 4, "def")
      #expect(tap.client == [.text("abc"), .gap(0), .text("def")])
      #expect(tap.conflicts.map(\.kind) == [.goesOn])
    }
  }

  @Test
  func `who acknowledges more after a RST has not taken it, and that is told`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.server, at: 1, flags: .reset)
    tap.send(.client, at: 1, "in flight", ack: 1)
    #expect(tap.conflicts.isEmpty)
    tap.send(.server, at: 1, ack: 1)
    #expect(tap.conflicts.isEmpty)
    tap.send(.server, at: 1, ack: 10)
    #expect(tap.conflicts.map(\.kind) == [.goesOn])
  }

  @Test(arguments: [2 << 20, 1 << 30, 1 << 31, 0 &- (2 << 20)] as [UInt32])
  func `a RST far from the stream does not`(distance: UInt32) {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1 &+ distance, flags: .reset)
    #expect(tap.endings == [])
    tap.send(.client, at: 1, "still here")
    #expect(tap.client == [.text("still here")])
  }

  @Test
  func `a refused SYN ends at once, and only by an answer to it`() {
    let tap = Tap()
    tap.send(.client, at: 0, flags: .synchronize)
    tap.initial[1] = 0
    tap.send(.server, at: 0, ack: 50_000_000, flags: [.reset, .acknowledge])
    #expect(tap.endings == [])
    tap.send(.server, at: 0, ack: 1, flags: [.reset, .acknowledge])
    #expect(tap.endings == [.reset])
  }

  @Test
  func `a connection that survives a forged RST is followed again`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.send(.server, at: 1, flags: .reset)
    tap.send(.client, at: 4, "in flight")
    #expect(tap.newFlows == 1)
    tap.wait(milliseconds: 1_500)
    tap.send(.client, at: 13, "alive")
    #expect(tap.newFlows == 2)
    #expect(tap.client == [.text("abc"), .gap(0), .text("alive")])
  }

  @Test
  func `segments that come late do not make a new flow`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc", flags: [.finish, .acknowledge])
    tap.send(.server, at: 1, ack: 5, flags: [.finish, .acknowledge])
    tap.wait(milliseconds: 3_000)
    tap.send(.client, at: 1, "abc", flags: [.finish, .acknowledge])
    tap.send(.server, at: 2, ack: 5)
    tap.send(.client, at: 5, flags: .reset)
    #expect(tap.newFlows == 1)
    tap.pass(seconds: 30)
    #expect(tap.table.count == 0)
    #expect(tap.endings == [.finished])
  }

  @Test
  func `a forged FIN does not close a stream that goes on`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abc")
    tap.send(.client, at: 4, flags: [.finish, .acknowledge])
    tap.send(.client, at: 4, "def")
    tap.pass(seconds: 60)
    tap.send(.client, at: 7, "ghi")
    #expect(tap.client == [.text("abcdefghi")])
    #expect(tap.endings == [])
  }

  // MARK: Moved streams

  @Test
  func `a stream that jumps far ahead is picked up when the receiver follows`() {
    for jump in [1 << 30, 3 << 30, 20 << 20] as [UInt32] {
      let tap = Tap()
      tap.handshake()
      tap.send(.client, at: 1, "abc")
      tap.send(.server, at: 1, "xyz", ack: 4)
      tap.send(.client, at: jump, "one")
      tap.send(.server, at: 4, ack: jump + 3)
      tap.send(.client, at: jump + 3, "two")
      #expect(tap.client == [.text("abc"), .gap(0), .text("two")], "jump \(jump)")
      #expect(tap.table.statistics.resynchronized == 1)
      #expect(tap.table.statistics.missedBytes == 0)
    }
  }

  @Test
  func `heard from one side only, three segments in a row are enough`() {
    let tap = Tap()
    tap.send(.client, at: 1, "abc")
    for index in 0..<4 as Range<UInt32> { tap.send(.client, at: 1 << 30 + index * 3, "d\(index) ") }
    #expect(tap.client == [.gap(0), .text("abc"), .gap(0), .text("d2 d3 ")])
  }

  @Test
  func `strays that nobody acknowledges do not move a stream`() {
    let tap = Tap()
    tap.handshake()
    for index in 0..<10 as Range<UInt32> {
      tap.send(.client, at: 1 << 30 + index * 3, "bad")
      tap.send(.client, at: 1 + index * 4, "good")
    }
    #expect(tap.client == [.bytes(Array(String(repeating: "good", count: 10).utf8))])
  }

  @Test
  func `a stream that moved back a little is picked up when the receiver follows`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, [UInt8](repeating: 0, count: 10_000))
    tap.send(.server, at: 1, "xyz", ack: 10_001)
    for index in 0..<4 as Range<UInt32> {
      tap.send(.client, at: 5_000 + index * 3, "new")
      tap.send(.server, at: 4, ack: 5_003 + index * 3)
    }
    #expect(tap.client == [.bytes([UInt8](repeating: 0, count: 10_000)), .gap(0), .text("new")])
  }

  @Test
  func `a burst of retransmissions does not move a stream`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.client, at: 1, "abcdefghijkl")
    for index in 0..<4 as Range<UInt32> {
      tap.send(.client, at: 1 + index * 3, ["abc", "def", "ghi", "jkl"][Int(index)])
      tap.send(.server, at: 1, ack: 13)
    }
    tap.send(.client, at: 13, "mno")
    #expect(tap.client == [.text("abcdefghijklmno")])
    #expect(tap.table.statistics.resynchronized == 0)
  }

  @Test
  func `an impossible acknowledgment is not believed`() {
    let tap = Tap()
    tap.handshake()
    tap.send(.server, at: 1, ack: 1 << 29)
    tap.send(.client, at: 4, "def")
    #expect(tap.client == [])
    tap.send(.client, at: 1, "abc")
    #expect(tap.client == [.text("abcdef")])
    #expect(tap.table.statistics.missedBytes == 0)
  }
}
