import Decode

/// Tells TLS by its records (RFC 8446 §5.1, RFC 5246 §6.2.1): type, version 3.x, length, then a hello.
enum TLS {
  /// Longest record, in bytes: 2^14 and 2,048 for protection (RFC 5246 §6.2.3).
  private static let recordLimit = 16_384 + 2_048
  private static let recordHeader = 5
  /// Longest hello believed. Post-quantum key shares make 2 KiB; a certificate cannot be in it.
  private static let helloLimit = 65_536
  /// Bytes of one application record, joined in its middle or not, after which its header alone is believed.
  private static let joinedBytes = 1_024

  private enum ContentType: UInt8 {
    case changeCipherSpec = 20
    case alert, handshake, applicationData
  }

  static func probe(_ bytes: RawSpan) -> Probe {
    switch record(bytes, at: 0) {
    case .none: .reject
    case .some((.handshake, let length)): probeHello(bytes, recordLength: length)
    case .some((.applicationData, _)): probeRecords(bytes)
    case .some: .reject
    }
  }

  /// The record header at `offset`, as far as it is there; `nil` when it cannot be one. Unseen bytes count as fitting:
  /// the length is then the smallest.
  private static func record(_ bytes: RawSpan, at offset: Int) -> (ContentType, length: Int)? {
    guard offset < bytes.byteCount else { return (.handshake, 1) }
    guard let type = ContentType(rawValue: bytes.byte(at: offset)) else { return nil }
    let available = bytes.byteCount - offset
    if available >= 2, bytes.byte(at: offset + 1) != 3 { return nil }
    if available >= 3, bytes.byte(at: offset + 2) > 4 { return nil }
    guard available >= recordHeader else { return (type, 1) }
    let length = Int(bytes.uint16(at: offset + 3))
    return (1...recordLimit).contains(length) ? (type, length) : nil
  }

  /// A handshake message (RFC 8446 §4): type, a length of three bytes, and in a hello the legacy version.
  private static func probeHello(_ bytes: RawSpan, recordLength: Int) -> Probe {
    guard bytes.byteCount > recordHeader else { return .needMore }
    let role: Role
    switch bytes.byte(at: recordHeader) {
    case 1: role = .client
    case 2: role = .server
    default: return .reject
    }
    guard bytes.byteCount >= recordHeader + 6 else { return .needMore }
    // A record that cuts the hello's own header is legal, and a way past naive readers: ask the next record instead.
    if recordLength < 6 {
      let next = recordHeader + recordLength
      guard bytes.byteCount >= next + recordHeader else { return .needMore }
      guard case .some((.handshake, _)) = record(bytes, at: next) else { return .reject }
      return .match(opener: role)
    }
    let length = Int(bytes.uint32(at: recordHeader) & 0xff_ffff)
    guard length >= 34, length <= helloLimit, bytes.byte(at: recordHeader + 4) == 3 else { return .reject }
    return .match(opener: role)
  }

  /// A connection joined in the middle: records of application data whose lengths lead from one to the next.
  private static func probeRecords(_ bytes: RawSpan) -> Probe {
    var offset = 0
    while offset < bytes.byteCount {
      guard case .some((let type, let length)) = record(bytes, at: offset) else { return .reject }
      guard type == .applicationData || type == .alert else { return .reject }
      guard bytes.byteCount - offset >= recordHeader else { return .needMore }
      // A second header where the first said it would be settles it.
      if offset > 0 { return .match(opener: nil) }
      offset += recordHeader + length
    }
    // The record ends with the bytes, or goes on past enough of them.
    let isEnough = offset == bytes.byteCount || bytes.byteCount >= joinedBytes
    return isEnough ? .match(opener: nil) : .needMore
  }
}
