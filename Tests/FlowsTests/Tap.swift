import Capture
import Decode

import struct Simulator.SplitMix64

@testable import Flows

/// What a stream's reader gets.
enum Delivery: Equatable, CustomStringConvertible {
  case bytes([UInt8])
  case gap(UInt32)

  static func text(_ text: String) -> Delivery { .bytes(Array(text.utf8)) }

  var description: String {
    switch self {
    case .bytes(let bytes): bytes.count > 40 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
    case .gap(let missing): "gap(\(missing))"
    }
  }
}

/// Two ends that talk TCP, and a flow table that listens. Sequence numbers are relative to each end's SYN.
///
/// It reads the table as the engine does: payload, held segments, conflict, ended flows, after every packet.
final class Tap {
  enum Speaker: Int { case client, server }

  var table: FlowTable
  var time = Timestamp(seconds: 1_700_000_000)
  var initial: [UInt32] = [1_000, 5_000]
  var clientAddress = IPAddress(v4: 0x0a00_0001)
  var serverAddress = IPAddress(v4: 0xc000_0201)
  var clientPort: UInt16 = 50_000
  var serverPort: UInt16 = 3_333

  private(set) var deliveries: [[Delivery]] = [[], []]
  private(set) var conflicts: [StreamConflict] = []
  private(set) var endings: [FlowEnd] = []
  private(set) var summaries: [FlowSummary] = []
  private(set) var flow = FlowIndex.none
  private(set) var newFlows = 0

  init(capacity: Int = 64, seed: UInt64 = 1, heldBytes: Int = 1 << 20, recentBytes: Int = 1 << 16) {
    table = FlowTable(capacity: capacity, seed: seed, heldBytes: heldBytes, recentBytes: recentBytes)
  }

  // MARK: Speaking

  func send(
    _ speaker: Speaker, at sequence: UInt32 = 0, _ text: String, ack: UInt32? = nil, flags: TCPFlags = .acknowledge
  ) {
    send(speaker, at: sequence, Array(text.utf8), ack: ack, flags: flags)
  }

  /// - Parameters:
  ///   - sequence: relative to the end's SYN, which is 0; its first byte is 1.
  ///   - ack: relative to the other end's SYN; without it everything the other end ever sent is not acknowledged: 0.
  func send(
    _ speaker: Speaker, at sequence: UInt32 = 0, _ bytes: [UInt8] = [], ack: UInt32? = nil,
    flags: TCPFlags = .acknowledge, claimed: Int? = nil
  ) {
    let other: Speaker = speaker == .client ? .server : .client
    var packet = packet(speaker, bytes.count)
    packet.tcp.sequence = initial[speaker.rawValue] &+ sequence
    packet.tcp.acknowledgment = flags.contains(.acknowledge) ? initial[other.rawValue] &+ (ack ?? 1) : 0
    packet.tcp.flags = flags
    packet.claimedPayloadLength = claimed ?? bytes.count
    receive(packet, bytes, speaker)
  }

  func handshake() {
    send(.client, at: 0, flags: .synchronize)
    send(.server, at: 0, ack: 1, flags: [.synchronize, .acknowledge])
    send(.client, at: 1, ack: 1)
  }

  func wait(milliseconds: Int64) {
    time = time.advanced(byNanoseconds: milliseconds * 1_000_000)
  }

  /// Lets `seconds` pass as the engine would: with a tick in each.
  func pass(seconds: Int) {
    for _ in 0..<seconds {
      wait(milliseconds: 1_000)
      tick()
    }
  }

  func tick() {
    table.tick(time)
    while let (flow, sender) = table.nextStalled() { drain(flow, sender) }
    drainEnded()
  }

  func packet(_ speaker: Speaker, _ payloadLength: Int) -> Packet {
    var packet = Packet()
    packet.timestamp = time
    packet.network = .ipv4
    packet.transport = .tcp
    packet.ipProtocol = 6
    let isClient = speaker == .client
    packet.source = isClient ? clientAddress : serverAddress
    packet.destination = isClient ? serverAddress : clientAddress
    packet.sourcePort = isClient ? clientPort : serverPort
    packet.destinationPort = isClient ? serverPort : clientPort
    packet.sourceMAC = MACAddress(rawValue: isClient ? 0xc : 0x5)
    packet.destinationMAC = MACAddress(rawValue: isClient ? 0x5 : 0xc)
    packet.payloadOffset = 54
    packet.payloadLength = payloadLength
    packet.claimedPayloadLength = payloadLength
    packet.networkLength = 40 + payloadLength
    return packet
  }

  // MARK: Listening

  @discardableResult
  func receive(_ packet: Packet, _ bytes: [UInt8], _ speaker: Speaker) -> FlowUpdate {
    let frame = frame(packet.payloadOffset, bytes)
    var packet = packet
    let update = table.receive(&packet, frame.bytes(0..<frame.count))
    if update.flow != .none { flow = update.flow }
    if update.isNew { newFlows += 1 }
    if update.gapBefore { deliver(.gap(update.missing), speaker.rawValue) }
    if update.payloadLength > 0 {
      let range = update.payloadOffset..<update.payloadOffset + update.payloadLength
      deliver(.bytes(range.map { frame[$0] }), speaker.rawValue)
    }
    if update.hasHeld {
      drain(update.flow, update.sender)
      drain(update.flow, update.sender.other)
    }
    if update.conflict, let conflict = table.takeConflict() { conflicts.append(conflict) }
    if update.hasEnded { drainEnded() }
    return update
  }

  func drain(_ flow: FlowIndex, _ end: End) {
    while let chunk = table.nextHeld(flow, end) {
      let side = table.summary(of: flow).side(end)
      let speaker = side.port == clientPort && side.address == clientAddress ? 0 : 1
      if chunk.gapBefore { deliver(.gap(chunk.missing), speaker) }
      deliver(.bytes(everything(table.heldBytes(chunk))), speaker)
      table.release(chunk)
    }
  }

  func drainEnded() {
    while let (flow, reason) = table.nextEnded() {
      drain(flow, .a)
      drain(flow, .b)
      endings.append(reason)
      summaries.append(table.summary(of: flow))
      table.release(flow)
    }
  }

  private func deliver(_ delivery: Delivery, _ speaker: Int) {
    if case .bytes(let more) = delivery, case .bytes(let bytes)? = deliveries[speaker].last {
      deliveries[speaker][deliveries[speaker].count - 1] = .bytes(bytes + more)
    } else {
      deliveries[speaker].append(delivery)
    }
  }

  var client: [Delivery] { deliveries[0] }
  var server: [Delivery] { deliveries[1] }
  var facts: FlowSummary { table.summary(of: flow) }
}

/// A frame of `offset` bytes that nobody should read, then the payload.
func frame(_ offset: Int, _ payload: [UInt8]) -> Slab<UInt8> {
  var frame = Slab<UInt8>(count: offset + payload.count)
  for index in 0..<offset { frame[index] = 0xee }
  for (index, byte) in payload.enumerated() { frame[offset + index] = byte }
  return frame
}

func everything(_ bytes: RawSpan) -> [UInt8] {
  bytes.copy(from: 0, limit: bytes.byteCount)
}

/// SplitMix64: a few lines, good enough for tests, and the same everywhere.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 { FlowHash.next(&state) }
}
