package import Decode

/// How far one TCP connection has come, as seen from a tap between the two ends.
///
/// A tap may join late, miss packets or see one direction only, so every state accepts every segment: what an endpoint would
/// refuse, an observer notes and follows. Sequence numbers are the caller's concern: a FIN is passed here when all that
/// was sent before it has been seen, a RST when it is in the window.
package enum ConnectionState: Equatable, Sendable, BitwiseCopyable {
  /// No segment yet; also every flow that is not TCP.
  case unseen
  /// SYN seen, nothing that answers it.
  case opening(by: End)
  /// SYN and ACK seen, or a SYN from each end.
  case answered(client: End)
  case established
  /// One end has sent its FIN.
  case closing(first: End)
  /// Both have, or one broke it off; `first` is who began to.
  case closed(first: End)
  case reset(first: End)

  /// What the caller is to do about a segment.
  package enum Action: Equatable, Sendable {
    case nothing
    /// The handshake shows who opened the connection.
    case client(End)
    /// A SYN inside a connection that is alive: compare its numbers before believing it.
    case question
    /// The connection is over.
    case end(FlowEnd)
    /// A new connection on the ports of one that is over.
    case startOver
  }

  package mutating func receive(_ flags: TCPFlags, from sender: End) -> Action {
    if flags.contains(.reset) {
      return receiveReset(from: sender)
    }
    if flags.contains(.synchronize) {
      return receiveSynchronize(isAnswer: flags.contains(.acknowledge), from: sender)
    }
    if flags.contains(.finish) {
      return receiveFinish(from: sender)
    }
    switch self {
    // Joined in the middle, or the rest of the handshake was missed.
    case .unseen, .opening, .answered:
      self = .established
    case .established, .closing, .closed, .reset:
      break
    }
    return .nothing
  }

  /// Which end was the first to close the connection or to break it off.
  package var endedBy: End? {
    switch self {
    case .closing(let first), .closed(let first), .reset(let first): first
    case .unseen, .opening, .answered, .established: nil
    }
  }

  /// An end sends data behind what looked like its FIN: somebody else sent that.
  package mutating func reopen(from sender: End) {
    if self == .closing(first: sender) { self = .established }
  }

  private mutating func receiveSynchronize(isAnswer: Bool, from sender: End) -> Action {
    switch self {
    case .unseen:
      self = isAnswer ? .answered(client: sender.other) : .opening(by: sender)
      return .client(isAnswer ? sender.other : sender)
    case .opening(let client):
      if sender == client, !isAnswer { return .nothing }
      // A SYN from each end is a simultaneous open (RFC 9293 §3.5): whoever was first counts as the client. In one, the
      // opener too sends SYN and ACK.
      self = .answered(client: client)
      return .client(client)
    case .answered(let client):
      // The client's own repeat, or the server's.
      return isAnswer || sender == client ? .nothing : .question
    case .established, .closing:
      return .question
    case .closed, .reset:
      return .startOver
    }
  }

  private mutating func receiveFinish(from sender: End) -> Action {
    switch self {
    case .unseen, .opening, .answered, .established:
      self = .closing(first: sender)
      return .nothing
    // The second FIN, from the other end, ends the connection (RFC 9293 §3.6).
    case .closing(let first) where first != sender:
      self = .closed(first: first)
      return .end(.finished)
    case .closing, .closed, .reset:
      return .nothing
    }
  }

  private mutating func receiveReset(from sender: End) -> Action {
    switch self {
    case .closed, .reset:
      return .nothing
    case .unseen, .opening, .answered, .established, .closing:
      self = .reset(first: endedBy ?? sender)
      return .end(.reset)
    }
  }
}
