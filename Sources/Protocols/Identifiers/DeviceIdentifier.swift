package import Decode

/// Something that tells one machine from all others, in what that machine sends.
package struct DeviceIdentifier: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// The sender's link-layer address as six bytes.
    case macBytes = "mac-bytes"
    /// The same as twelve hexadecimal digits, with or without separators.
    case macText = "mac-text"
    /// A field called serial number.
    case serial
    /// A field called `ID` with the number of a chip, as Antbleed sends it (bitmaintech/bmminer-mix, driver-btm-c5.c at
    /// commit 667c5e8).
    case chip
  }

  package var kind: Kind
  package var sender: Role
  /// What stands in the field, or the address; absent when the capture brought it in pieces.
  package var value: String?

  package init(_ kind: Kind, sender: Role, value: String? = nil) {
    self.kind = kind
    self.sender = sender
    self.value = value
  }

  /// Whether a text has a link-layer address in it, in any spelling.
  package static func isMentioned(_ mac: MACAddress, in text: String) -> Bool {
    var digits = HexDigits()
    return text.utf8.contains { digits.read($0, seeking: mac) }
  }
}
