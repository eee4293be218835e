import Capture
import Decode

/// QUIC connections whose hello is still being put together. Bounded by ``Capture/Limits/quicHellos``.
struct QUICTable: Sendable {
  private struct Connection: Sendable {
    var session: TLSSession
    /// The id that keys follow from.
    var id: [UInt8]
    var crypto = QUICCrypto()
    var datagrams = 0
  }

  private static let packetsPerDatagram = 4

  private let limit: Int
  private var connections: [Connection?] = []
  private var free: [UInt32] = []

  /// - Parameter limit: connections at once.
  init(limit: Int = Limits.quicHellos) {
    self.limit = limit
  }

  /// - Parameter datagram: the first one of a flow; it is not read yet.
  /// - Returns: the connection's number, `nil` when it cannot be opened or there is no place; and what is known by now.
  mutating func open(_ datagram: RawSpan) -> (number: UInt32?, isFull: Bool, session: TLSSession) {
    let header = QUICLongHeader(datagram)
    let session = TLSSession(transport: .quic(version: header?.version ?? 0))
    guard let header, QUICInitial.canOpen(version: header.version) else { return (nil, false, session) }
    let connection = Connection(session: session, id: header.destinationID)
    if let number = free.popLast() {
      connections[Int(number)] = connection
      return (number, false, session)
    }
    guard connections.count < limit else { return (nil, true, session) }
    connections.append(connection)
    return (UInt32(truncatingIfNeeded: connections.count &- 1), false, session)
  }

  /// Reads a datagram of a client.
  ///
  /// - Returns: what is known of the session once nothing more will be; `nil` as long as more is hoped for.
  mutating func read(_ datagram: RawSpan, of number: Int) -> TLSSession? {
    guard connections.indices.contains(number), var connection = connections[number] else { return nil }
    // Not two references, or every change copies.
    connections[number] = nil
    connection.datagrams += 1
    var offset = 0
    // Several packets may share a datagram (RFC 9000 §12.2), but a client has few to say so early, and opening one costs.
    for _ in 0..<Self.packetsPerDatagram where offset < datagram.byteCount {
      let rest = datagram.extracting(offset..<datagram.byteCount)
      guard let initial = QUICInitial(rest) ?? QUICInitial(rest, connection: connection.id) else { break }
      initial.frames.withRawSpan { connection.crypto.read($0) }
      offset += initial.byteCount
    }
    let isDone: Bool
    if let hello = connection.crypto.hello {
      isDone = true
      if let hello = hello.withRawSpan(ClientHello.init) {
        connection.session.note(hello)
      } else {
        connection.session.isMalformed = true
      }
    } else {
      isDone = connection.datagrams >= Limits.quicDatagrams
    }
    connections[number] = connection
    return isDone ? close(number) : nil
  }

  /// Gives a connection up.
  mutating func close(_ number: Int) -> TLSSession? {
    guard connections.indices.contains(number), let connection = connections[number] else { return nil }
    connections[number] = nil
    free.append(UInt32(truncatingIfNeeded: number))
    return connection.session
  }
}
