/// How long a flow may be silent, in nanoseconds of packet time, before it is over.
enum FlowTimeouts {
  private static let second: Int64 = 1_000_000_000

  /// A SYN without handshake. Linux sends it again for 127 s, but each repeat counts as a sign of life, and the last wait
  /// that matters to a miner is under 20 s.
  static let opening = 20 * second
  /// A mining session lives for days; a keepalive once a day must not split it. Zeek's 5 minutes did (zeek/zeek#1196).
  static let established = 25 * 3_600 * second
  /// After the first FIN the rest is a matter of round trips. After the end, time for late segments to arrive.
  static let closing = 10 * second
  /// Twice the 60 s that RFC 4787 §4.3 finds too short, near the 2 minutes it demands of a NAT.
  static let udp = 120 * second
  /// A look-up whose questions all have their answers. Nobody uses its port again, and of a site that starts these would be as many
  /// flows as its sessions. What comes later than this, such as a question that is asked again after 5 s, is a flow of its own.
  static let answered = 2 * second
  /// ICMP and whatever else has no connection.
  static let other = 60 * second

  /// After this long without a packet, a SYN with new numbers is a new connection: both ends of a live mining session
  /// speak every 30 s (ckpool ckpool.c, btcpool StratumServer.cc), and the rest has keepalives of at most 60 s (cgminer
  /// util.c; bitaxeorg/ESP-Miner, components/stratum/stratum_socket.c).
  static let idleBeforeReplacement = 120 * second
  /// Data that continues this long after a RST shows that the RST was not the receiver's to obey. Segments in flight arrive
  /// within a round trip.
  static let inFlight = second
  /// A flow that nobody could identify by then is reported: a client that waits longer before its first word is not talking
  /// to a pool.
  static let undecided = 10 * second

  /// How old a hole must be when the receiver has acknowledged what was in it: packets of two directions can arrive at
  /// a tap in the wrong order, but not by more than this.
  static let acknowledgedHole: Int64 = 10_000_000
  /// How long a hole may hold a stream up when its receiver cannot be heard. Linux' first two retransmissions come within 1 s.
  static let hole = 2 * second
  /// How long bytes behind a hole are kept that a receiver does not confirm. Linux has sent what is missing five times by then.
  static let unconfirmed = 10 * second
}
