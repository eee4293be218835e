import Capture
import Decode

/// What a gRPC call is given: messages with their length in front (grpc, doc/PROTOCOL-HTTP2.md), in protobuf's wire format
/// (protobuf.dev/programming-guides/encoding), read by structure: without a schema, names are the numbers of fields.
///
///     +------------+--------------------+---------------------------------------------+
///     | compressed | length, big-endian | (field number << 3 | wire type, then value) |
///     |  1 byte    |  4 bytes           |  again and again                            |
///     +------------+--------------------+---------------------------------------------+
struct GRPCMessage {
  /// `2.5.2` for field 2 of field 5 of field 2.
  private(set) var fields: [HTTPField] = []
  /// There are more fields than were kept.
  private(set) var isPartlyRead = false
  private static let headerByteCount = 5
  private static let depthLimit = 8
  private static let numberLimit: UInt64 = 1 << 29

  /// What is open: where it ends, and the numbers of the fields that lead to it.
  private struct Level {
    var end: Int
    var path: String
  }

  /// - Parameter body: of a request, or its start; only the first message of a stream counts.
  init(_ body: [UInt8]) {
    guard body.count > Self.headerByteCount, body[0] == 0 else {
      isPartlyRead = body.count > Self.headerByteCount && body[0] == 1
      return
    }
    let length = body[1..<Self.headerByteCount].reduce(0) { $0 << 8 | Int($1) }
    let end = min(Self.headerByteCount + length, body.count)
    var levels = [Level(end: end, path: "")]
    var reader = ProtobufReader(body[Self.headerByteCount..<end])
    while let level = levels.last {
      guard reader.position < level.end else {
        levels.removeLast()
        continue
      }
      guard let (number, value) = reader.next(before: level.end), number < Self.numberLimit else { return }
      let path = level.path + (level.path.isEmpty ? "" : ".") + String(number)
      switch value {
      case .number(let text): add(path, text)
      case .bytes(let bytes):
        if let text = bytes.plainText {
          add(path, text)
        } else if levels.count < Self.depthLimit, ProtobufReader.isMessage(bytes) {
          levels.append(Level(end: bytes.endIndex, path: path))
          reader.position = bytes.startIndex
        }
      }
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    if !fields.keep(name, value) { isPartlyRead = true }
  }
}

/// One message of protobuf's wire format, field by field.
private struct ProtobufReader {
  enum Value {
    case number(String)
    case bytes(ArraySlice<UInt8>)
  }

  private let bytes: ArraySlice<UInt8>
  var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The next field; nil where the bytes are none, or run beyond `end`.
  mutating func next(before end: Int) -> (number: UInt64, value: Value)? {
    guard let tag = varint(before: end), tag >> 3 > 0 else { return nil }
    switch tag & 7 {
    case 0: return varint(before: end).map { (tag >> 3, .number(String($0))) }
    case 1: return fixed(8, before: end).map { (tag >> 3, .number(Self.text(Double(bitPattern: $0)))) }
    case 2:
      guard let length = varint(before: end), length <= UInt64(end - position) else { return nil }
      defer { position += Int(length) }
      return (tag >> 3, .bytes(bytes[position..<position + Int(length)]))
    case 5:
      return fixed(4, before: end).map {
        (tag >> 3, .number(Self.text(Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))))))
      }
    default: return nil
    }
  }

  /// Whether bytes are nothing but whole fields.
  static func isMessage(_ bytes: ArraySlice<UInt8>) -> Bool {
    var reader = ProtobufReader(bytes)
    while reader.position < bytes.endIndex {
      guard reader.next(before: bytes.endIndex) != nil else { return false }
    }
    return !bytes.isEmpty
  }

  /// Seven bits a byte, the lowest first, ten bytes at the most.
  private mutating func varint(before end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { return nil }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  private mutating func fixed(_ count: Int, before end: Int) -> UInt64? {
    guard end - position >= count else { return nil }
    defer { position += count }
    return bytes[position..<position + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A whole number without its fraction.
  private static func text(_ value: Double) -> String {
    value.magnitude < 1e15 && value == value.rounded() ? String(Int64(value)) : "\(value)"
  }
}

extension ArraySlice<UInt8> {
  /// UTF-8 without control characters, cut at ``Capture/Limits/wireText``; nil for anything else. A message within begins
  /// with a control character unless its first field has a number over 3.
  fileprivate var plainText: String? {
    guard !isEmpty else { return "" }
    guard allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), let whole = String(validating: self, as: UTF8.self) else {
      return nil
    }
    return whole.utf8.count <= Limits.wireText ? whole : String(wire: self)
  }
}

/// Calls of Braiins OS whose texts are secrets (braiins/bos-plus-api proto/bos/v1/authentication.proto, pool.proto).
enum GRPCSecrets {
  /// Field 2 of a login is the password, field 1 who logs in.
  static func login(_ path: String) -> (user: String, password: String)? {
    path.hasSuffix("authenticationservice/login") ? ("1", "2") : nil
  }

  static func isSecret(_ field: String, of path: String) -> Bool {
    path.contains("authenticationservice/")
      ? field != "1" || !path.hasSuffix("/login")
      : path.contains("poolservice/") && field == "2.5.4"
  }
}
