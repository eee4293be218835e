/// What the flow table did, since it was made. For the statistics and for every bound that it keeps.
package struct FlowStatistics: Equatable, Sendable {
  package var made: UInt64 = 0
  /// The table was full and a flow without answer made room.
  package var evictedUnanswered: UInt64 = 0
  /// The table was full and the idlest of a sample made room.
  package var evictedIdle: UInt64 = 0
  /// No room could be made: the packet was not followed.
  package var refused: UInt64 = 0
  package var expired: UInt64 = 0
  package var finished: UInt64 = 0
  package var reset: UInt64 = 0
  package var replaced: UInt64 = 0

  /// Segments that were to be held behind a gap and found no room, whole or in part.
  package var segmentsDropped: UInt64 = 0
  /// Streams whose held segments were dropped because their receiver, heard all the time, never had them.
  package var unconfirmed: UInt64 = 0
  package var gaps: UInt64 = 0
  /// Stream bytes that were acknowledged, or followed by others, and never seen.
  package var missedBytes: UInt64 = 0
  /// Retransmissions that say something else than what came first.
  package var conflicts: UInt64 = 0
  package var retransmissions: UInt64 = 0
  package var outOfOrder: UInt64 = 0
  package var keepAlives: UInt64 = 0
  /// Segments and RSTs too far from where their stream is.
  package var strays: UInt64 = 0
  /// Streams picked up again at other sequence numbers.
  package var resynchronized: UInt64 = 0
  /// SYNs with other numbers inside a connection that was alive.
  package var pendingSYNs: UInt64 = 0

  package init() {}
}
