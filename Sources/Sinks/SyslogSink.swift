import Capture
import Glibc

/// A syslog daemon or journald behind a local socket. Sending never waits: a slow reader is a transient failure, and
/// the lines stay in the queue.
///
/// A daemon that restarts makes a new socket: the first refusal connects again, by path.
final class SyslogSink: LineSink {
  let name: String
  private let path: String
  /// A message may lose its end; journald's fields may not.
  private let mayBeCut: Bool
  private var descriptor: Descriptor?
  private var kind = Descriptor.SocketKind.datagram
  /// The rest of a message that a stream took in part.
  private var rest: ArraySlice<UInt8> = []

  /// What every receiver takes (RFC 5424 §6.1: at least 480, 2,048 should): tried when the kernel refuses more.
  private static let shortMessage = 2_048

  init(path: String, mayBeCut: Bool) {
    name = "syslog \(path)"
    self.path = path
    self.mayBeCut = mayBeCut
  }

  var isMidLine: Bool { !rest.isEmpty }

  func open() throws(SinkFailure) {
    do {
      kind = .datagram
      descriptor = try Descriptor.connected(to: path, .datagram)
    } catch  where error.code == EPROTOTYPE {
      try openStream()
    } catch {
      throw failure(error)
    }
  }

  private func openStream() throws(SinkFailure) {
    do {
      kind = .stream
      descriptor = try Descriptor.connected(to: path, .stream)
    } catch {
      throw failure(error)
    }
  }

  func reopen() {
    descriptor = nil
  }

  func write(_ lines: ArraySlice<[UInt8]>) -> SinkProgress {
    var progress = SinkProgress()
    do {
      try finishMessage(&progress)
      for line in lines {
        let isSent = try sendReconnecting(line)
        progress.taken += 1
        if !isSent { progress.lost += 1 }
        try finishMessage(&progress)
      }
    } catch {
      progress.failure = error
    }
    return progress
  }

  /// - Returns: false when it is too long for any datagram.
  private func sendReconnecting(_ line: [UInt8]) throws(SinkFailure) -> Bool {
    let isFresh = descriptor == nil
    if isFresh { try open() }
    do {
      return try send(line)
    } catch  where !isFresh && Self.meansGone(error.code) {
      // The daemon restarted since the last message.
      descriptor = nil
      return try sendReconnecting(line)
    } catch {
      if Self.meansGone(error.code) { descriptor = nil }
      throw failure(error)
    }
  }

  private func send(_ line: [UInt8]) throws(SystemError) -> Bool {
    switch kind {
    case .datagram:
      do {
        _ = try descriptor?.send(line[...])
        return true
      } catch  where error.code == EMSGSIZE {
        guard mayBeCut, line.count > Self.shortMessage else { return false }
        return try send(cut(line, to: Self.shortMessage))
      }
    case .stream:
      // Without datagrams' edges a line feed ends the message (RFC 6587 §3.4.2).
      let framed = line + [UInt8(ascii: "\n")]
      let count = try descriptor?.send(framed[...]) ?? 0
      rest = framed[count...]
      return true
    }
  }

  /// Sends the rest of a message that a stream took in part. On a new connection that rest would be no message.
  private func finishMessage(_ progress: inout SinkProgress) throws(SinkFailure) {
    while !rest.isEmpty {
      guard descriptor != nil else {
        rest = []
        progress.lost += 1
        return
      }
      do {
        rest = rest.dropFirst(try descriptor?.send(rest) ?? 0)
      } catch {
        if Self.meansGone(error.code) { descriptor = nil }
        throw failure(error)
      }
    }
  }

  private static func meansGone(_ code: Int32) -> Bool {
    [ECONNREFUSED, ECONNRESET, ENOTCONN, EDESTADDRREQ, EPIPE, ENOENT, EBADF].contains(code)
  }

  private func failure(_ error: SystemError) -> SinkFailure {
    let isTransient = error.code == EAGAIN || error.code == ENOBUFS
    return SinkFailure(
      code: error.code, description: "\(name): \(error): \(Self.cure(error.code))", isTransient: isTransient)
  }

  private static func cure(_ code: Int32) -> String {
    switch code {
    case ENOENT, ECONNREFUSED: "start the syslog daemon, or correct the socket in the policy"
    case EAGAIN, ENOBUFS: "the syslog daemon reads too slowly; messages wait"
    case EACCES, EPERM: "let the user that Minewatch runs as write to the socket"
    case ENAMETOOLONG: "a socket's path has at most \(Descriptor.socketPathLimit) bytes"
    default: "look at the syslog daemon's own log"
    }
  }
}
