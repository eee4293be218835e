import Capture

extension PacketDecoder {
  /// The three headers of an ordinary frame without options.
  private static var ordinaryLength: Int {
    EthernetHeader.byteCount + IPv4Header.byteCount + TCPHeader.byteCount
  }

  /// Decodes the frame that nearly all are, in one stride: Ethernet without tags, IPv4 without options and no fragment, TCP,
  /// all three headers captured whole and without fault.
  ///
  /// **Invariant:** where it says yes, ``decode(_:into:)`` would have said ``Outcome/packet`` and the same of the frame.
  ///
  /// - Returns: false for any other frame; `packet` is then untouched.
  @inline(__always)
  static func decodeOrdinary(_ frame: borrowing Frame, into packet: inout Packet) -> Bool {
    let bytes = frame.bytes
    let count = bytes.byteCount
    // Version 4 and five words of header; of the fragment's bits, all but "reserved" and "do not fragment" are 0.
    guard count >= ordinaryLength, frame.linkType == .ethernet, bytes.uint16(at: 12) == EtherType.ipv4,
      bytes.byte(at: 14) == 0x45, bytes.uint16(at: 20) & 0x3fff == 0, bytes.byte(at: 23) == IPProtocol.tcp
    else { return false }
    let networkLength = Int(bytes.uint16(at: 16))
    let headerLength = Int(bytes.byte(at: 46) >> 4) << 2
    let claimed = networkLength &- IPv4Header.byteCount &- headerLength
    let payloadOffset = EthernetHeader.byteCount &+ IPv4Header.byteCount &+ headerLength
    let wireLength = max(frame.originalLength, count) &- EthernetHeader.byteCount
    guard headerLength >= TCPHeader.byteCount, claimed >= 0, networkLength <= wireLength, payloadOffset <= count else {
      return false
    }

    packet = Packet()
    packet.timestamp = frame.timestamp
    packet.interface = frame.source
    packet.destinationMAC = MACAddress(rawValue: bytes.uint64(at: 0) >> 16)
    packet.sourceMAC = MACAddress(rawValue: bytes.uint64(at: 6) >> 16)
    packet.etherType = EtherType.ipv4
    packet.network = .ipv4
    packet.source = IPAddress(v4: bytes.uint32(at: 26))
    packet.destination = IPAddress(v4: bytes.uint32(at: 30))
    packet.ipProtocol = IPProtocol.tcp
    packet.timeToLive = bytes.byte(at: 22)
    packet.networkLength = networkLength
    packet.transport = .tcp
    packet.sourcePort = bytes.uint16(at: 34)
    packet.destinationPort = bytes.uint16(at: 36)
    packet.tcp.sequence = bytes.uint32(at: 38)
    packet.tcp.acknowledgment = bytes.uint32(at: 42)
    packet.tcp.flags = TCPFlags(rawValue: bytes.byte(at: 47))
    packet.tcp.window = bytes.uint16(at: 48)
    packet.payloadOffset = payloadOffset
    packet.payloadLength = min(claimed, count &- payloadOffset)
    packet.claimedPayloadLength = claimed
    return true
  }
}
