import Capture
import Testing

@testable import Decode

/// Bytes from hexadecimal digits; anything else in `text` is for the eye.
func hex(_ text: String) -> [UInt8] {
  let digits = text.utf8.compactMap(\.hexDigit)
  precondition(digits.count.isMultiple(of: 2), "half a byte in \(text)")
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

extension [UInt8] {
  /// The bytes, lent. (`span.bytes` counts as unsafe, whatever the element.)
  var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get { RawSpan(_elements: span) }
  }
}

func big16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
}

func big32(_ value: UInt32) -> [UInt8] {
  big16(Int(value >> 16)) + big16(Int(value & 0xffff))
}

// MARK: Headers, outermost first

func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
  hex("02:00:00:00:00:01 02:00:00:00:00:02") + big16(type) + payload
}

/// - Parameters:
///   - length: the total length; what is there by default.
///   - fragment: the word of flags and offset.
func ipv4(
  _ payloadProtocol: UInt8, _ payload: [UInt8], length: Int? = nil, fragment: Int = 0x4000, options: [UInt8] = [],
  source: String = "0a000001"
) -> [UInt8] {
  let headerLength = 20 + options.count
  var bytes: [UInt8] = [0x40 | UInt8(headerLength / 4), 0]
  bytes += big16(length ?? headerLength + payload.count) + hex("1234") + big16(fragment)
  bytes += [64, payloadProtocol, 0, 0] + hex(source) + hex("0a000002")
  return bytes + options + payload
}

func ipv6(
  _ nextHeader: UInt8, _ payload: [UInt8], length: Int? = nil,
  source: String = "20010db8 00000000 00000000 00000001"
) -> [UInt8] {
  hex("60000000") + big16(length ?? payload.count) + [nextHeader, 63] + hex(source)
    + hex("20010db8 00000000 00000000 00000002") + payload
}

/// - Parameter offset: the byte with the data offset: 0x50 is 20 bytes.
func tcp(_ payload: [UInt8] = hex("7b7d0a"), offset: UInt8 = 0x50, options: [UInt8] = []) -> [UInt8] {
  hex("cafe 0d05 01020304 05060708") + [offset, 0x18] + hex("01f6 0000 0000") + options + payload
}

func udp(_ payload: [UInt8] = hex("01020304"), port: Int = 53, length: Int? = nil) -> [UInt8] {
  hex("cafe") + big16(port) + big16(length ?? 8 + payload.count) + hex("0000") + payload
}

func arp(_ start: String = "0001 0800 06 04 0001") -> [UInt8] {
  hex(start) + hex("020000000002 0a000001 000000000000 0a000002")
}

func gre(_ type: Int, _ payload: [UInt8], flags: Int = 0, options: [UInt8] = []) -> [UInt8] {
  big16(flags) + big16(type) + options + payload
}

func vxlan(_ payload: [UInt8], flags: UInt8 = 0x08) -> [UInt8] {
  [flags, 0, 0, 0] + hex("00 00 2a 00") + payload
}

// MARK: Decoding

/// Reads a header, and checks that it is refused when any of its bytes is missing.
///
/// - Parameter count: the header's size.
func parse<Header>(_ bytes: [UInt8], of count: Int, _ read: (RawSpan) -> Header?) throws -> Header {
  for shorter in 0..<count {
    let truncated = read(Array(bytes.prefix(shorter)).rawSpan)
    #expect(truncated == nil, "\(shorter) bytes")
  }
  let header = read(bytes.rawSpan)
  return try #require(header)
}

/// What the decoder said about some bytes.
struct Decoded {
  var outcome = Outcome.packet
  var packet = Packet()
  var byteCount = 0
  var counters = DecodeCounters()

  var payload: Range<Int> { packet.payloadOffset..<packet.payloadOffset + packet.payloadLength }

  /// What must hold for whatever bytes: the payload lies in the frame and no larger than it is said to be.
  var holdsInvariant: Bool {
    guard outcome == .packet else { return true }
    return packet.payloadOffset >= 0 && packet.payloadLength >= 0 && packet.payloadLength <= byteCount
      && packet.payloadOffset <= byteCount - packet.payloadLength
      && packet.claimedPayloadLength >= packet.payloadLength && packet.vlanCount <= 2
  }
}

/// - Parameters:
///   - wireLength: what the frame had before the snap length cut it; all by default.
///   - used: the packet that is overwritten.
func decode(
  _ bytes: [UInt8], _ link: LinkType = .ethernet, wireLength: Int? = nil, reusing used: Packet = Packet()
) -> Decoded {
  var decoded = Decoded(packet: used, byteCount: bytes.count)
  let frame = Frame(
    bytes: bytes.rawSpan, timestamp: Timestamp(nanoseconds: 7), originalLength: wireLength ?? bytes.count,
    linkType: link, source: 3)
  decoded.outcome = PacketDecoder.decode(frame, into: &decoded.packet, counting: &decoded.counters)
  return decoded
}
