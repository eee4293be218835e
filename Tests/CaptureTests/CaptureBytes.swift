/// Capture files written byte by byte, so that the tests do not trust the library that they test.
struct CaptureBytes {
  var isBigEndian = false
  private(set) var bytes: [UInt8] = []

  init(isBigEndian: Bool = false) {
    self.isBigEndian = isBigEndian
  }

  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    for index in 0..<(Value.bitWidth / 8) {
      let shift = 8 * (isBigEndian ? Value.bitWidth / 8 - 1 - index : index)
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func append(contentsOf more: [UInt8]) {
    bytes += more
  }
}

// MARK: pcap (draft-ietf-opsawg-pcap)

extension CaptureBytes {
  static func pcap(
    isBigEndian: Bool = false, isNano: Bool = false, snapLength: UInt32 = 262_144, linkType: UInt32 = 1
  ) -> CaptureBytes {
    var file = CaptureBytes(isBigEndian: isBigEndian)
    file.append(isNano ? 0xa1b2_3c4d as UInt32 : 0xa1b2_c3d4)
    file.append(2 as UInt16)
    file.append(4 as UInt16)
    file.append(0 as UInt64)
    file.append(snapLength)
    file.append(linkType)
    return file
  }

  mutating func record(seconds: UInt32, fraction: UInt32, length: UInt32? = nil, _ frame: [UInt8]) {
    append(seconds)
    append(fraction)
    append(UInt32(frame.count))
    append(length ?? UInt32(frame.count))
    append(contentsOf: frame)
  }
}

// MARK: pcapng (draft-ietf-opsawg-pcapng)

extension CaptureBytes {
  static func pcapng(isBigEndian: Bool = false) -> CaptureBytes {
    var file = CaptureBytes(isBigEndian: isBigEndian)
    var body = CaptureBytes(isBigEndian: isBigEndian)
    body.append(0x1a2b_3c4d as UInt32)
    body.append(1 as UInt16)
    body.append(0 as UInt16)
    body.append(UInt64.max)
    file.block(0x0a0d_0d0a, body.bytes)
    return file
  }

  /// - Parameter resolution: the option if_tsresol; without it a tick is a microsecond.
  mutating func interface(linkType: UInt16 = 1, snapLength: UInt32 = 262_144, resolution: UInt8? = nil) {
    var body = CaptureBytes(isBigEndian: isBigEndian)
    body.append(linkType)
    body.append(0 as UInt16)
    body.append(snapLength)
    if let resolution {
      body.append(9 as UInt16)
      body.append(1 as UInt16)
      body.append(contentsOf: [resolution, 0, 0, 0])
      body.append(0 as UInt32)
    }
    block(1, body.bytes)
  }

  mutating func packet(interface: UInt32 = 0, ticks: UInt64, length: UInt32? = nil, _ frame: [UInt8]) {
    var body = CaptureBytes(isBigEndian: isBigEndian)
    body.append(interface)
    body.append(UInt32(truncatingIfNeeded: ticks >> 32))
    body.append(UInt32(truncatingIfNeeded: ticks))
    body.append(UInt32(frame.count))
    body.append(length ?? UInt32(frame.count))
    body.append(contentsOf: frame)
    block(6, body.bytes)
  }

  mutating func block(_ type: UInt32, _ body: [UInt8]) {
    let padding = (4 - body.count % 4) % 4
    let length = UInt32(12 + body.count + padding)
    append(type)
    append(length)
    append(contentsOf: body)
    append(contentsOf: [UInt8](repeating: 0, count: padding))
    append(length)
  }
}

/// An Ethernet frame of EtherType 0x88b5, set aside for experiments (IEEE Std 802), so that nothing else sends one.
func experimentalFrame(_ number: UInt32, byteCount: Int = 60) -> [UInt8] {
  var frame = CaptureBytes(isBigEndian: true)
  frame.append(contentsOf: [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  frame.append(number)
  frame.append(contentsOf: [UInt8](repeating: 0, count: max(byteCount - 18, 0)))
  return frame.bytes
}
