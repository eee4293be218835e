/// One bound of the program: how much of something it will hold, and what it does at the edge.
package struct Limit: Sendable {
  /// What is bounded, in words for `minewatch check`.
  package let name: String
  package let value: Int
  package let unit: String
  /// Memory that one unit costs at the most, in bytes; 0 for a bound on length or depth inside something counted elsewhere.
  package let bytesEach: Int
  /// Every worker has a table of this size; others are shared out among the workers.
  package let isPerWorker: Bool
  /// What happens when it is reached.
  package let whenReached: String

  package init(
    _ name: String, _ value: Int, _ unit: String, bytesEach: Int = 0, isPerWorker: Bool = false, whenReached: String
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.bytesEach = bytesEach
    self.isPerWorker = isPerWorker
    self.whenReached = whenReached
  }

  /// Memory at the bound, in bytes.
  package func worstCaseBytes(workers: Int) -> Int { value * bytesEach * (isPerWorker ? workers : 1) }
}

/// Every bound of the program, in one table.
///
/// **Invariant:** whatever a sender can make grow is here, has a counter, and does not grow past it.
public enum Limits {
  // MARK: Capture

  /// Bytes of one frame that are captured. Offload hands up super-frames of 64 KiB; libpcap knows no more than this.
  @inlinable public static var frameBytes: Int { 262_144 }
  /// Bytes that a capture file is read in at a time: 4 KiB cost a sixth of the time, and more than this took from the flows the
  /// cache that they live in.
  @inlinable public static var captureReadBuffer: Int { 64 << 10 }
  /// Bytes of frames that the kernel keeps for one interface until they are read: half a second of a full gigabit link.
  @inlinable public static var captureRing: Int { 64 << 20 }
  // MARK: Decode

  /// VLAN tags read on one frame; providers stack two. A frame with more is counted as a fault.
  @inlinable public static var vlanTags: Int { 8 }
  /// MPLS labels read on one packet; networks stack three or four.
  @inlinable public static var mplsLabels: Int { 16 }
  /// IPv6 extension headers skipped on one packet. RFC 8200 §4.1 has six at the most, but hosts read any number: these are more
  /// than fit into an Ethernet frame, so that none hides behind them.
  @inlinable public static var ipv6ExtensionHeaders: Int { 192 }

  // MARK: Flows

  /// Flows held at once. 100,000 miners keep one session each and open a few more at a reconnect storm.
  @inlinable public static var flows: Int { 262_144 }
  /// Slots beyond ``flows`` for flows that ended and whose end nobody has read yet. The caller reads ends after every packet,
  /// so a handful would do; a sweep of the whole table may end many at once.
  @inlinable public static var endedFlows: Int { 4_096 }
  /// Flows, and sessions, that time is let pass for in one second; of more, a tenth. Up to here nothing depends on which
  /// places of the table they have, so several workers say the same at the same time as one does.
  @inlinable public static var sweptAtOnce: Int { 1_024 }
  /// Flows that wait to be called undecided. When it is full the next sweep, 10 s later, offers them again.
  @inlinable public static var undecidedFlows: Int { 4_096 }
  /// Look-ups whose end is awaited: those of three seconds in which a whole large site starts. When it is full a look-up ends with the
  /// sweep, up to 10 s later.
  @inlinable public static var awaitedLookUps: Int { 65_536 }
  /// Streams that wait for their overdue hole to be given up. When it is full the next sweep offers them again.
  @inlinable public static var stalledStreams: Int { 1_024 }
  /// Conflicts told of one flow. More say nothing new, and each costs an allocation; the rest are counted.
  @inlinable public static var conflictsPerFlow: Int { 8 }
  /// Bytes of streams held back behind a gap, all sessions together.
  @inlinable public static var heldBytes: Int { 16 << 20 }
  /// Bytes held back until the rest of their message comes, all sessions together.
  @inlinable public static var unfinishedBytes: Int { 16 << 20 }
  /// Bytes held back of one unfinished message: those of the largest buffer there is.
  @inlinable public static var unfinishedMessage: Int { 64 << 10 }
  /// Bytes held back for one direction of one session: the largest window worth waiting for.
  @inlinable public static var heldBytesPerStream: Int { 256 << 10 }
  /// Segments held back behind a gap in one direction.
  @inlinable public static var heldSegmentsPerStream: Int { 64 }
  /// Recently delivered bytes that a retransmission is compared with, all sessions together. At 4,000 packets a second
  /// these are two seconds, at 40,000 still two round trips; more would push the flows out of the processor's cache.
  @inlinable public static var recentBytes: Int { 1 << 20 }
  /// Segments that a retransmission can be found in, all sessions together: 1 MiB of 128-byte segments.
  @inlinable public static var recentSegments: Int { 8_192 }
  /// Datagrams being put together from IP fragments.
  @inlinable public static var fragmentedDatagrams: Int { 1_024 }
  /// Fragments of one datagram; 64 KiB in pieces of 1,400 bytes are 47.
  @inlinable public static var fragmentsPerDatagram: Int { 64 }
  /// Bytes of fragments that wait for the rest of their datagram, all together: 128 of the largest, or 4,096 small ones.
  @inlinable public static var fragmentBytes: Int { 8 << 20 }

