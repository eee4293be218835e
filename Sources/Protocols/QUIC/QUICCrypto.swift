import Capture
import Decode

/// Puts the first handshake message of a QUIC client together: pieces come in any order, and several times
/// (RFC 9000 §19.6).
struct QUICCrypto {
  /// Pieces that do not join; Chrome cuts its hello into a dozen.
  private static let pieceLimit = 32

  private var bytes: [UInt8] = []
  /// Ranges of `bytes` that are there, in order, with holes between them.
  private var pieces: [Range<Int>] = []

  /// Reads the frames of one packet. What is not allowed in an Initial packet ends it (RFC 9000 §17.2.2).
  mutating func read(_ frames: RawSpan) {
    var reader = ByteReader(frames)
    do throws(DecodeError) {
      while reader.remaining > 0 {
        switch try reader.readUInt8() {
        case 0, 1: continue  // PADDING, PING.
        case 2, 3: try Self.passAcknowledgement(&reader)
        case 6:
          let offset = try reader.readVariableInteger()
          let count = try reader.readVariableInteger()
          add(try reader.bytes(count), at: offset)
        default: return
        }
      }
    } catch {
      // The frames before the broken one count.
    }
  }

  /// A ClientHello's body, once it is whole.
  var hello: [UInt8]? {
    guard let first = pieces.first, first.lowerBound == 0, first.count >= 4, bytes[0] == 1 else { return nil }
    let length = Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
    return first.count >= 4 + length ? Array(bytes[4..<4 + length]) : nil
  }

  private mutating func add(_ piece: RawSpan, at offset: Int) {
    guard offset <= Limits.quicHello - piece.byteCount, !piece.isEmpty else { return }
    var range = offset..<offset + piece.byteCount
    if bytes.count < range.upperBound { bytes += [UInt8](repeating: 0, count: range.upperBound - bytes.count) }
    for index in 0..<piece.byteCount { bytes[offset + index] = piece.byte(at: index) }
    var rest: [Range<Int>] = []
    for other in pieces {
      if other.upperBound < range.lowerBound || other.lowerBound > range.upperBound {
        rest.append(other)
      } else {
        range = min(other.lowerBound, range.lowerBound)..<max(other.upperBound, range.upperBound)
      }
    }
    guard rest.count < Self.pieceLimit else { return }
    pieces = (rest + [range]).sorted { $0.lowerBound < $1.lowerBound }
  }

  /// An ACK frame behind its type (RFC 9000 §19.3); Initial packets count no ECN.
  private static func passAcknowledgement(_ reader: inout ByteReader) throws(DecodeError) {
    for _ in 0..<2 { _ = try reader.readVariableInteger() }
    let ranges = try reader.readVariableInteger()
    _ = try reader.readVariableInteger()
    for _ in 0..<min(ranges, reader.remaining) {
      _ = try reader.readVariableInteger()
      _ = try reader.readVariableInteger()
    }
  }
}
