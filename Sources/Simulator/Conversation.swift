package import Capture
import Decode

/// What two ends of a TCP connection say, as data; the frames follow from it.
///
/// ```swift
/// Conversation(from: miner, to: pool, port: 3333, turns: [
///   .client(#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.12"]}"#),
///   .server(#"{"id":1,"result":[[],"08000002",4],"error":null}"#),
/// ])
/// ```
package struct Conversation: Sendable {
  package enum Turn: Sendable {
    /// A line: a line feed is added.
    case client(String)
    case server(String)
    /// Bytes as they are.
    case clientBytes([UInt8])
    case serverBytes([UInt8])
    case wait(Duration)
    /// The same bytes again from the client, with this in their place: an injected or corrupted retransmission.
    case serverRepeats(instead: String)
  }

  package enum Start: Sendable {
    /// SYN, SYN and ACK, ACK.
    case handshake
    /// The monitor comes late: no handshake.
    case middle
    /// A SYN that nobody answers.
    case unanswered
  }

  package enum Finish: Sendable {
    case none, finish, reset
  }

  package var client: Host
  package var server: Host
  package var clientPort: UInt16
  package var port: UInt16
  package var turns: [Turn]
  package var start = Start.handshake
  package var finish = Finish.none
  /// Longest payload of one segment.
  package var segmentSize = 1_448
  package var link = FrameBytes.Link.plain
  package var clientSequence: UInt32 = 0x1000
  package var serverSequence: UInt32 = 0x9000

  package init(from client: Host, clientPort: UInt16 = 40_000, to server: Host, port: UInt16, turns: [Turn]) {
    self.client = client
    self.clientPort = clientPort
    self.server = server
    self.port = port
    self.turns = turns
  }

  /// The frames, the first one at `time`, a millisecond between one and the next.
  package func tape(at time: Timestamp) -> Tape {
    var player = Player(conversation: self, time: time)
    return player.play()
  }
}

/// Plays a conversation into frames, keeping both ends' sequence numbers.
private struct Player {
  let conversation: Conversation
  var time: Timestamp
  var tape = Tape()
  var clientNext: UInt32
  var serverNext: UInt32
  /// How much of the server the client has received: a repetition does not take it back.
  var serverReceived: UInt32

  init(conversation: Conversation, time: Timestamp) {
    self.conversation = conversation
    self.time = time
    clientNext = conversation.clientSequence
    serverNext = conversation.serverSequence
    serverReceived = serverNext
  }

  mutating func play() -> Tape {
    switch conversation.start {
    case .handshake:
      send(fromClient: true, .synchronize)
      send(fromClient: false, [.synchronize, .acknowledge])
      send(fromClient: true, .acknowledge)
    case .unanswered:
      send(fromClient: true, .synchronize)
      return tape
    case .middle:
      clientNext &+= 1
      serverNext &+= 1
      serverReceived = serverNext
    }
    for turn in conversation.turns { play(turn) }
    switch conversation.finish {
    case .none: break
    case .finish:
      send(fromClient: true, [.finish, .acknowledge])
      send(fromClient: false, [.finish, .acknowledge])
      send(fromClient: true, .acknowledge)
    case .reset:
      send(fromClient: false, [.reset, .acknowledge])
    }
    return tape
  }

  private mutating func play(_ turn: Conversation.Turn) {
    switch turn {
    case .client(let line): say(Array(line.utf8) + [10], fromClient: true)
    case .server(let line): say(Array(line.utf8) + [10], fromClient: false)
    case .clientBytes(let bytes): say(bytes, fromClient: true)
    case .serverBytes(let bytes): say(bytes, fromClient: false)
    case .wait(let duration): time = time.advanced(by: duration)
    case .serverRepeats(let line):
      let bytes = Array(line.utf8) + [10]
      serverNext &-= UInt32(truncatingIfNeeded: bytes.count)
      say(bytes, fromClient: false)
    }
  }

  private mutating func say(_ bytes: [UInt8], fromClient: Bool) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(max(conversation.segmentSize, 1))
      send(fromClient: fromClient, [.push, .acknowledge], piece)
      send(fromClient: !fromClient, .acknowledge)
      rest = rest.dropFirst(piece.count)
    }
  }

  private mutating func send(fromClient: Bool, _ flags: TCPFlags, _ payload: ArraySlice<UInt8> = []) {
    let acknowledges = flags.contains(.acknowledge)
    let frame =
      fromClient
      ? FrameBytes.tcp(
        from: conversation.client, port: conversation.clientPort, to: conversation.server, port: conversation.port,
        sequence: clientNext, acknowledgment: acknowledges ? serverReceived : 0, flags: flags, payload: payload,
        link: conversation.link)
      : FrameBytes.tcp(
        from: conversation.server, port: conversation.port, to: conversation.client, port: conversation.clientPort,
        sequence: serverNext, acknowledgment: acknowledges ? clientNext : 0, flags: flags, payload: payload,
        link: conversation.link)
    tape.append(frame, at: time)
    time = time.advanced(by: .milliseconds(1))
    let takes = UInt32(truncatingIfNeeded: payload.count) &+ (flags.isDisjoint(with: [.synchronize, .finish]) ? 0 : 1)
    if fromClient { clientNext &+= takes } else { serverNext &+= takes }
    if Int32(bitPattern: serverNext &- serverReceived) > 0 { serverReceived = serverNext }
  }
}
