import Capture
import Decode
import Simulator

/// What one end puts on the wire at once, before it is a frame: the place where tricks are played.
struct Segment: Sendable {
  var isFromClient: Bool
  var sequence: UInt32 = 0
  var acknowledgment: UInt32 = 0
  var flags: TCPFlags = .acknowledge
  var payload: [UInt8] = []
  /// As ``Attack/Turn/decoy``, for these bytes.
  var decoy: [UInt8] = []
  var hopLimit: UInt8 = 64
  var hasWrongChecksum = false
  var urgent: UInt16 = 0
  var options: [UInt8] = []
  /// Time until the next one.
  var pause = Duration.milliseconds(1)
  var carriage = Carriage.plain

  var isAttack: Bool { !decoy.isEmpty }

  /// The bytes of `range`, as a segment of its own.
  func cut(_ range: Range<Int>) -> Segment {
    var part = self
    part.sequence &+= UInt32(truncatingIfNeeded: range.lowerBound)
    part.payload = Array(payload[range])
    part.decoy = decoy.isEmpty ? [] : Array(decoy[range])
    return part
  }

  /// Cut into pieces of `size` bytes.
  func pieces(of size: Int) -> [Segment] {
    stride(from: 0, to: payload.count, by: size).map { cut($0..<min($0 + size, payload.count)) }
  }

  /// The same place with the harmless bytes.
  var asDecoy: Segment {
    var other = self
    other.payload = decoy
    return other
  }

  func with(_ change: (inout Segment) -> Void) -> Segment {
    var other = self
    change(&other)
    return other
  }
}

/// An attack as segments in the order in which they reach the tap.
struct Script: Sendable {
  let attack: Attack
  var segments: [Segment] = []
  /// Of the two ends' SYNs.
  var first: (client: UInt32, server: UInt32)

  /// Handshake, and then each turn in one segment, which the other end acknowledges.
  init(_ attack: Attack, client: UInt32 = 0x1000, server: UInt32 = 0x9000) {
    self.attack = attack
    first = (client, server)
    if attack.isDatagram {
      segments = attack.turns.map {
        Segment(isFromClient: $0.isFromClient, payload: $0.bytes, decoy: $0.decoy)
      }
      return
    }
    segments = [
      Segment(isFromClient: true, sequence: client, flags: .synchronize),
      Segment(
        isFromClient: false, sequence: server, acknowledgment: client &+ 1, flags: [.synchronize, .acknowledge]),
      Segment(isFromClient: true, sequence: client &+ 1, acknowledgment: server &+ 1),
    ]
    var next = (client: client &+ 1, server: server &+ 1)
    for turn in attack.turns {
      let own = turn.isFromClient ? next.client : next.server
      let others = turn.isFromClient ? next.server : next.client
      let whole = Segment(
        isFromClient: turn.isFromClient, sequence: own, acknowledgment: others, flags: [.push, .acknowledge],
        payload: turn.bytes, decoy: turn.decoy)
      // As much as fits into a packet.
      segments += whole.pieces(of: 1_400)
      let end = own &+ UInt32(truncatingIfNeeded: turn.bytes.count)
      segments.append(Segment(isFromClient: !turn.isFromClient, sequence: others, acknowledgment: end))
      if turn.isFromClient { next.client = end } else { next.server = end }
    }
  }

  /// Each segment of the attacker's, as `change` has it.
  func changingAttack(_ change: (Segment) -> [Segment]) -> Script {
    var script = self
    script.segments = segments.flatMap { $0.isAttack ? change($0) : [$0] }
    return script
  }

  /// With `more` in front of the attacker's first segment, which is handed over.
  func inserting(_ more: (Segment) -> [Segment]) -> Script {
    var script = self
    guard let index = segments.firstIndex(where: \.isAttack) else { return self }
    script.segments.insert(contentsOf: more(segments[index]), at: index)
    return script
  }

  func changingAll(_ change: (inout Segment) -> Void) -> Script {
    var script = self
    for index in script.segments.indices { change(&script.segments[index]) }
    return script
  }

  func tape(at start: Timestamp) -> Tape {
    var tape = Tape()
    var time = start
    for (number, segment) in segments.enumerated() {
      let (source, destination) =
        segment.isFromClient ? (attack.client, attack.server) : (attack.server, attack.client)
      let ports = segment.isFromClient ? (attack.clientPort, attack.port) : (attack.port, attack.clientPort)
      let bytes = transport(segment, source, destination, ports)
      let packet = CarriedPacket(
        source: source, destination: destination, ipProtocol: attack.isDatagram ? 17 : 6, bytes: bytes,
        hopLimit: segment.hopLimit, number: UInt16(truncatingIfNeeded: number &+ 1))
      for frame in segment.carriage.frames(packet) {
        tape.append(frame, at: time)
        time = time.advanced(by: .microseconds(10))
      }
      time = time.advanced(by: segment.pause)
    }
    return tape
  }

  private func transport(_ segment: Segment, _ source: Host, _ destination: Host, _ ports: (UInt16, UInt16)) -> [UInt8]
  {
    if attack.isDatagram {
      return FrameBytes.udpDatagram(
        from: source, port: ports.0, to: destination, port: ports.1, payload: segment.payload)
    }
    var bytes = FrameBytes.tcpSegment(
      from: source, port: ports.0, to: destination, port: ports.1, sequence: segment.sequence,
      acknowledgment: segment.flags.contains(.acknowledge) ? segment.acknowledgment : 0, flags: segment.flags,
      payload: segment.payload, urgent: segment.urgent, options: segment.options)
    if segment.hasWrongChecksum { bytes[16] ^= 0x55 }
    return bytes
  }
}
