import Capture
import Decode

/// Where a slot of the table is in its life.
enum FlowPhase: UInt8 {
  case free
  case live
  /// Over, and nobody has read that yet.
  case ended
  /// Over and read; kept for a while so that a late segment does not look like a new flow.
  case lingering
}

struct FlowFlags: OptionSet, BitwiseCopyable {
  let rawValue: UInt8

  /// No dissector is interested.
  static let ignored = FlowFlags(rawValue: 1)
  static let identified = FlowFlags(rawValue: 2)
  /// Was put into the queue of undecided flows.
  static let calledUndecided = FlowFlags(rawValue: 4)
  /// The SYN, or the SYN and ACK, was seen.
  static let sawStart = FlowFlags(rawValue: 8)
  /// A SYN with other numbers came while the connection was alive.
  static let pendingSYN = FlowFlags(rawValue: 16)
  /// What it carries is questions and their answers, and nothing once these are given.
  static let isConsultation = FlowFlags(rawValue: 32)
}

/// What every packet of a flow touches.
struct FlowRecord: Zeroable {
  var key = FlowKey()
  var lastSeen = Timestamp(nanoseconds: 0)
  var applicationState: UInt32 = 0
  /// The next slot in the list of free or of ended ones, as slot + 1.
  var link: UInt32 = 0
  var connection = ConnectionState.unseen
  var phase = FlowPhase.free
  var flags = FlowFlags()
  var end = FlowEnd.finished
}

/// What is read when the flow is made, asked about or over.
struct FlowOrigin: Zeroable {
  var id: UInt64 = 0
  var firstSeen = Timestamp(nanoseconds: 0)
  var endedAt = Timestamp(nanoseconds: 0)
  var interface: UInt16 = 0
  var outerVLAN: UInt16 = 0
  var innerVLAN: UInt16 = 0
  var vlanCount: UInt8 = 0
  var icmpType: UInt8 = 0
  var client = End.a
  var basis = DirectionBasis.guess
  var conflicts: UInt8 = 0
  /// Its ends stand apart, where there is one.
  var tunnel = Tunnel.Kind.none
  /// With ``FlowFlags/pendingSYN``: who sent it, and its number.
  var pendingSYNSender = End.a
  var pendingSYNSequence: UInt32 = 0
}

struct TunnelRecord: Zeroable {
  var tunnel = Tunnel()
}

struct StreamFlags: OptionSet, BitwiseCopyable {
  let rawValue: UInt16

  /// The next segment in order needs nothing but its bytes handed on: established, followed, no hole, no FIN.
  static let plain = StreamFlags(rawValue: 1)
  /// This end has sent a packet.
  static let heard = StreamFlags(rawValue: 2)
  /// The next sequence number is known.
  static let synchronized = StreamFlags(rawValue: 4)
  static let sawSynchronize = StreamFlags(rawValue: 8)
  static let sawFinish = StreamFlags(rawValue: 16)
  /// Segments wait behind a hole.
  static let holding = StreamFlags(rawValue: 32)
  /// What is delivered next does not follow on what was.
  static let gapAhead = StreamFlags(rawValue: 64)
  /// The last segments were far from where the stream is.
  static let straying = StreamFlags(rawValue: 128)
  /// Held segments take all they may: give the hole up.
  static let overfull = StreamFlags(rawValue: 256)

  /// The handshake was answered several times with different numbers: the other end's next acknowledgment names the right one.
  static let contested = StreamFlags(rawValue: 512)

  /// While any of these is set a segment needs more than its bytes handed on.
  static let special: StreamFlags = [.sawFinish, .holding, .gapAhead, .straying, .overfull, .contested]
}

/// What every packet of one direction touches.
struct StreamRecord: Zeroable {
  var counters = FlowCounters()
  /// Sequence number of the next byte to deliver.
  var next: UInt32 = 0
  /// The highest number that the other end has acknowledged.
  var acknowledged: UInt32 = 0
  /// Number of the last segment in ``RecentBytes``.
  var recent: UInt32 = 0
  var flags = StreamFlags()
}

/// What one direction starts with.
struct StreamStart: Zeroable {
  var mac = MACAddress.none
  /// The SYN's number, with ``StreamFlags/sawSynchronize``.
  var initial: UInt32 = 0
}

/// What one direction needs while something is unusual, or over.
struct StreamDetail: Zeroable {
  var held = PieceChain()
  /// The FIN's number, with ``StreamFlags/sawFinish``; when a RST ended the connection, that one's.
  var finish: UInt32 = 0
  /// With ``StreamFlags/gapAhead``: bytes missing, 0 when unknown.
  var gapMissing: UInt32 = 0
  /// With ``StreamFlags/straying``: where the stray run starts and ends, and its segments.
  var strayStart: UInt32 = 0
  var strayEnd: UInt32 = 0
  var strays: UInt32 = 0
  /// With ``StreamFlags/holding``: since when.
  var holeSince = Timestamp(nanoseconds: 0)
  var missedBytes: UInt64 = 0
}
