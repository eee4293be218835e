import Decode
import Testing

@testable import Flows

struct ConnectionStateTests {
  typealias Row = (
    state: ConnectionState, flags: TCPFlags, sender: End, next: ConnectionState, action: ConnectionState.Action
  )

  static let syn = TCPFlags.synchronize
  static let answer: TCPFlags = [.synchronize, .acknowledge]
  static let ack = TCPFlags.acknowledge
  static let fin: TCPFlags = [.finish, .acknowledge]
  static let rst = TCPFlags.reset

  static let table: [Row] = [
    (.unseen, syn, .b, .opening(by: .b), .client(.b)),
    (.unseen, answer, .b, .answered(client: .a), .client(.a)),  // the SYN was missed
    (.unseen, ack, .a, .established, .nothing),  // joined in the middle
    (.unseen, fin, .a, .closing(first: .a), .nothing),
    (.unseen, rst, .a, .reset(first: .a), .end(.reset)),

    (.opening(by: .a), syn, .a, .opening(by: .a), .nothing),  // sent again
    (.opening(by: .a), syn, .b, .answered(client: .a), .client(.a)),  // simultaneous open
    (.opening(by: .a), answer, .b, .answered(client: .a), .client(.a)),
    (.opening(by: .a), ack, .a, .established, .nothing),  // the answer was missed
    (.opening(by: .a), fin, .a, .closing(first: .a), .nothing),
    (.opening(by: .a), rst, .b, .reset(first: .b), .end(.reset)),  // refused

    (.answered(client: .a), answer, .b, .answered(client: .a), .nothing),
    (.answered(client: .a), syn, .a, .answered(client: .a), .nothing),
    (.answered(client: .a), syn, .b, .answered(client: .a), .question),
    (.answered(client: .a), ack, .a, .established, .nothing),
    (.answered(client: .a), rst, .a, .reset(first: .a), .end(.reset)),

    (.established, ack, .b, .established, .nothing),
    (.established, syn, .a, .established, .question),
    (.established, answer, .b, .established, .question),
    (.established, fin, .b, .closing(first: .b), .nothing),
    (.established, rst, .b, .reset(first: .b), .end(.reset)),

    (.closing(first: .a), ack, .b, .closing(first: .a), .nothing),
    (.closing(first: .a), fin, .a, .closing(first: .a), .nothing),  // sent again
    (.closing(first: .a), fin, .b, .closed(first: .a), .end(.finished)),
    (.closing(first: .a), rst, .b, .reset(first: .a), .end(.reset)),
    (.closing(first: .a), syn, .b, .closing(first: .a), .question),

    (.closed(first: .b), ack, .a, .closed(first: .b), .nothing),
    (.closed(first: .b), fin, .a, .closed(first: .b), .nothing),
    (.closed(first: .b), rst, .a, .closed(first: .b), .nothing),
    (.closed(first: .b), syn, .a, .closed(first: .b), .startOver),
    (.reset(first: .b), syn, .b, .reset(first: .b), .startOver),
    (.reset(first: .b), rst, .b, .reset(first: .b), .nothing),
    (.reset(first: .b), fin, .b, .reset(first: .b), .nothing),
  ]

  @Test(arguments: table.indices)
  func `goes from state to state`(index: Int) {
    let row = Self.table[index]
    var state = row.state
    #expect(state.receive(row.flags, from: row.sender) == row.action, "\(row)")
    #expect(state == row.next, "\(row)")
  }

  @Test
  func `tells who began to end it`() {
    var state = ConnectionState.established
    #expect(state.endedBy == nil)
    _ = state.receive(Self.fin, from: .b)
    #expect(state.endedBy == .b)
    // A client that has unread bytes answers the server's FIN with a RST.
    _ = state.receive(Self.rst, from: .a)
    #expect(state.endedBy == .b)
  }

  @Test
  func `a RST outweighs whatever else is set, and a SYN a FIN`() {
    var state = ConnectionState.established
    #expect(state.receive([.reset, .synchronize, .finish], from: .a) == .end(.reset))
    state = .unseen
    #expect(state.receive([.synchronize, .finish], from: .a) == .client(.a))
  }

  @Test
  func `takes a FIN back when its end goes on, and only that end's`() {
    var state = ConnectionState.closing(first: .a)
    state.reopen(from: .b)
    #expect(state == .closing(first: .a))
    state.reopen(from: .a)
    #expect(state == .established)
  }
}
