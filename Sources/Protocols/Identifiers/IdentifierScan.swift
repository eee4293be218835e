import Capture
import Decode
import Flows

/// Looks for identifiers of its sender in the first bytes of one direction of a flow, wherever segments cut them.
struct IdentifierScan: Zeroable {
  /// Bytes looked at, and those that came behind them; stops counting at 2^32 - 1.
  private(set) var seen: UInt32 = 0
  /// The last six bytes.
  private var recent: UInt64 = 0
  private var digits = HexDigits()
  private var fields = FieldScan()
  private var foundAddress = false
  private var foundField = false

  /// Nothing more is looked for: enough was seen.
  var isDone: Bool { seen >= Limits.identifierBytes }

  /// Something was found, which is not to be told again.
  var hasFound: Bool { foundAddress || foundField }

  /// Takes in bytes that follow on those before, and appends what is found: an address once, and a serial number once.
  ///
  /// - Parameter isWhole: nothing follows on them, so that they may end with a value.
  mutating func read(
    _ bytes: RawSpan, isWhole: Bool, of mac: MACAddress, from sender: Role, into found: inout [Observation.Content]
  ) {
    let count = min(bytes.byteCount, max(Limits.identifierBytes - Int(seen), 0))
    pass(bytes.byteCount)
    let isSought = Self.isTelling(mac) && !foundAddress
    // A field needs its colon or its equals sign.
    let mayHoldField = !foundField && !(isWhole && fields.isFresh && !bytes.hasSeparator(before: count))
    guard mayHoldField else { return isSought ? seek(mac, in: bytes, before: count, sender, &found) : () }
    for offset in 0..<count {
      let byte = bytes.byte(at: offset)
      if isSought, !foundAddress { seek(mac, byte, sender, &found) }
      if !foundField, let (kind, length) = fields.read(byte) {
        tell(kind, bytes, offset - length..<offset, sender, &found)
      }
    }
    if isWhole, !foundField, count == bytes.byteCount, let (kind, length) = fields.verdict {
      tell(kind, bytes, count - length..<count, sender, &found)
    }
  }

  /// Counts bytes that are not looked at.
  mutating func pass(_ count: Int) {
    let total = seen.addingReportingOverflow(UInt32(clamping: count))
    seen = total.overflow ? .max : total.partialValue
  }

  /// What comes next does not follow on what was before: another datagram, or a gap.
  mutating func interrupt() {
    recent = 0
    digits = HexDigits()
    fields = FieldScan()
  }

  /// As ``interrupt()``, where it is known how many bytes there were before.
  mutating func begin(behind count: UInt64) {
    interrupt()
    seen = UInt32(clamping: count)
  }

  /// Looks for the address only: what most datagrams are looked through for.
  private mutating func seek(
    _ mac: MACAddress, in bytes: RawSpan, before end: Int, _ sender: Role, _ found: inout [Observation.Content]
  ) {
    for offset in 0..<end where !foundAddress { seek(mac, bytes.byte(at: offset), sender, &found) }
  }

  @inline(__always)
  private mutating func seek(
    _ mac: MACAddress, _ byte: UInt8, _ sender: Role, _ found: inout [Observation.Content]
  ) {
    recent = (recent << 8 | UInt64(byte)) & 0xffff_ffff_ffff
    let isText = digits.read(byte, seeking: mac)
    guard isText || recent == mac.rawValue else { return }
    foundAddress = true
    found.append(
      .identifier(DeviceIdentifier(isText ? .macText : .macBytes, sender: sender, value: mac.description)))
  }

  private mutating func tell(
    _ kind: DeviceIdentifier.Kind, _ bytes: RawSpan, _ range: Range<Int>, _ sender: Role,
    _ found: inout [Observation.Content]
  ) {
    foundField = true
    let value = range.lowerBound >= 0 ? bytes.extracting(range).wireText : nil
    found.append(.identifier(DeviceIdentifier(kind, sender: sender, value: value)))
  }

  /// Whether six bytes like these do not turn up by chance: no group address, and no row of zeros.
  private static func isTelling(_ mac: MACAddress) -> Bool {
    guard mac.rawValue >> 40 & 1 == 0 else { return false }
    var different = 0
    for shift in stride(from: UInt64(0), to: 48, by: 8) where mac.rawValue >> shift & 0xff != 0 { different += 1 }
    return different >= 3
  }
}

extension RawSpan {
  /// Whether a colon or an equals sign stands before `end`.
  fileprivate func hasSeparator(before end: Int) -> Bool {
    var position = 0
    while end &- position >= 8 {
      let word = word(at: position)
      let hits = Self.zeroBytes(word ^ 0x3a3a_3a3a_3a3a_3a3a) | Self.zeroBytes(word ^ 0x3d3d_3d3d_3d3d_3d3d)
      if hits != 0 { return true }
      position &+= 8
    }
    while position < end {
      if byte(at: position) == UInt8(ascii: ":") || byte(at: position) == UInt8(ascii: "=") { return true }
      position &+= 1
    }
    return false
  }
}
