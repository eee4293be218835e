package import Decode
package import Flows
package import Protocols

/// The counters of one worker's stages at one time.
package struct PacketCounts: Sendable {
  /// Frames received, and their bytes on the wire.
  package var frames: UInt64 = 0
  package var bytes: UInt64 = 0
  package var decoded = DecodeCounters()
  package var fragments = FragmentStatistics()
  package var flows = FlowStatistics()
  package var openFlows: UInt64 = 0
  package var protocols = ProtocolCounters()
  package var stratum = StratumCounters()
  package var linkMessagesRefused: UInt64 = 0
  /// Observations lost because the analyst did not take them in time.
  package var spilled: UInt64 = 0

  package init() {}
}

extension PacketStages {
  /// How the counters stand.
  package var counts: PacketCounts {
    var counts = PacketCounts()
    (counts.frames, counts.bytes) = (frames, bytes)
    counts.decoded = decoded
    counts.fragments = fragments.statistics
    counts.flows = flows.statistics
    counts.openFlows = UInt64(clamping: flows.count)
    counts.protocols = protocols.counters
    counts.stratum = protocols.stratumCounters
    counts.linkMessagesRefused = protocols.linkMessagesRefused
    return counts
  }
}

/// The counters of all workers.
package struct SiteCounts: Sendable {
  package var workers: [PacketCounts]

  package init(_ workers: [PacketCounts]) {
    self.workers = workers
  }

  /// One counter of all workers together.
  package func sum(_ counter: KeyPath<PacketCounts, UInt64>) -> UInt64 {
    workers.reduce(0) { $0 &+ $1[keyPath: counter] }
  }

  /// What became of the frames of all workers.
  package var decoded: DecodeCounters {
    workers.reduce(into: DecodeCounters()) { $0.add($1.decoded) }
  }
}
