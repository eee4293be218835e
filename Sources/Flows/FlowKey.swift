import Decode

/// What makes two packets parts of one flow: addresses, ports, IP protocol and VLANs, the same for both directions.
///
/// ICMP has no ports, and its type and code are left out: an error and the echo that caused it are one flow.
struct FlowKey: Zeroable, Equatable {
  var aHigh: UInt64 = 0
  var aLow: UInt64 = 0
  var bHigh: UInt64 = 0
  var bLow: UInt64 = 0
  /// Port of `a`, port of `b`, outer VLAN, inner VLAN, IP protocol: 16, 16, 12, 12 and 8 bits.
  var rest: UInt64 = 0

  init() {}

  /// - Returns: the key, and which end sent the packet. The lower address is `a`, then the lower port.
  @inline(__always)
  static func of(_ packet: inout Packet) -> (key: FlowKey, sender: End) {
    let hasPorts = packet.transport == .tcp || packet.transport == .udp
    let sourcePort = hasPorts ? UInt64(packet.sourcePort) : 0
    let destinationPort = hasPorts ? UInt64(packet.destinationPort) : 0
    var key = FlowKey()
    key.rest = UInt64(packet.ipProtocol)
    if packet.vlanCount != 0 {
      key.rest |= UInt64(packet.outerVLAN & 0xfff) << 20 | UInt64(packet.innerVLAN & 0xfff) << 8
    }
    let sameHigh = packet.source.high == packet.destination.high
    let sourceIsLower =
      sameHigh
      ? (packet.source.low < packet.destination.low
        || (packet.source.low == packet.destination.low && sourcePort <= destinationPort))
      : packet.source.high < packet.destination.high
    if sourceIsLower {
      key.aHigh = packet.source.high
      key.aLow = packet.source.low
      key.bHigh = packet.destination.high
      key.bLow = packet.destination.low
      key.rest |= sourcePort << 48 | destinationPort << 32
      return (key, .a)
    }
    key.aHigh = packet.destination.high
    key.aLow = packet.destination.low
    key.bHigh = packet.source.high
    key.bLow = packet.source.low
    key.rest |= destinationPort << 48 | sourcePort << 32
    return (key, .b)
  }

  func address(_ end: End) -> IPAddress {
    end == .a ? IPAddress(high: aHigh, low: aLow) : IPAddress(high: bHigh, low: bLow)
  }

  func port(_ end: End) -> UInt16 {
    UInt16(truncatingIfNeeded: rest >> (end == .a ? 48 : 32))
  }

  var ipProtocol: UInt8 { UInt8(truncatingIfNeeded: rest) }

  @inline(__always)
  static func == (left: FlowKey, right: FlowKey) -> Bool {
    // One branch: nearly every comparison is of equals, because the hash's tag has agreed before.
    (left.aHigh ^ right.aHigh) | (left.aLow ^ right.aLow) | (left.bHigh ^ right.bHigh) | (left.bLow ^ right.bLow)
      | (left.rest ^ right.rest) == 0
  }
}

/// A seeded hash, so that a sender who knows this program still cannot aim many flows at one place in the table.
///
/// Each step is a ``UInt64/foldedProduct(with:)`` of two words, both masked with secrets.
struct FlowHash {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  private let fourth: UInt64

  init(seed: UInt64) {
    var state = seed
    first = Self.next(&state)
    second = Self.next(&state)
    third = Self.next(&state)
    fourth = Self.next(&state)
  }

  @inline(__always)
  func callAsFunction(_ key: FlowKey) -> UInt64 {
    let low = (key.aLow ^ first).foldedProduct(with: key.bLow ^ second)
    // Nothing to mix in IPv4, where both are 0.
    let high = key.aHigh | key.bHigh == 0 ? third : (key.aHigh ^ third).foldedProduct(with: key.bHigh ^ fourth)
    return (low ^ key.rest).foldedProduct(with: high).refolded
  }

  /// SplitMix64: spreads a seed over several secrets.
  static func next(_ state: inout UInt64) -> UInt64 {
    defer { state &+= .goldenGamma }
    return state.mixed
  }
}
