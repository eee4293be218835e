import Capture
import Protocols

/// What both ends of SSH sessions call themselves, until it is told. Bounded by `Limits.shellNames`; the oldest make room.
package struct ShellNames: Sendable {
  package struct Ends: Equatable, Sendable {
    /// `SSH-2.0-dropbear_2022.83`; nil where it was not heard.
    package var client: String?
    package var server: String?
  }

  private var byFlow: [UInt64: Ends] = [:]
  private var order = Queue<UInt64>()

  package init() {}

  package subscript(flow: UInt64) -> Ends? { byFlow[flow] }

  mutating func note(_ identification: SSHIdentification, in flow: UInt64) {
    if byFlow[flow] == nil {
      if byFlow.count >= Limits.shellNames, let oldest = order.popFirst() { byFlow[oldest] = nil }
      order.append(flow)
    }
    switch identification.sender {
    case .client: byFlow[flow, default: Ends()].client = identification.line
    case .server: byFlow[flow, default: Ends()].server = identification.line
    }
  }
}
