import Capture
import Protocols

/// Files that come in pieces, each too small to be told of: what the bodies of one connection's messages are together.
package struct FilePieces: Sendable {
  /// The least body that counts, in bytes: pages, settings and answers of a fleet's tools are smaller, however many there are.
  static let least: UInt64 = 16 << 10

  private struct Key: Hashable, Sendable {
    var flow: UInt64
    var sender: Role
  }

  private struct Sum: Sendable {
    var bytes: UInt64 = 0
    var isTold = false
  }

  private var sums: [Key: Sum] = [:]
  /// Connections that could not be counted, because too many brought pieces at once.
  private(set) var missed: UInt64 = 0

  package init() {}

  /// - Returns: the bytes so far, once: when there are `limit` of them.
  mutating func add(_ bytes: UInt64, _ flow: UInt64, _ sender: Role, _ limit: UInt64) -> UInt64? {
    guard bytes >= Self.least else { return nil }
    let key = Key(flow: flow, sender: sender)
    guard sums[key] != nil || sums.count < Limits.pieceFlows else {
      missed &+= 1
      return nil
    }
    var sum = sums[key] ?? Sum()
    // A length is whatever the sender says.
    let (bytes, isOver) = sum.bytes.addingReportingOverflow(bytes)
    sum.bytes = isOver ? .max : bytes
    let isFirst = !sum.isTold && sum.bytes >= limit
    sum.isTold = sum.isTold || isFirst
    sums[key] = sum
    return isFirst ? sum.bytes : nil
  }

  mutating func forget(_ flow: UInt64, _ sender: Role) {
    sums[Key(flow: flow, sender: sender)] = nil
  }
}
