import Capture
package import Protocols

/// Flows that carry one protocol inside another, until they end. Bounded by `Limits.wrappedFlows`.
package struct Wrappers: Sendable {
  private var byFlow: [UInt64: Wrapper] = [:]
  /// Flows for which there was no room: what is inside them is judged as though it were not.
  private(set) var refused: UInt64 = 0

  package init() {}

  /// What a flow is wrapped in, if it is.
  package subscript(flow: UInt64) -> Wrapper? { byFlow[flow] }

  /// The outermost wrapper stands: it is where the flow leads.
  mutating func note(_ wrapper: Wrapper, of flow: UInt64) {
    guard byFlow[flow] == nil else { return }
    guard byFlow.count < Limits.wrappedFlows else {
      refused &+= 1
      return
    }
    byFlow[flow] = wrapper
  }

  mutating func closed(_ flow: UInt64) {
    guard !byFlow.isEmpty else { return }
    byFlow[flow] = nil
  }
}
