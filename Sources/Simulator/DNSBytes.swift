package import Capture
package import Decode

/// DNS messages as resolvers send them (RFC 1035 §4.1).
package enum DNSBytes {
  package static let typeA: UInt16 = 1
  package static let typeCNAME: UInt16 = 5
  package static let typeAAAA: UInt16 = 28

  package static func query(_ name: String, id: UInt16, type: UInt16 = typeA) -> [UInt8] {
    header(id: id, flags: 0x0100, answers: 0) + question(name, type)
  }

  /// - Parameters:
  ///   - aliases: a chain of names from the question on; the addresses belong to its last.
  ///   - code: RCODE; 3 says that the name does not exist.
  package static func response(
    _ name: String, id: UInt16, addresses: [IPAddress], aliases: [String] = [], timeToLive: UInt32 = 300,
    code: UInt16 = 0
  ) -> [UInt8] {
    let type = addresses.first.map { $0.isIPv4 ? typeA : typeAAAA } ?? typeA
    var message = header(id: id, flags: 0x8180 | code, answers: UInt16(clamping: addresses.count + aliases.count))
    message += question(name, type)
    var owner = name
    for alias in aliases {
      message += record(owner, typeCNAME, timeToLive, encoded(alias))
      owner = alias
    }
    for address in addresses {
      var data: [UInt8] = []
      if address.isIPv4 {
        data.append32(address.v4)
      } else {
        data.append64(address.high)
        data.append64(address.low)
      }
      message += record(owner, type, timeToLive, data)
    }
    return message
  }

  /// A name as length-prefixed labels (RFC 1035 §3.1).
  package static func encoded(_ name: String) -> [UInt8] {
    name.split(separator: ".").reduce(into: []) { bytes, label in
      bytes.append(UInt8(clamping: label.utf8.count))
      bytes += label.utf8.prefix(63)
    } + [0]
  }

  private static func header(id: UInt16, flags: UInt16, answers: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    for field in [id, flags, 1, answers, 0, 0] { bytes.append16(field) }
    return bytes
  }

  private static func question(_ name: String, _ type: UInt16) -> [UInt8] {
    var bytes = encoded(name)
    bytes.append16(type)
    bytes.append16(1)
    return bytes
  }

  private static func record(_ name: String, _ type: UInt16, _ timeToLive: UInt32, _ data: [UInt8]) -> [UInt8] {
    var bytes = encoded(name)
    bytes.append16(type)
    bytes.append16(1)
    bytes.append32(timeToLive)
    bytes.append16(UInt16(clamping: data.count))
    return bytes + data
  }
}

/// A look-up as the tap sees it.
package struct Lookup: Sendable {
  package var client: Host
  package var resolver: Host
  package var name: String
  package var addresses: [IPAddress]
  package var aliases: [String] = []
  package var id: UInt16 = 0x1001
  package var clientPort: UInt16 = 50_001
  package var type: UInt16 = DNSBytes.typeA
  package var code: UInt16 = 0

  package init(_ name: String, by client: Host, at resolver: Host, gives addresses: [IPAddress] = []) {
    self.client = client
    self.resolver = resolver
    self.name = name
    self.addresses = addresses
  }

  /// The query at `time` and its answer eight milliseconds later.
  package func tape(at time: Timestamp) -> Tape {
    var tape = Tape()
    tape.append(
      FrameBytes.udp(
        from: client, port: clientPort, to: resolver, port: 53, payload: DNSBytes.query(name, id: id, type: type)),
      at: time)
    tape.append(
      FrameBytes.udp(
        from: resolver, port: 53, to: client, port: clientPort,
        payload: DNSBytes.response(name, id: id, addresses: addresses, aliases: aliases, code: code)),
      at: time.advanced(by: .milliseconds(8)))
    return tape
  }
}

/// NTP packets of 48 bytes (RFC 5905 §7.3).
package enum NTPBytes {
  /// - Parameters:
  ///   - mode: 3 is a client's, 4 a server's.
  ///   - time: what the sender takes the time for; nil to leave all timestamps at zero.
  package static func packet(mode: UInt8, at time: Timestamp? = nil) -> [UInt8] {
    var packet: [UInt8] = [0x20 | mode, mode == 4 ? 2 : 0, 6, 0xec] + [UInt8](repeating: 0, count: 12)
    // Reference, origin, receive and transmit; a client fills in only the last.
    for field in 0..<4 {
      packet.append64(time.flatMap { mode == 4 || field == 3 ? timestamp($0) : nil } ?? 0)
    }
    return packet
  }

  /// Seconds since 1900 and their fraction, 32 bits each (RFC 5905 §6).
  private static func timestamp(_ time: Timestamp) -> UInt64 {
    let fraction = UInt64(truncatingIfNeeded: time.nanoseconds - time.seconds * 1_000_000_000)
    return UInt64(truncatingIfNeeded: time.seconds + 2_208_988_800) << 32 | fraction << 32 / 1_000_000_000
  }
}
