import Capture
import Decode

/// What one end of an SSH connection says it is (RFC 4253 §4.2): all that is in the clear of it that matters here.
package struct SSHIdentification: Equatable, Sendable {
  package var sender: Role
  /// The whole line without its end: "SSH-2.0-dropbear_2022.83".
  package var line: String

  package init(sender: Role, line: String) {
    self.sender = sender
    self.line = line
  }
}

/// SSH up to both identification lines; what follows is keys and ciphers.
///
/// A server may say other lines before its own (RFC 4253 §4.2); the recogniser waits for the one that begins with `SSH-`.
struct SSHDissector: StreamDissector {
  /// Longest identification line, its end included (RFC 4253 §4.2).
  static let lineLimit = 255

  private var hasClient = false
  private var hasServer = false

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    guard sender == .client ? !hasClient : !hasServer else { return DissectorProgress(consumed: bytes.byteCount) }
    let searched = min(bytes.byteCount, Self.lineLimit)
    var end = 0
    while end < searched, bytes.byte(at: end) != UInt8(ascii: "\n") { end += 1 }
    guard end < searched || searched == Self.lineLimit else { return DissectorProgress(consumed: 0) }
    if sender == .client { hasClient = true } else { hasServer = true }
    let isReturn = end > 0 && bytes.byte(at: end - 1) == UInt8(ascii: "\r")
    let line = bytes.extracting(0..<(isReturn ? end - 1 : end))
    said.append(.ssh(SSHIdentification(sender: sender, line: line.wireText)))
    return DissectorProgress(consumed: bytes.byteCount, next: hasClient && hasServer ? .done : .more)
  }

  /// The line of a lossy direction is lost with it.
  mutating func lose(from sender: Role) -> Bool {
    if sender == .client { hasClient = true } else { hasServer = true }
    return !(hasClient && hasServer)
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {}
}
