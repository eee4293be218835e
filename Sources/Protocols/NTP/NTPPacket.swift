package import Capture

/// What a packet on the port of NTP says (RFC 5905 §7.3), as far as somebody may want to judge it.
package struct NTPPacket: Equatable, Sendable {
  /// How the bytes behind the first are laid out.
  package enum Layout: String, CaseIterable, Sendable {
    /// The 48 bytes of a time message, or a control message.
    case plain
    /// Behind those, extension fields (RFC 7822) or an authenticator that fill the packet.
    case extended
    /// Behind those, bytes that are neither.
    case malformed
    /// No NTP at all.
    case foreign
  }

  /// 3 client, 4 server, 5 broadcast, 6 control, 7 private.
  package var mode: UInt8
  package var version: UInt8
  /// UDP payload, in bytes.
  package var byteCount: Int
  package var layout = Layout.plain
  /// 3: the sender's clock is not synchronised.
  package var leap: UInt8 = 0
  /// 1...15; 0 is a "kiss of death", 16 and more not synchronised.
  package var stratum: UInt8 = 0
  /// When the packet left, by the sender's clock: seconds since 1900 modulo 2^32. 0 when it does not say.
  package var transmitted: UInt32 = 0
  /// Packets that this end sent in the flow since the last one that was observed, this one included.
  package var count: UInt32 = 1

  package init(mode: UInt8, version: UInt8, byteCount: Int) {
    self.mode = mode
    self.version = version
    self.byteCount = byteCount
  }

  /// Whether it offers a time: a server's answer or broadcast, from a clock that is set.
  package var servesTime: Bool {
    (mode == 4 || mode == 5) && leap != 3 && (1...15).contains(stratum) && transmitted != 0
      && (layout == .plain || layout == .extended)
  }

  /// Seconds by which the sender's clock is ahead of the monitor's; the nearest era counts (RFC 5905 §6), so never more
  /// than 68 years.
  ///
  /// - Parameter time: when the packet was captured.
  package func offset(at time: Timestamp) -> Int {
    // 1970 begins 2,208,988,800 s after 1900.
    let now = UInt32(truncatingIfNeeded: time.seconds &+ 2_208_988_800)
    return Int(Int32(bitPattern: transmitted &- now))
  }
}
