import Capture
import Decode

/// SOCKS up to where the proxy has connected: what follows is the protocol inside.
///
///     5: greeting ─▶ method ─▶ [user and password ─▶ status] ─▶ request ─▶ reply ─▶ inside
///     4: request ─▶ reply ─▶ inside
///
/// RFC 1928, RFC 1929; openssh.com/txt/socks4.protocol and socks4a.protocol. Other methods of authentication are not read.
struct SOCKSDissector: StreamDissector {
  /// What the server says next; the client may run ahead of it.
  private enum Turn {
    case method, status, reply
  }

  private static let noMethod: UInt8 = 0
  private static let passwordMethod: UInt8 = 2
  private static let connect: UInt8 = 1

  private var hasGreeted = false
  private var turn = Turn.method
  /// What the client asked for.
  private var request: Wrapper?

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    var offset = 0
    do throws(DecodeError) {
      while offset < bytes.byteCount {
        var reader = ByteReader(bytes.extracting(offset..<bytes.byteCount))
        guard let next = try read(&reader, from: sender) else { return DissectorProgress(consumed: offset) }
        offset += reader.offset
        switch next {
        case .more: continue
        case .done: return DissectorProgress(consumed: bytes.byteCount, next: .done)
        case .handOver:
          if let request { said.append(.wrapped(request)) }
          return DissectorProgress(consumed: offset, next: .handOver)
        }
      }
    } catch {
      // A message is not whole yet. None is longer than a few hundred bytes, so reading it again costs little.
    }
    return DissectorProgress(consumed: offset)
  }

  /// The turns of both ends make no sense any more.
  mutating func lose(from sender: Role) -> Bool { false }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {}

  /// Reads one message.
  ///
  /// - Returns: `nil` when what the sender says belongs behind what the other end has still to say.
  private mutating func read(_ reader: inout ByteReader, from sender: Role) throws(DecodeError)
    -> DissectorProgress.Next?
  {
    switch sender {
    case .client where request != nil: return nil
    case .client: return try hasGreeted ? readLater(&reader) : readStart(&reader)
    case .server where request?.kind == .socks4: return try readReply(&reader, .socks4)
    case .server:
      switch turn {
      case .method: return try readMethod(&reader)
      case .status:
        try reader.skip(1)
        guard try reader.readUInt8() == 0 else { return .done }
        turn = .reply
        return .more
      case .reply: return try request.map { (wrapper) throws(DecodeError) in try readReply(&reader, wrapper.kind) }
      }
    }
  }

  private mutating func readStart(_ reader: inout ByteReader) throws(DecodeError) -> DissectorProgress.Next {
    switch try reader.readUInt8() {
    case 5:
      _ = try reader.vector8()
      hasGreeted = true
      return .more
    case 4: return try readOldRequest(&reader)
    default: return .done
    }
  }

  private mutating func readMethod(_ reader: inout ByteReader) throws(DecodeError) -> DissectorProgress.Next {
    try reader.skip(1)
    switch try reader.readUInt8() {
    case Self.noMethod: turn = .reply
    case Self.passwordMethod: turn = .status
    default: return .done
    }
    return .more
  }

  /// User and password (`01 | user | password`), or the request: `05 | command | 00 | type of address | address | port`.
  private mutating func readLater(_ reader: inout ByteReader) throws(DecodeError) -> DissectorProgress.Next {
    guard try reader.readUInt8() == 5 else {
      _ = try reader.vector8()
      _ = try reader.vector8()
      return .more
    }
    let command = try reader.readUInt8()
    try reader.skip(1)
    let host = try readHost(&reader)
    let port = try reader.readUInt16BE()
    guard command == Self.connect, let host else { return .done }
    request = Wrapper(.socks5, host: host, port: port)
    return .more
  }

  /// `04 | command | port | address | user and zero byte | [name and zero byte]`.
  private mutating func readOldRequest(_ reader: inout ByteReader) throws(DecodeError) -> DissectorProgress.Next {
    let command = try reader.readUInt8()
    let port = try reader.readUInt16BE()
    let address = try reader.readUInt32BE()
    _ = try reader.text()
    // 0.0.0.x, x not zero, says that a name follows.
    let host = (1...255).contains(address) ? try reader.text() : IPAddress(v4: address).description
    guard command == Self.connect else { return .done }
    request = Wrapper(.socks4, host: host, port: port)
    return .more
  }

  /// `05 | status | 00 | type of address | address | port`, or `00 | status | port | address`.
  private func readReply(_ reader: inout ByteReader, _ kind: Wrapper.Kind) throws(DecodeError)
    -> DissectorProgress.Next
  {
    try reader.skip(1)
    let status = try reader.readUInt8()
    guard kind == .socks5 else {
      try reader.skip(6)
      return status == 0x5a ? .handOver : .done
    }
    try reader.skip(1)
    _ = try readHost(&reader)
    try reader.skip(2)
    return status == 0 ? .handOver : .done
  }

  /// - Returns: `nil` for a type of address that does not exist.
  private func readHost(_ reader: inout ByteReader) throws(DecodeError) -> String? {
    switch try reader.readUInt8() {
    case 1: return IPAddress(v4: try reader.readUInt32BE()).description
    case 3: return try reader.vector8().hostName
    case 4: return IPAddress(high: try reader.readUInt64BE(), low: try reader.readUInt64BE()).description
    default: return nil
    }
  }
}

extension ByteReader {
  /// Text up to a zero byte, of 255 bytes at the most.
  @_lifetime(self: copy self)
  fileprivate mutating func text() throws(DecodeError) -> String {
    var bytes: [UInt8] = []
    while bytes.count <= 255 {
      let byte = try readUInt8()
      guard byte != 0 else { break }
      bytes.append(byte)
    }
    return bytes.wireText.lowercased()
  }
}
