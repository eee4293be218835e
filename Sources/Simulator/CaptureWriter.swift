package import Capture
import Foundation

/// Writes a pcap file, a megabyte at a time.
package struct CaptureWriter: ~Copyable {
  package struct Failure: Error {
    package let sentence: String
  }

  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private static let flushAt = 1 << 20

  /// - Parameter path: `-` is standard output.
  package init(path: String, linkType: LinkType = .ethernet) throws {
    buffer = PcapFormat.header(linkType)
    guard path != "-" else {
      handle = .standardOutput
      return
    }
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else { throw Failure(sentence: "cannot write \(path): check that the folder exists and may be written") }
    self.handle = handle
  }

  package mutating func write(_ bytes: [UInt8], at time: Timestamp) throws {
    buffer += PcapFormat.record(bytes, at: time)
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
    frames.reduce(into: PcapFormat.header(.ethernet)) { bytes, frame in
      bytes += PcapFormat.record(frame.bytes, at: frame.time)
    }
  }

  package func write(to path: String) throws {
    var writer = try CaptureWriter(path: path)
    for frame in frames { try writer.write(frame.bytes, at: frame.time) }
    try writer.close()
  }
}
