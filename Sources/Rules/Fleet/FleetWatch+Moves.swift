import Decode

/// A machine that has another address, by a new lease, is a row of its own: with the new one it has not started, and with the old one
/// not stopped.
extension FleetWatch {
  /// A row is about to hand in its first share, from a machine that had another address before.
  mutating func arrive(_ row: Int, from former: IPAddress) {
    guard let old = rows.place(of: former) else { return }
    // What it did there counts as done here: whoever was not silent for long does not start.
    if rows[row].lastShare == 0, rows[old].state == .hashing { rows[row].lastShare = rows[old].lastShare }
    if rows[old].state == .silent || rows[old].state == .stopped { close(old) }
  }

  /// Whether a miner began to hash at another address after the last share from a row.
  func hasMoved(_ row: Int, to other: IPAddress) -> Bool {
    guard let new = rows.place(of: other) else { return false }
    return rows[new].state == .hashing && rows[new].since >= rows[row].lastShare
  }

  /// Nobody is to be missed at a row any more.
  mutating func close(_ row: Int) {
    rows[row].isBetween = false
    leave(row, for: .unseen)
    late.removeAll { $0 == row }
    toldSilent.removeAll { $0.row == row }
    stops.forget(row)
  }
}
