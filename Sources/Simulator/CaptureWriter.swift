package import Capture
import Foundation

/// Writes a pcap file with nanosecond time (draft-ietf-opsawg-pcap: magic a1b23c4d), little-endian.
package struct CaptureWriter: ~Copyable {
  package struct Failure: Error {
    package let sentence: String
  }

  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private static let flushAt = 1 << 20

  package init(path: String, linkType: LinkType = .ethernet) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else { throw Failure(sentence: "cannot write \(path): check that the folder exists and may be written") }
    self.handle = handle
    buffer = Self.header(linkType)
  }

  package static func header(_ linkType: LinkType = .ethernet) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittle32(0xa1b2_3c4d)
    bytes += [2, 0, 4, 0]
    for value in [0, 0, 262_144, UInt32(bitPattern: linkType.rawValue)] { bytes.appendLittle32(value) }
    return bytes
  }

  package static func record(_ bytes: some Collection<UInt8>, at time: Timestamp) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(16 + bytes.count)
    record.appendLittle32(UInt32(truncatingIfNeeded: time.seconds))
    record.appendLittle32(UInt32(truncatingIfNeeded: time.nanoseconds - time.seconds * 1_000_000_000))
    record.appendLittle32(UInt32(truncatingIfNeeded: bytes.count))
    record.appendLittle32(UInt32(truncatingIfNeeded: bytes.count))
    record += bytes
    return record
  }

  package mutating func write(_ bytes: some Collection<UInt8>, at time: Timestamp) throws {
    buffer += Self.record(bytes, at: time)
    if buffer.count >= Self.flushAt { try flush() }
  }

  package mutating func flush() throws {
    try handle.write(contentsOf: Data(buffer))
    buffer.removeAll(keepingCapacity: true)
  }

  package consuming func close() throws {
    try flush()
    try handle.close()
  }
}

extension Tape {
  /// The whole tape as the bytes of a pcap file.
  package var captureFile: [UInt8] {
    frames.reduce(into: CaptureWriter.header()) { bytes, frame in
      bytes += CaptureWriter.record(frame.bytes, at: frame.time)
    }
  }

  package func write(to path: String) throws {
    var writer = try CaptureWriter(path: path)
    for frame in frames { try writer.write(frame.bytes, at: frame.time) }
    try writer.close()
  }
}

extension [UInt8] {
  mutating func appendLittle32(_ value: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
