import Decode

/// Tells TLS by its records (RFC 8446 §5.1, RFC 5246 §6.2.1): type, version 3.x, length, then a hello.
enum TLS {
  /// Longest hello believed, in bytes: OpenSSL takes 128 KiB. What is over ``Capture/Limits/tlsHandshake`` is not read.
  private static let helloLimit = 128 << 10
  /// Bytes of one application record, joined in its middle or not, after which its header alone is believed.
  private static let joinedBytes = 1_024

  static func probe(_ bytes: RawSpan) -> Probe {
    switch record(bytes, at: 0) {
    case .none: probeOldHello(bytes)
    case .some((.handshake, let length)): probeHello(bytes, recordLength: length)
    case .some((.applicationData, _)): probeRecords(bytes)
    case .some: .reject
    }
  }

  /// A hello in SSL 2.0's form: two bytes of length, the highest bit set, then its type.
  private static func probeOldHello(_ bytes: RawSpan) -> Probe {
    if SSL2Hello(bytes) != nil { return .match(opener: .client) }
    guard bytes.byteCount < SSL2Hello.header, bytes.byte(at: 0) & 0x80 != 0 else { return .reject }
    if bytes.byteCount > 2, bytes.byte(at: 2) != 1 { return .reject }
    if bytes.byteCount > 3, bytes.byte(at: 3) != 0, bytes.byte(at: 3) != 3 { return .reject }
    return .needMore
  }

  /// The record header at `offset`, as far as it is there; `nil` when it cannot be one. Unseen bytes count as fitting:
  /// the length is then the smallest.
  private static func record(_ bytes: RawSpan, at offset: Int) -> (TLSRecord.ContentType, length: Int)? {
    guard offset < bytes.byteCount else { return (.handshake, 1) }
    guard let type = TLSRecord.ContentType(rawValue: bytes.byte(at: offset)) else { return nil }
    let available = bytes.byteCount - offset
    if available >= 2, bytes.byte(at: offset + 1) != 3 { return nil }
    if available >= 3, bytes.byte(at: offset + 2) > 4 { return nil }
    guard available >= TLSRecord.byteCount else { return (type, 1) }
    let length = Int(bytes.uint16(at: offset + 3))
    return (1...TLSRecord.lengthLimit).contains(length) ? (type, length) : nil
  }

  /// A handshake message (RFC 8446 §4): type, a length of three bytes, and in a hello the legacy version.
  private static func probeHello(_ bytes: RawSpan, recordLength: Int) -> Probe {
    guard bytes.byteCount > TLSRecord.byteCount else { return .needMore }
    let role: Role
    switch bytes.byte(at: TLSRecord.byteCount) {
    case 1: role = .client
    case 2: role = .server
    default: return .reject
    }
    guard bytes.byteCount >= TLSRecord.byteCount + 6 else { return .needMore }
    // A record that cuts the hello's own header is legal, and a way past naive readers: ask the next record instead.
    if recordLength < 6 {
      let next = TLSRecord.byteCount + recordLength
      guard bytes.byteCount >= next + TLSRecord.byteCount else { return .needMore }
      guard case .some((.handshake, _)) = record(bytes, at: next) else { return .reject }
      return .match(opener: role)
    }
    let length = Int(bytes.uint32(at: TLSRecord.byteCount) & 0xff_ffff)
    guard length >= 34, length <= helloLimit, bytes.byte(at: TLSRecord.byteCount + 4) == 3 else { return .reject }
    return .match(opener: role)
  }

  /// A connection joined in the middle: records of application data whose lengths lead from one to the next.
  private static func probeRecords(_ bytes: RawSpan) -> Probe {
    var offset = 0
    while offset < bytes.byteCount {
      guard case .some((let type, let length)) = record(bytes, at: offset) else { return .reject }
      guard type == .applicationData || type == .alert else { return .reject }
      guard bytes.byteCount - offset >= TLSRecord.byteCount else { return .needMore }
      // A second header where the first said it would be settles it.
      if offset > 0 { return .match(opener: nil) }
      offset += TLSRecord.byteCount + length
    }
    // The record ends with the bytes, or goes on past enough of them.
    let isEnough = offset == bytes.byteCount || bytes.byteCount >= joinedBytes
    return isEnough ? .match(opener: nil) : .needMore
  }
}
