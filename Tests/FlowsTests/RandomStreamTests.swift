import Capture
import Decode
import Testing

@testable import Flows

/// Streams cut, mixed up, repeated and lost at random. The seed of a failure is in its message.
struct RandomStreamTests {
  struct Piece {
    var offset: Int
    var bytes: [UInt8]
  }

  static func pieces(_ original: [UInt8], _ dice: inout Dice) -> [Piece] {
    var pieces: [Piece] = []
    var offset = 0
    while offset < original.count {
      let count = Int.random(in: 1...min(200, original.count - offset), using: &dice)
      // Now and then a segment reaches back over what was sent before.
      let start = Int.random(in: 0..<4, using: &dice) == 0 ? max(0, offset - 20) : offset
      pieces.append(Piece(offset: start, bytes: Array(original[start..<offset + count])))
      offset += count
    }
    return pieces
  }

  /// Moves pieces by a few places and sends some of them twice.
  static func mix(_ pieces: [Piece], _ dice: inout Dice) -> [Piece] {
    let keys = pieces.indices.map { $0 + Int.random(in: 0...6, using: &dice) }
    var mixed = pieces.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { pieces[$0] }
    for index in stride(from: mixed.count - 1, to: 0, by: -1) where Int.random(in: 0..<6, using: &dice) == 0 {
      mixed.insert(mixed[index], at: min(mixed.count, index + Int.random(in: 0...8, using: &dice)))
    }
    return mixed
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `what was cut, mixed up and repeated comes out as it was`(seed: UInt64) {
    var dice = Dice(state: seed)
    let original = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &dice) }
    let tap = Tap()
    tap.initial[0] = UInt32.random(in: 0 ... .max, using: &dice)
    tap.handshake()
    for piece in Self.mix(Self.pieces(original, &dice), &dice) {
      tap.send(.client, at: UInt32(1 + piece.offset), piece.bytes)
    }
    #expect(tap.client == [.bytes(original)], "seed \(seed)")
    #expect(tap.conflicts.isEmpty, "seed \(seed)")
    #expect(tap.table.heldBytesInUse == 0, "seed \(seed)")
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `with losses no byte is wrong and every gap is told`(seed: UInt64) {
    var dice = Dice(state: seed &+ 1_000)
    let original = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &dice) }
    let tap = Tap()
    tap.initial[0] = UInt32.random(in: 0 ... .max, using: &dice)
    tap.handshake()
    var acknowledged: UInt32 = 1
    for piece in Self.mix(Self.pieces(original, &dice), &dice) {
      tap.wait(milliseconds: Int64.random(in: 0...20, using: &dice))
      if Int.random(in: 0..<5, using: &dice) == 0 { continue }
      tap.send(.client, at: UInt32(1 + piece.offset), piece.bytes)
      acknowledged = max(acknowledged, UInt32(1 + piece.offset + piece.bytes.count))
      if Int.random(in: 0..<3, using: &dice) == 0 { tap.send(.server, at: 1, ack: acknowledged) }
    }
    tap.table.endAll()
    tap.drainEnded()
    var offset = 0
    for delivery in tap.client {
      switch delivery {
      case .gap(let missing):
        #expect(missing > 0, "seed \(seed)")
        offset += Int(missing)
      case .bytes(let bytes):
        #expect(bytes == Array(original.dropFirst(offset).prefix(bytes.count)), "seed \(seed)")
        offset += bytes.count
      }
    }
    #expect(offset <= original.count, "seed \(seed)")
    #expect(tap.conflicts.isEmpty, "seed \(seed)")
    #expect(tap.table.heldBytesInUse == 0, "seed \(seed)")
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `no sequence of segments whatever stops it or leaks`(seed: UInt64) {
    var dice = Dice(state: seed &+ 2_000)
    let tap = Tap(capacity: 8, heldBytes: 64 << 10, recentBytes: 4_096)
    for _ in 0..<5_000 {
      tap.clientPort = UInt16.random(in: 1...12, using: &dice)
      tap.initial = [UInt32.random(in: 0...2, using: &dice) << 30, 0]
      tap.wait(milliseconds: Int64.random(in: -50...200, using: &dice))
      let near = UInt32.random(in: 0..<400, using: &dice)
      let sequence = Int.random(in: 0..<10, using: &dice) == 0 ? UInt32.random(in: 0 ... .max, using: &dice) : near
      let common: [TCPFlags] = [.acknowledge, .acknowledge, .acknowledge, .synchronize, [.finish, .acknowledge]]
      let flags =
        Int.random(in: 0..<8, using: &dice) == 0
        ? TCPFlags(rawValue: UInt8.random(in: 0...255, using: &dice))
        : common.randomElement(using: &dice) ?? .acknowledge
      let count = Int.random(in: 0..<60, using: &dice)
      tap.send(
        Bool.random(using: &dice) ? .client : .server, at: sequence,
        [UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count),
        ack: UInt32.random(in: 0..<400, using: &dice),
        flags: flags, claimed: Int.random(in: 0..<20, using: &dice) == 0 ? count + 9 : count)
      if Int.random(in: 0..<20, using: &dice) == 0 { tap.tick() }
    }
    tap.table.endAll()
    tap.drainEnded()
    #expect(tap.table.heldBytesInUse == 0, "seed \(seed)")
    #expect(UInt64(tap.endings.count) == tap.table.statistics.made, "seed \(seed)")
    #expect(tap.table.statistics.refused == 0, "seed \(seed)")
  }
}
