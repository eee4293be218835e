import Capture
import Decode
import Flows

/// What a miner says of itself beside its work: extensions that name the hardware (BIP 310's `info.hw-id`), parameters and members that
/// no method has, its answer to `client.get_version`.
extension StratumSessionState {
  /// Messages from the session's start, or from where it was joined, that are looked through.
  private static var lookedThrough: UInt32 { 256 }

  /// Says what may tell the machine from others in one of its messages. It is not a share, nor a login, whose names the site chose.
  ///
  /// - Parameter text: where the message stands in `bytes`. What stands before it in its line may be there no longer.
  @inline(never)
  mutating func seekIdentifiers(
    _ bytes: RawSpan, _ text: Range<Int>, _ ledger: borrowing StratumLedger, _ events: inout [StratumEvent]
  ) {
    guard messages <= Self.lookedThrough else { return }
    var (fields, address) = (FieldScan(), AddressRun())
    var (hasField, hasAddress) = (false, false)
    for offset in text {
      let byte = bytes.byte(at: offset)
      if !hasField, let (kind, length) = fields.read(byte) {
        hasField = true
        let value = bytes.extracting(offset &- length..<offset).wireText
        say(.identifier(DeviceIdentifier(kind, sender: .client, value: value)), ledger, &events)
      }
      if !hasAddress, let length = address.read(byte) {
        // Whether it is the machine's own the stage does not know here.
        hasAddress = true
        let value = bytes.extracting(offset &- length..<offset).wireText
        say(.identifier(DeviceIdentifier(.macText, sender: .client, value: value)), ledger, &events)
      }
    }
  }
}

/// Finds twelve hexadecimal digits, no more and no less, in pairs that may be separated: what a link-layer address looks like.
private struct AddressRun {
  private var digits = 0
  private var length = 0

  /// Takes in the next byte.
  ///
  /// - Returns: the length of a run that ended before this byte, its separators included.
  mutating func read(_ byte: UInt8) -> Int? {
    if byte.hexDigit != nil {
      digits &+= 1
      length &+= 1
      return nil
    }
    if digits > 0, digits < 12, digits & 1 == 0, HexDigits.isSeparator(byte) {
      length &+= 1
      return nil
    }
    defer { (digits, length) = (0, 0) }
    return digits == 12 ? length : nil
  }
}