  // MARK: Protocols

  /// Sessions whose Stratum state is kept.
  @inlinable public static var stratumSessions: Int { 131_072 }
  /// Longest Stratum line read, in bytes. From the lengths of its fields, a notify with 300 payout outputs is 22 kB.
  /// One byte under the largest stream buffer, so that a full buffer is a line too long.
  @inlinable public static var stratumLine: Int { unfinishedMessage - 1 }
  /// Redirects, and messages for a miner's display, that one session may say one after the other and are told. After these one in
  /// 10 s is: a session that runs for weeks is spoken to now and then.
  @inlinable public static var toldOfSession: Int { 32 }
  /// Depth of nesting in a JSON message. Stratum needs four.
  @inlinable public static var jsonDepth: Int { 32 }
  /// Users on all sessions together; a proxy has hundreds on one.
  @inlinable public static var stratumUsers: Int { 262_144 }
  /// Users on one session, so that one proxy, or one attacker, cannot take the place of all others.
  @inlinable public static var stratumUsersPerSession: Int { 16_384 }
  /// Stratum requests that a reply is awaited to, on all sessions together. A miner has one or two open.
  @inlinable public static var stratumRequests: Int { 262_144 }
  /// Open requests of one session. A proxy that logs 500 workers in at once gets its first replies long before the last.
  @inlinable public static var stratumRequestsPerSession: Int { 256 }
  /// Coinbase transactions whose readings are kept, a power of two: a site's pools give a handful of jobs a minute, each to
  /// every miner. One that was overwritten is read again.
  @inlinable public static var coinbaseReadings: Int { 256 }
  /// Of these, those whose outputs are kept spelled out: one for each pool, and some for clean jobs between.
  @inlinable public static var coinbasePayouts: Int { 16 }
  /// The longest line with a job that is recognised when it comes again, in bytes. Eight are kept.
  @inlinable public static var jobLine: Int { 4 << 10 }
  /// First bytes of a stream that recognisers are shown. A ClientHello's start is within 11, a Noise handshake within 234.
  @inlinable public static var probedBytes: Int { 2 << 10 }
  /// Bytes of one direction that are searched for a Stratum line when it is text and was joined in the middle: the longest
  /// line fits.
  @inlinable public static var probedText: Int { 64 << 10 }
  /// Stratum V2 sessions that are read at once: as many as V1's, one a miner. At the most 2^17.
  @inlinable public static var miningReaders: Int { 131_072 }
  /// Streams that carry no mining and are read at once. A manager polls hundreds of miners in one second; each poll is over
  /// in a few packets.
  @inlinable public static var streamReaders: Int { 16_384 }
  /// Longest TLS handshake message read, in bytes: what a stream buffer holds. Post-quantum hellos have 2 KiB, chains of
  /// certificates up to 20.
  @inlinable public static var tlsHandshake: Int { unfinishedMessage }
  /// Protocols kept of those that a TLS client offers; browsers offer two.
  @inlinable public static var tlsProtocols: Int { 8 }
  /// Names kept of a certificate. Shared fronts list a hundred, of which the first few tell whose they are.
  @inlinable public static var certificateNames: Int { 16 }
  /// QUIC connections whose hello is being put together. Each is done with after two or three datagrams.
  @inlinable public static var quicHellos: Int { 1_024 }
  /// Bytes of a QUIC client's hello. Post-quantum ones have 2 KiB; what is longer is not read.
  @inlinable public static var quicHello: Int { 16 << 10 }
  /// Datagrams of a QUIC client that are opened, whether its hello is whole by then or not.
  @inlinable public static var quicDatagrams: Int { 8 }
  /// Longest line of an HTTP head, in bytes. RFC 9110 §4.1 asks for 8,000 at least; management requests have 200.
  @inlinable public static var httpLine: Int { 8 << 10 }
  /// Bytes and lines of one HTTP head. Web servers take 8 to 32 KiB and about 100.
  @inlinable public static var httpHead: Int { 32 << 10 }
  @inlinable public static var httpFields: Int { 128 }
  /// First bytes of an HTTP answer's body that are kept for their meaning. The rest is only counted.
  @inlinable public static var httpBody: Int { 4 << 10 }
  /// Likewise of a request's. Settings of a miner are 2 kB, and 10 kB where each chip has its own.
  @inlinable public static var httpRequestBody: Int { 16 << 10 }
  /// Names and values taken out of one HTTP form or JSON body. A miner's settings have 40.
  @inlinable public static var httpFormFields: Int { 128 }
  /// Further ones that are taken where they may say where to mine: a miner has three pools, and a group of pools ten.
  @inlinable public static var httpTargets: Int { 32 }
  /// First bytes of a file in an HTTP body that are handed on: what tells firmware from other files stands within 32.
  @inlinable public static var httpContentStart: Int { 64 }
  /// Requests of one connection that a response is awaited to; browsers pipeline 8 at the most. Responses to further ones are
  /// told without their request.
  @inlinable public static var httpPipeline: Int { 16 }
  /// Longest DNS message over TCP, in bytes (RFC 1035 §4.2.2: a 16-bit length).
  @inlinable public static var dnsMessage: Int { 65_535 }
  /// Answers read of one DNS message. A pool's name has a handful of addresses; 64 records fill a UDP answer.
  @inlinable public static var dnsAnswers: Int { 64 }
  /// CNAMEs followed from a question; resolvers give up at 8 to 16.
  @inlinable public static var dnsAliases: Int { 16 }
  /// Queries that wait for their answer, so that two answers to one query can be compared.
  @inlinable public static var dnsQueries: Int { 16_384 }
  /// Answers without a question that are kept for a few seconds, should their question still come.
  @inlinable public static var unaskedAnswers: Int { 256 }
  /// First bytes of one direction that are searched for identifiers of the sender. Antbleed's message has under 1 KiB.
  @inlinable public static var identifierBytes: Int { 16 << 10 }
  /// Elements kept of one list in a message: addresses of resolvers, prefixes, names. Messages of a site have a handful.
  @inlinable public static var wireList: Int { 32 }
  /// Parameters kept of one DHCP message. The option's length has one byte; clients ask for under thirty.
  @inlinable public static var dhcpParameters: Int { 64 }
  /// Messages of ARP, neighbour discovery and DHCP that are remembered so as not to be observed twice; a power of two. A link
  /// of 1,000 hosts says so many different ones in a few seconds.
  @inlinable public static var linkRepeats: Int { 8_192 }
  /// Seconds in which the same message is observed once. Attack tools repeat a forged claim every 1 to 10 s.
  @inlinable public static var linkRepeatSeconds: Int { 10 }
  /// Messages of the link observed in one second. When power comes back, 4,000 miners ask for their gateway in one.
  @inlinable public static var linkMessagesPerSecond: Int { 4_096 }
  /// Parameters kept of one management command. A page of settings posts some thirty.
  @inlinable public static var apiParameters: Int { 48 }
  /// Further ones that are kept where they may say where to mine.
  @inlinable public static var apiTargets: Int { 32 }
  /// Longest request to a miner's socket API that is read, in bytes; cgminer reads 8 KiB, btminer as much.
  @inlinable public static var apiRequest: Int { 16 << 10 }
  /// Bytes of an answer of a miner's API that are searched for its status, which stands in front.
  @inlinable public static var apiAnswer: Int { 4 << 10 }
  /// Longest request in text, and longest status in text, in bytes.
  @inlinable public static var apiText: Int { 1 << 10 }
  /// Commands joined in one request that are told apart. cgminer has some forty, and joins each but once.
  @inlinable public static var apiJoined: Int { 48 }
  /// Keys kept of the path to one parameter of a management command; `data.pools.url` has three.
  @inlinable public static var apiNesting: Int { 8 }
  /// Bytes of UTF-8 kept of any one text from the wire (an agent, a user, a name); the rest is cut and marked.
  @inlinable public static var wireText: Int { 256 }

