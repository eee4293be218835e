/// What a file that goes to a miner is, by its first bytes.
enum FirmwareKind: String, CaseIterable, Sendable {
  /// Bitmain's update image: the header starts with "&" (S21 FIRMWARE_UPDATE_FLOW.md).
  case bitmain = "a Bitmain image (.bmu)"
  /// Signed by Bitmain, taken by upgrade.cgi like firmware: sets the miner's pools and locks them (updateporc.sh).
  case poolPackage = "a Bitmain package that sets and locks pools"
  /// Likewise: gives the user `miner` root without a password.
  case rootPackage = "a Bitmain package that gives root"
  /// `27 05 19 56` (U-Boot).
  case bootImage = "a U-Boot image"
  /// `hsqs`.
  case squashFS = "a SquashFS image"
  case elf = "an ELF program"
  case gzip = "a gzip archive"
  case zip = "a zip archive"
  case script = "a shell script"
  /// ESP32's application image: `e9`, and a segment count of 1 to 16 (espressif/esptool).
  case esp32 = "an ESP32 image"

  /// What opens each, most telling first.
  private static let starts: [(bytes: [UInt8], kind: FirmwareKind)] = [
    (Array("{type:pool}".utf8), .poolPackage), (Array("{type:root}".utf8), .rootPackage),
    ([0x27, 0x05, 0x19, 0x56], .bootImage), (Array("hsqs".utf8), .squashFS), ([0x7f, 0x45, 0x4c, 0x46], .elf),
    ([0x1f, 0x8b, 0x08], .gzip), ([0x50, 0x4b, 0x03, 0x04], .zip), (Array("#!/".utf8), .script),
  ]

  init?(_ bytes: [UInt8]) {
    // Uploads may have line ends in front, where a boundary was.
    let bytes = bytes.drop { $0 == 0x0a || $0 == 0x0d }
    if let found = Self.starts.first(where: { bytes.starts(with: $0.bytes) }) {
      self = found.kind
    } else if bytes.first == UInt8(ascii: "&"), bytes.count >= 32 {
      self = .bitmain
    } else if bytes.first == 0xe9, let segments = bytes.dropFirst().first, 1...16 ~= segments {
      self = .esp32
    } else {
      return nil
    }
  }

  /// It changes who controls the miner, whatever its size and whoever sends it.
  var isTakeover: Bool { self == .poolPackage || self == .rootPackage }
}
