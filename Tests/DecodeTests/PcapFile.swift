import Capture
import Foundation

@testable import Decode

/// A capture file in the classic format (draft-ietf-opsawg-pcap), for tests that read frames of other people's networks.
struct PcapFile {
  struct Record {
    let bytes: [UInt8]
    let originalLength: Int
  }

  let link: LinkType
  private(set) var records: [Record] = []

  /// - Returns: nil when the file is in another format. A record that is cut short ends the list.
  init?(_ url: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: url))
    guard bytes.count >= 24 else { return nil }
    // 0xa1b2c3d4 with microseconds, 0xa1b23c4d with nanoseconds; the writer's byte order.
    let isBig: Bool
    switch Array(bytes.prefix(4)) {
    case hex("a1b2c3d4"), hex("a1b23c4d"): isBig = true
    case hex("d4c3b2a1"), hex("4d3cb2a1"): isBig = false
    default: return nil
    }
    let word = { (offset: Int) in
      let value = RawSpan(_elements: bytes.span).uint32(at: offset)
      return Int(isBig ? value : value.byteSwapped)
    }
    link = LinkType(rawValue: Int32(truncatingIfNeeded: word(20) & 0xffff))
    var offset = 24
    while bytes.count - offset >= 16 {
      let captured = word(offset + 8)
      guard captured <= bytes.count - offset - 16 else { break }
      let start = offset + 16
      records.append(Record(bytes: Array(bytes[start..<start + captured]), originalLength: word(offset + 12)))
      offset = start + captured
    }
  }

  /// `shared/captures` beside the package, or beside a folder around it; nil when there is none.
  static let folder: URL? = {
    var place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    while place.path.count > 1 {
      place.deleteLastPathComponent()
      let folder = place.appending(path: "shared/captures")
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    return nil
  }()
}
