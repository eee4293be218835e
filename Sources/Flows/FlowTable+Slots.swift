extension FlowTable {
  /// One more than the largest `rawValue` of any flow's index: how long a caller's own table of flows must be.
  package var slotCount: Int { records.count }
}
