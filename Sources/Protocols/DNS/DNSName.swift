import Decode

/// A domain name, without compression and in lower case, so that equal names are equal bytes (RFC 4343 §3).
package struct DNSName: Hashable, Sendable {
  /// Longest name on the wire, in bytes, length bytes and the root's included (RFC 1035 §2.3.4).
  package static let byteLimit = 255
  /// Pointers followed in one name. A name has at most 127 labels, and only a hostile message points to a pointer.
  static let pointerLimit = 127

  /// Labels, each behind its length byte; the root's empty label is left out.
  private(set) var labels: [UInt8] = []

  /// Reads a name, compressed or not (RFC 1035 §4.1.4), and moves `offset` behind it.
  ///
  /// A pointer must lead to before the labels that it continues. That is what "a prior occurrence" means, and it makes a
  /// loop impossible.
  package init(_ message: RawSpan, at offset: inout Int) throws(DNSMessage.Anomaly) {
    var position = offset
    var runStart = offset
    var end: Int?
    var pointers = 0
    // Most names fit, and do not grow byte by byte.
    labels.reserveCapacity(32)
    while true {
      guard position < message.byteCount else { throw .truncatedMessage }
      let first = message.byte(at: position)
      switch first >> 6 {
      case 0b00 where first == 0:
        offset = end ?? position + 1
        return
      case 0b00:
        let next = position + 1 + Int(first)
        guard next <= message.byteCount else { throw .truncatedMessage }
        guard labels.count + 1 + Int(first) < Self.byteLimit else { throw .nameTooLong }
        labels.append(first)
        for index in position + 1..<next { labels.append(Self.lowercase(message.byte(at: index))) }
        position = next
      case 0b11:
        guard position + 2 <= message.byteCount else { throw .truncatedMessage }
        let target = Int(message.uint16(at: position) & 0x3fff)
        guard target < runStart, pointers < Self.pointerLimit else { throw .pointerLoop }
        end = end ?? position + 2
        pointers += 1
        runStart = target
        position = target
      default:
        throw .badLabel
      }
    }
  }

  /// The name as people write it: labels joined by dots, none at the end, empty for the root.
  ///
  /// Bytes other than letters, digits, `-` and `_` become `\DDD` (RFC 1035 §5.1). So does a dot inside a label, or a
  /// single label could pass for several.
  package var text: String {
    var text: [UInt8] = []
    text.reserveCapacity(labels.count)
    var remaining = 0
    for byte in labels {
      if remaining == 0 {
        if !text.isEmpty { text.append(UInt8(ascii: ".")) }
        remaining = Int(byte)
        continue
      }
      remaining -= 1
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        text.append(byte)
      default:
        text.append(UInt8(ascii: "\\"))
        for divisor: UInt8 in [100, 10, 1] { text.append(UInt8(ascii: "0") + byte / divisor % 10) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// NetBIOS names share the wire format: one label of 32 letters `a`...`p`, two for each byte (RFC 1001 §14.1).
  package var isNetBIOS: Bool {
    labels.count >= 33 && labels[0] == 32
      && labels[1...32].allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "p")).contains($0) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
