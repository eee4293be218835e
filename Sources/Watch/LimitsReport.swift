import Capture

/// The table of bounds as `minewatch check` prints it.
struct LimitsReport: CustomStringConvertible {
  /// Threads that capture.
  let workers: Int

  var description: String {
    let among = workers == 1 ? "one worker" : "\(workers) workers"
    var lines = ["bounds, and what happens at them, with \(among)"]
    for limit in Limits.all {
      let bytes = limit.worstCaseBytes(workers: workers)
      let each = limit.isPerWorker && workers > 1 ? " each worker" : ""
      let size = bytes > 0 ? ", \(Self.size(bytes)) at the most" : ""
      lines.append("  \(limit.name): \(limit.value) \(limit.unit)\(each)\(size); \(limit.whenReached)")
    }
    let worst = Limits.all.reduce(0) { $0 + $1.worstCaseBytes(workers: workers) }
    let ring = workers > 1 ? "each interface and worker" : "each interface"
    lines.append("  all tables full: \(Self.size(worst)), beside libpcap's ring for \(ring)")
    return lines.joined(separator: "\n")
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(max(bytes >> 10, 1)) KiB"
  }
}
