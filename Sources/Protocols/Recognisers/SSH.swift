import Decode

/// Tells SSH by its identification string (RFC 4253 §4.2), version 1 (`SSH-1.5-`, `SSH-1.99-`) included.
enum SSH {
  private static let version1 = Array("SSH-1.".utf8)
  private static let version2 = Array("SSH-2.0-".utf8)

  /// Both ends send the same line, so it does not tell who is who.
  static func probe(_ bytes: RawSpan) -> Probe {
    .either(bytes.probe(for: version2), bytes.probe(for: version1))
  }
}