  // MARK: Policy

  /// Bytes of a policy file. One with 1,000 pools and exemptions is 200 kB.
  @inlinable public static var policyFile: Int { 1 << 20 }
  /// Depth of nesting in a policy file; the deepest setting needs six.
  @inlinable public static var policyDepth: Int { 16 }
  /// Problems of a policy file that are told at once; more help nobody.
  @inlinable public static var policyProblems: Int { 200 }
  /// Bytes of an inventory or of one list of indicators: 200,000 lines of 80.
  @inlinable public static var listFile: Int { 16 << 20 }
  /// Indicators of all lists together. Public lists of bad names have half as many.
  @inlinable public static var indicators: Int { 1_000_000 }
  /// Commands of all vocabularies together. Thirty firmwares with a hundred each are 3,000.
  @inlinable public static var commands: Int { 16_384 }
  /// Public pools of all lists together; there are some thirty.
  @inlinable public static var knownPools: Int { 1_024 }
  /// Models of miners. Makers have sold some three hundred.
  @inlinable public static var minerModels: Int { 1_024 }

  // MARK: Rules

  /// Names bound to addresses by DNS answers.
  @inlinable public static var bindings: Int { 65_536 }
  /// Addresses remembered for one name. A pool's front has a few at a time, and moves them over weeks.
  @inlinable public static var addressesPerName: Int { 64 }
  /// Names remembered for one address. Shared fronts serve many, but few that miners ask for.
  @inlinable public static var namesPerAddress: Int { 16 }
  /// Mining sessions that the rules keep an eye on.
  @inlinable public static var watchedSessions: Int { 131_072 }
  /// Miners whose link-layer address and agent are remembered. A forged source address can be any in the policy's ranges.
  @inlinable public static var seenMiners: Int { 131_072 }
  /// Flows that carry one protocol inside another and are remembered for it.
  @inlinable public static var wrappedFlows: Int { 16_384 }
  /// SSH sessions of miners whose software is remembered until they are told of, seconds later.
  @inlinable public static var shellNames: Int { 1_024 }
  /// Machines of the miner networks that are remembered, so as to tell new ones. Forged addresses can be any in the ranges.
  @inlinable public static var seenDevices: Int { 131_072 }
  /// Addresses whose owner is remembered, all links together; those that nobody claims for ten minutes make room.
  @inlinable public static var addressOwners: Int { 131_072 }
  /// Routers, servers and links with miners that are remembered. A site has one or two of each for each of its halls.
  @inlinable public static var routers: Int { 1_024 }
  /// Strangers on the miners' links that findings tell apart; what further ones do is counted in one finding.
  @inlinable public static var namedStrangers: Int { 64 }
  /// Miners whose unusual names are counted, and domains of each. A miner that is content asks for none.
  @inlinable public static var nameAskers: Int { 4_096 }
  @inlinable public static var domainsPerAsker: Int { 16 }
  /// Pairs of a miner and a time server whose packets are counted. A miner asks four servers at its start.
  @inlinable public static var timePairs: Int { 65_536 }
  /// Agents, banners and DHCP fingerprints of miners that are remembered; a miner has one or two.
  @inlinable public static var identities: Int { 262_144 }
  /// Values of one such trait that are remembered; whoever has more is a proxy, which is nobody in particular.
  @inlinable public static var valuesPerIdentity: Int { 4 }
  /// Redirects of one miner that are waited for at once. A pool sends one and closes.
  @inlinable public static var redirectsPerMiner: Int { 8 }
  /// Commands to miners whose answer is waited for. A manager restarts 4,000 miners in a few seconds.
  @inlinable public static var waitingCommands: Int { 8_192 }
  /// Connections of miners whose files in pieces are added up at once.
  @inlinable public static var pieceFlows: Int { 8_192 }
  /// Hosts, and pairs of a host and a miner, whose probes are counted at once.
  @inlinable public static var scanSources: Int { 16_384 }
  /// Targets remembered of one host that probes; a threshold beyond that counts as this.
  @inlinable public static var scanTargets: Int { 1_024 }
  /// Accounts that one session names before it is taken for a proxy's.
  @inlinable public static var accountsPerSession: Int { 3 }
  /// Pools and accounts that one miner works for before it is taken for a proxy.
  @inlinable public static var placesPerMiner: Int { 8 }
  /// Pools whose payouts are remembered, the policy's and any other.
  @inlinable public static var poolsSeen: Int { 1_024 }
  /// Payouts remembered of one pool: a few fronts with a few addresses each.
  @inlinable public static var payoutsPerPool: Int { 16 }
  /// Miners, by user, whose hashrate is kept; a proxy has hundreds of users.
  @inlinable public static var hashrateRows: Int { 131_072 }
  /// Pools, and accounts, whose hashrate is kept. A site has a few; strangers' accounts may be any.
  @inlinable public static var hashrateGroups: Int { 1_024 }
  /// Pools and accounts, by name, that miners are seen to change between. A site has a few of each.
  @inlinable public static var switchNames: Int { 4_096 }
  /// Pairs of a miner and a place outside whose calls are counted. A miner that is content has none.
  @inlinable public static var beaconPairs: Int { 32_768 }
  /// Open flows that were told for what they carry out. Each took a megabyte to get there.
  @inlinable public static var toldFlows: Int { 4_096 }
  /// Places outside that nothing explains, and miners remembered at all of them together.
  @inlinable public static var newDestinations: Int { 4_096 }
  @inlinable public static var newDestinationMiners: Int { 131_072 }
  /// Findings being counted instead of repeated.
  @inlinable public static var openFindings: Int { 65_536 }
  /// Miners whose working habits are learned; a proxy is one of them.
  @inlinable public static var habits: Int { 131_072 }
  /// Commands and unlisted exchanges of the last twenty minutes, each with its miner: a manager that tells all of 100,000 something.
  @inlinable public static var exchanges: Int { 131_072 }
  /// Judgements waiting for a name to be learned, or to see whether a redirect is followed.
  @inlinable public static var heldJudgements: Int { 16_384 }

