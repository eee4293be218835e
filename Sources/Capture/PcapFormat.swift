/// The bytes of a capture file with nanosecond time (draft-ietf-opsawg-pcap: magic a1b23c4d), little-endian.
package enum PcapFormat {
  /// What a file begins with, 24 bytes.
  package static func header(_ linkType: LinkType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: 0xa1b2_3c4d)
    // Version 2.4, then four bytes of time zone and four of accuracy, which nobody uses.
    bytes += [2, 0, 4, 0]
    let fields = [0, 0, UInt32(Limits.frameBytes), UInt32(bitPattern: linkType.rawValue)]
    for field in fields { bytes.append(littleEndian: field) }
    return bytes
  }

  /// One frame: 16 bytes and what was captured of it.
  ///
  /// - Parameter originalLength: bytes on the wire; nil when all of them were captured.
  package static func record(
    _ frame: [UInt8], originalLength: Int? = nil, at time: Timestamp
  ) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(recordHeader + frame.count)
    let seconds = time.seconds
    record.append(littleEndian: UInt32(truncatingIfNeeded: seconds))
    record.append(littleEndian: UInt32(truncatingIfNeeded: time.nanoseconds &- seconds &* 1_000_000_000))
    record.append(littleEndian: UInt32(truncatingIfNeeded: frame.count))
    record.append(littleEndian: UInt32(truncatingIfNeeded: originalLength ?? frame.count))
    record += frame
    return record
  }

  /// Bytes before each frame.
  package static let recordHeader = 16
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
