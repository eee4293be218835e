import Capture

/// Goes round the places of a table that time is let pass for, some of them each second of packet time.
package struct Sweep: Sendable {
  private var next = 0

  package init() {}

  /// The places whose turn it is, in order: a tenth of those in use, or all where they are few.
  ///
  /// - Parameter used: places in use, from 0 on.
  /// - Returns: some places, and those from the table's start on that come behind them.
  package mutating func turn(of used: Int) -> (Range<Int>, Range<Int>) {
    let count = min(used, max(used / 10, Limits.sweptAtOnce))
    let start = next < used ? next : 0
    let end = min(start + count, used)
    let rest = count - (end - start)
    next = rest > 0 ? rest : end
    return (start..<end, 0..<rest)
  }
}
