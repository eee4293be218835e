import Capture

/// The table of bounds as `minewatch check` prints it.
struct LimitsReport: CustomStringConvertible {
  var description: String {
    var lines = ["bounds, and what happens at them"]
    for limit in Limits.all {
      let size = limit.bytesEach > 0 ? ", \(Self.size(limit.worstCaseBytes)) at the most" : ""
      lines.append("  \(limit.name): \(limit.value) \(limit.unit)\(size); \(limit.whenReached)")
    }
    let worst = Limits.all.reduce(0) { $0 + $1.worstCaseBytes }
    lines.append("  all tables full: \(Self.size(worst)), beside libpcap's ring for each interface")
    return lines.joined(separator: "\n")
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(max(bytes >> 10, 1)) KiB"
  }
}
