import Decode
import Simulator

/// A packet above IP, and what IP has to know of it.
struct CarriedPacket {
  var source: Host
  var destination: Host
  var ipProtocol: UInt8
  /// The transport's header and payload.
  var bytes: [UInt8]
  var hopLimit: UInt8
  /// Counts the packets of a script: IP's identification.
  var number: UInt16

  var isIPv4: Bool { source.address.isIPv4 }
}

/// How a packet travels: what is put around it, and whether in one piece.
struct Carriage: Sendable {
  let frames: @Sendable (CarriedPacket) -> [[UInt8]]

  static let plain = Carriage { packet in
    [
      FrameBytes.frame(
        from: packet.source, to: packet.destination, ipProtocol: packet.ipProtocol, payload: packet.bytes,
        hopLimit: packet.hopLimit)
    ]
  }

  static func tagged(_ vlans: UInt16...) -> Carriage {
    Carriage { packet in
      [
        FrameBytes.frame(
          from: packet.source, to: packet.destination, ipProtocol: packet.ipProtocol, payload: packet.bytes,
          hopLimit: packet.hopLimit, link: FrameBytes.Link(vlans: vlans))
      ]
    }
  }

  /// With IPv4 options: forty bytes of "no operation" (RFC 791 §3.1).
  static let withOptions = Carriage { packet in
    [
      FrameBytes.frame(
        from: packet.source, to: packet.destination, ipProtocol: packet.ipProtocol, payload: packet.bytes,
        hopLimit: packet.hopLimit, options: [UInt8](repeating: 1, count: 40))
    ]
  }

  /// With bytes behind the IP packet's end, as Ethernet's padding.
  static func padded(_ padding: [UInt8]) -> Carriage {
    Carriage { plain.frames($0).map { $0 + padding } }
  }

  /// `bytes` between the Ethernet header and IP's, whose first type is `type`: PPPoE, MPLS.
  static func wrapped(type: UInt16, _ bytes: @escaping @Sendable (_ packetLength: Int) -> [UInt8]) -> Carriage {
    Carriage { packet in
      plain.frames(packet).map { frame in
        var wrapped = Array(frame[..<12])
        wrapped.append16(type)
        return wrapped + bytes(frame.count - 14) + frame[14...]
      }
    }
  }

  struct ExtensionHeader {
    var number: UInt8
    /// The first byte is set to the number of what follows.
    var bytes: [UInt8]

    init(_ number: UInt8, _ bytes: [UInt8] = [UInt8](repeating: 0, count: 8)) {
      self.number = number
      self.bytes = bytes
    }
  }

  /// Behind IPv6 extension headers.
  static func extended(_ headers: [ExtensionHeader]) -> Carriage {
    Carriage { packet in
      var payload: [UInt8] = []
      for (index, header) in headers.enumerated() {
        let next = index + 1 < headers.count ? headers[index + 1].number : packet.ipProtocol
        payload += [next] + header.bytes.dropFirst()
      }
      return [
        FrameBytes.frame(
          from: packet.source, to: packet.destination, ipProtocol: headers.first?.number ?? packet.ipProtocol,
          payload: payload + packet.bytes, hopLimit: packet.hopLimit)
      ]
    }
  }

  /// In pieces.
  static func fragments(_ cut: @escaping @Sendable (_ bytes: [UInt8]) -> [Piece]) -> Carriage {
    Carriage { packet in cut(packet.bytes).map { piece($0, of: packet) } }
  }

  /// Bytes of a datagram from `offset` on, a multiple of eight.
  struct Piece {
    var offset: Int
    var bytes: [UInt8]
    var moreFollow: Bool
    var hopLimit: UInt8?

    init(_ bytes: [UInt8], _ range: Range<Int>, hopLimit: UInt8? = nil) {
      offset = range.lowerBound
      self.bytes = Array(bytes[range])
      moreFollow = range.upperBound < bytes.count
      self.hopLimit = hopLimit
    }
  }

  private static func piece(_ piece: Piece, of packet: CarriedPacket) -> [UInt8] {
    let hopLimit = piece.hopLimit ?? packet.hopLimit
    let place = UInt16(truncatingIfNeeded: piece.offset / 8)
    if packet.isIPv4 {
      return FrameBytes.frame(
        from: packet.source, to: packet.destination, ipProtocol: packet.ipProtocol, payload: piece.bytes,
        hopLimit: hopLimit, identification: packet.number, flagsAndOffset: place | (piece.moreFollow ? 0x2000 : 0))
    }
    var header: [UInt8] = [packet.ipProtocol, 0]
    header.append16(place << 3 | (piece.moreFollow ? 1 : 0))
    header.append32(UInt32(packet.number))
    return FrameBytes.frame(
      from: packet.source, to: packet.destination, ipProtocol: 44, payload: header + piece.bytes, hopLimit: hopLimit)
  }
}

extension Carriage {
  /// Where to cut a datagram so that each piece but the last has `size` bytes, a multiple of eight.
  static func ranges(_ bytes: [UInt8], _ size: Int) -> [Range<Int>] {
    stride(from: 0, to: bytes.count, by: size).map { $0..<min($0 + size, bytes.count) }
  }
}