  /// Facts that `learn` keeps of a site: 100,000 miners, each with its pool, resolver, time server and manager, are half.
  @inlinable public static var learnedFacts: Int { 1_000_000 }

  // MARK: Workers

  /// Threads that share the watched interfaces' packets, beside the analyst's.
  @inlinable public static var workers: Int { 32 }
  /// Observations that a worker notes before it hands them over; further ones are lost. Twice as many wait for the analyst. A flood
  /// of flows that nobody answers makes four thousand in one second.
  @inlinable public static var handedObservations: Int { 8_192 }
  /// Batches that wait for the analyst, of each worker. One is handed over ten times a second, or with every few thousand frames.
  @inlinable public static var handedBatches: Int { 16 }

  // MARK: Sinks

  /// Lines waiting to be written by one sink.
  @inlinable public static var sinkQueue: Int { 8_192 }
  /// Bytes of lines waiting to be written by one sink: what 8,192 lines of 2 kB are.
  @inlinable public static var sinkQueueBytes: Int { 16 << 20 }
  /// Unicode scalars of one text in an event: a sentence of ours with a few texts from the wire. The rest is cut, marked "…".
  @inlinable public static var eventText: Int { 4_096 }
  /// Elements written of one list in an event; what follows is left out, as the count beside it tells.
  @inlinable public static var eventList: Int { 64 }
  /// Bytes of one readable line, and of one syslog message: rsyslog's and syslog-ng's own limit is 8 KiB.
  @inlinable public static var readableLine: Int { 8_000 }
  /// Bytes handed to the kernel in one write.
  @inlinable public static var sinkBatch: Int { 256 << 10 }

