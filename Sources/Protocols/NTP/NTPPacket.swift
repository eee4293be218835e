/// The first byte of an NTP packet and its size (RFC 5905 §7.3).
package struct NTPPacket: Equatable, Sendable {
  /// 3 client, 4 server, 5 broadcast, 6 control, 7 private.
  package var mode: UInt8
  package var version: UInt8
  /// UDP payload, in bytes.
  package var byteCount: Int

  package init(mode: UInt8, version: UInt8, byteCount: Int) {
    self.mode = mode
    self.version = version
    self.byteCount = byteCount
  }
}
