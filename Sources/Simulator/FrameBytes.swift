package import Decode

/// Builds frames byte by byte, with the checksums that a network card would have put in.
package enum FrameBytes {
  /// What surrounds the IP packet.
  package struct Link: Sendable {
    /// VLAN tags, outermost first.
    package var vlans: [UInt16]

    package init(vlans: [UInt16] = []) {
      self.vlans = vlans
    }

    package static let plain = Link()
  }

  package static func tcp(
    from source: Host, port sourcePort: UInt16, to destination: Host, port destinationPort: UInt16,
    sequence: UInt32, acknowledgment: UInt32, flags: TCPFlags, payload: some Collection<UInt8> = [],
    window: UInt16 = 64_240, link: Link = .plain
  ) -> [UInt8] {
    let segment = tcpSegment(
      from: source, port: sourcePort, to: destination, port: destinationPort, sequence: sequence,
      acknowledgment: acknowledgment, flags: flags, payload: payload, window: window)
    return frame(from: source, to: destination, ipProtocol: 6, payload: segment, link: link)
  }

  /// What IP carries of a TCP segment: header and payload.
  ///
  /// - Parameters:
  ///   - urgent: the urgent pointer, which counts with URG only.
  ///   - options: a multiple of four bytes, forty at the most.
  package static func tcpSegment(
    from source: Host, port sourcePort: UInt16, to destination: Host, port destinationPort: UInt16,
    sequence: UInt32, acknowledgment: UInt32, flags: TCPFlags, payload: some Collection<UInt8> = [],
    window: UInt16 = 64_240, urgent: UInt16 = 0, options: [UInt8] = []
  ) -> [UInt8] {
    var segment: [UInt8] = []
    segment.reserveCapacity(20 + options.count + payload.count)
    segment.append16(sourcePort)
    segment.append16(destinationPort)
    segment.append32(sequence)
    segment.append32(acknowledgment)
    segment.append(UInt8(truncatingIfNeeded: 5 + options.count / 4) << 4)
    segment.append(flags.rawValue)
    segment.append16(window)
    segment.append16(0)
    segment.append16(urgent)
    segment += options
    segment.append(contentsOf: payload)
    segment.set16(checksum(segment, pseudoHeaderOf: source, destination, ipProtocol: 6), at: 16)
    return segment
  }

  package static func udp(
    from source: Host, port sourcePort: UInt16, to destination: Host, port destinationPort: UInt16,
    payload: some Collection<UInt8>, link: Link = .plain
  ) -> [UInt8] {
    let datagram = udpDatagram(
      from: source, port: sourcePort, to: destination, port: destinationPort, payload: payload)
    return frame(from: source, to: destination, ipProtocol: 17, payload: datagram, link: link)
  }

  /// What IP carries of a UDP datagram: header and payload.
  package static func udpDatagram(
    from source: Host, port sourcePort: UInt16, to destination: Host, port destinationPort: UInt16,
    payload: some Collection<UInt8>
  ) -> [UInt8] {
    var datagram: [UInt8] = []
    datagram.append16(sourcePort)
    datagram.append16(destinationPort)
    datagram.append16(UInt16(clamping: 8 + payload.count))
    datagram.append16(0)
    datagram.append(contentsOf: payload)
    let sum = checksum(datagram, pseudoHeaderOf: source, destination, ipProtocol: 17)
    datagram.set16(sum == 0 ? 0xffff : sum, at: 6)
    return datagram
  }

  /// An ICMP echo request or reply (RFC 792).
  package static func echo(from source: Host, to destination: Host, isReply: Bool = false) -> [UInt8] {
    var message: [UInt8] = [isReply ? 0 : 8, 0, 0, 0, 0x12, 0x34, 0, 1]
    message += (0..<48).map { UInt8($0) }
    message.set16(fold(sum(message)), at: 2)
    return frame(from: source, to: destination, ipProtocol: 1, payload: message, link: .plain)
  }

  /// An IP packet in its Ethernet frame. IPv6 when `source` is an IPv6 host.
  ///
  /// - Parameters:
  ///   - identification, flagsAndOffset: of IPv4; without them the packet says "don't fragment". The offset counts eights.
  ///   - options: of IPv4, a multiple of four bytes, forty at the most.
  package static func frame(
    from source: Host, to destination: Host, ipProtocol: UInt8, payload: [UInt8], hopLimit: UInt8 = 64,
    identification: UInt16 = 0, flagsAndOffset: UInt16 = 0x4000, options: [UInt8] = [], link: Link = .plain
  ) -> [UInt8] {
    var bytes = ethernet(
      from: source.mac, to: destination.mac, type: source.address.isIPv4 ? 0x0800 : 0x86dd, link: link)
    bytes.reserveCapacity(60 + payload.count)
    let start = bytes.count
    if source.address.isIPv4 {
      bytes += [0x45 + UInt8(truncatingIfNeeded: options.count / 4), 0]
      bytes.append16(UInt16(clamping: 20 + options.count + payload.count))
      bytes.append16(identification)
      bytes.append16(flagsAndOffset)
      bytes += [hopLimit, ipProtocol, 0, 0]
      bytes.append32(source.address.v4)
      bytes.append32(destination.address.v4)
      bytes += options
      bytes.set16(fold(sum(bytes[start...])), at: start + 10)
    } else {
      bytes += [0x60, 0, 0, 0]
      bytes.append16(UInt16(clamping: payload.count))
      bytes += [ipProtocol, hopLimit]
      bytes.append64(source.address.high)
      bytes.append64(source.address.low)
      bytes.append64(destination.address.high)
      bytes.append64(destination.address.low)
    }
    return bytes + payload
  }

  /// An Ethernet header with its VLAN tags.
  static func ethernet(from source: MACAddress, to destination: MACAddress, type: UInt16, link: Link) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append48(destination.rawValue)
    bytes.append48(source.rawValue)
    for (index, vlan) in link.vlans.enumerated() {
      bytes.append16(link.vlans.count > 1 && index == 0 ? 0x88a8 : 0x8100)
      bytes.append16(vlan)
    }
    bytes.append16(type)
    return bytes
  }

  private static func checksum(
    _ segment: [UInt8], pseudoHeaderOf source: Host, _ destination: Host, ipProtocol: UInt8
  ) -> UInt16 {
    var header: [UInt8] = []
    if source.address.isIPv4 {
      header.append32(source.address.v4)
      header.append32(destination.address.v4)
    } else {
      for word in [
        source.address.high, source.address.low, destination.address.high, destination.address.low,
      ] { header.append64(word) }
    }
    header.append16(UInt16(ipProtocol))
    header.append16(UInt16(truncatingIfNeeded: segment.count))
    return fold(sum(header) + sum(segment))
  }

  /// The Internet checksum's sum (RFC 1071), not folded.
  private static func sum(_ bytes: some Collection<UInt8>) -> UInt64 {
    var total: UInt64 = 0
    var isHigh = true
    for byte in bytes {
      total += isHigh ? UInt64(byte) << 8 : UInt64(byte)
      isHigh.toggle()
    }
    return total
  }

  private static func fold(_ sum: UInt64) -> UInt16 {
    var sum = sum
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}

extension [UInt8] {
  package mutating func append16(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  package mutating func append32(_ value: UInt32) {
    append16(UInt16(truncatingIfNeeded: value >> 16))
    append16(UInt16(truncatingIfNeeded: value))
  }

  package mutating func append48(_ value: UInt64) {
    append16(UInt16(truncatingIfNeeded: value >> 32))
    append32(UInt32(truncatingIfNeeded: value))
  }

  package mutating func append64(_ value: UInt64) {
    append32(UInt32(truncatingIfNeeded: value >> 32))
    append32(UInt32(truncatingIfNeeded: value))
  }

  package mutating func set16(_ value: UInt16, at index: Int) {
    self[index] = UInt8(truncatingIfNeeded: value >> 8)
    self[index + 1] = UInt8(truncatingIfNeeded: value)
  }
}