  // MARK: Evidence

  /// Frames kept in memory for the captures of alerts, and their bytes: half a minute at a site of 10,000 miners, five
  /// minutes at one of 1,000. Workers share them.
  @inlinable public static var evidenceFrames: Int { 131_072 }
  @inlinable public static var evidenceBytes: Int { 24 << 20 }
  /// Alerts whose later packets are waited for. Alerts that come faster than this many in a minute are a flood, which the
  /// book folds.
  @inlinable public static var evidenceCases: Int { 256 }
  /// Bytes of one alert's capture, and of all that wait for more. 64 packets of mining are 15 kB.
  @inlinable public static var evidenceFile: Int { 4 << 20 }
  @inlinable public static var evidenceWaiting: Int { 32 << 20 }
  /// Captures in the folder, so that small ones do not use up the disk's inodes.
  @inlinable public static var evidenceFiles: Int { 65_536 }

  // MARK: Store

  /// Rows waiting to be written to the store: a minute of a site of 100,000 miners, and what comes beside it.
  @inlinable public static var storeQueue: Int { 131_072 }
  /// Bytes of the store's file. The minutes of 5,000 miners take 300 MB a day, and their hours after that 5 MB.
  @inlinable public static var storeBytes: Int { 1 << 30 }
  /// Damaged stores that are kept beside it for whoever looks into them. With so many there, a further one is left in its place,
  /// and nothing is stored until somebody has looked.
  @inlinable public static var damagedStores: Int { 4 }
}
