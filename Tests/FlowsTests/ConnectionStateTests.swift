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
    (.unseen, rst, .a, .reset, .end(.reset)),

    (.opening(by: .a), syn, .a, .opening(by: .a), .nothing),  // sent again
    (.opening(by: .a), syn, .b, .answered(client: .a), .client(.a)),  // simultaneous open
    (.opening(by: .a), answer, .b, .answered(client: .a), .client(.a)),
    (.opening(by: .a), ack, .a, .established, .nothing),  // the answer was missed
    (.opening(by: .a), fin, .a, .closing(first: .a), .nothing),
    (.opening(by: .a), rst, .b, .reset, .end(.reset)),  // refused

    (.answered(client: .a), answer, .b, .answered(client: .a), .nothing),
    (.answered(client: .a), syn, .a, .answered(client: .a), .nothing),
    (.answered(client: .a), syn, .b, .answered(client: .a), .question),
    (.answered(client: .a), ack, .a, .established, .nothing),
    (.answered(client: .a), rst, .a, .reset, .end(.reset)),

    (.established, ack, .b, .established, .nothing),
    (.established, syn, .a, .established, .question),
    (.established, answer, .b, .established, .question),
    (.established, fin, .b, .closing(first: .b), .nothing),
    (.established, rst, .b, .reset, .end(.reset)),

    (.closing(first: .a), ack, .b, .closing(first: .a), .nothing),
    (.closing(first: .a), fin, .a, .closing(first: .a), .nothing),  // sent again
    (.closing(first: .a), fin, .b, .closed, .end(.finished)),
    (.closing(first: .a), rst, .b, .reset, .end(.reset)),
    (.closing(first: .a), syn, .b, .closing(first: .a), .question),

    (.closed, ack, .a, .closed, .nothing),
    (.closed, fin, .a, .closed, .nothing),
    (.closed, rst, .a, .closed, .nothing),
    (.closed, syn, .a, .closed, .startOver),
    (.reset, syn, .b, .reset, .startOver),
    (.reset, rst, .b, .reset, .nothing),
    (.reset, fin, .b, .reset, .nothing),
  ]

  @Test(arguments: table.indices)
  func `goes from state to state`(index: Int) {
    let row = Self.table[index]
    var state = row.state
    #expect(state.receive(row.flags, from: row.sender) == row.action, "\(row)")
    #expect(state == row.next, "\(row)")
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
    state.goOn(from: .b)
    #expect(state == .closing(first: .a))
    state.goOn(from: .a)
    #expect(state == .established)
  }
}
