import Decode

/// The start of a QUIC packet with a long header, which no version changes (RFC 8999 §5.1).
///
///      0 1 2 3 4 5 6 7 8              39 40     47
///     +-+-+-+-+-+-+-+-+-----------------+---------+---------------+---------+---------------+
///     |1|  of version |     version     |  count  | destination id|  count  |   source id   |
///     +-+-+-+-+-+-+-+-+-----------------+---------+---------------+---------+---------------+
struct QUICLongHeader {
  /// Longest connection id of versions 1 and 2 (RFC 9000 §17.2); those of others are not longer so far.
  private static let idLimit = 20

  /// The first byte: form, and in versions 1 and 2 the fixed bit, the type, and what protection hides.
  let first: UInt8
  /// 0 for version negotiation.
  let version: UInt32
  let destinationID: [UInt8]
  /// In bytes, up to the end of the source id.
  let byteCount: Int

  /// - Returns: `nil` when it is none, or of a version that nobody ever gave out.
  init?(_ bytes: RawSpan) {
    var reader = ByteReader(bytes)
    do throws(DecodeError) {
      first = try reader.readUInt8()
      version = try reader.readUInt32BE()
      guard first & 0x80 != 0, Self.isKnown(version) else { return nil }
      let destination = try reader.vector8()
      let source = try reader.vector8()
      guard destination.byteCount <= Self.idLimit, source.byteCount <= Self.idLimit else { return nil }
      destinationID = destination.byteArray
    } catch {
      return nil
    }
    // An id of nothing on both sides, and a version of nothing, is a header of zeros.
    guard version != 0 || !destinationID.isEmpty else { return nil }
    byteCount = reader.offset
  }

  /// IANA, QUIC Versions: 1, 2, drafts, Google's, Facebook's, and the pattern reserved for exercising negotiation.
  private static func isKnown(_ version: UInt32) -> Bool {
    switch version {
    case 0, 1, 0x6b33_43cf: true
    case 0xff00_0000...0xff00_00ff: true
    case 0x5130_3330...0x5130_3539, 0x5430_3530...0x5430_3539: true  // Q030 to Q059, T050 to T059.
    case 0xface_b000...0xface_b0ff: true
    default: version & 0x0f0f_0f0f == 0x0a0a_0a0a
    }
  }
}
