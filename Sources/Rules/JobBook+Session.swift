import Capture
import Decode
import Flows
import Policy
import Protocols

extension JobBook {
  /// Of a session's flow what is told of it, without what stands apart: the server, which many have in common, and the tunnel, which
  /// few come in. A site has a hundred thousand of it, and ``FlowFacts`` take 136 bytes.
  struct Origin: Sendable, BitwiseCopyable {
    let flow: UInt64
    let client: IPAddress
    let firstSeen: Timestamp
    private let macEnd: UInt32
    private let macStart: UInt16
    private let port: UInt16
    private let vlans: (UInt16, UInt16)
    private let interface: UInt16
    private let vlanCount: UInt8
    private let ipProtocol: UInt8
    private let basis: DirectionBasis
    private let sawStart: Bool

    init(_ flow: FlowFacts) {
      let vlans = flow.vlans
      self.flow = flow.id
      client = flow.client.address
      firstSeen = flow.firstSeen
      macEnd = UInt32(truncatingIfNeeded: flow.client.mac.rawValue)
      macStart = UInt16(truncatingIfNeeded: flow.client.mac.rawValue >> 32)
      port = flow.client.port
      self.vlans = (vlans.first ?? 0, vlans.dropFirst().first ?? 0)
      interface = flow.interface
      vlanCount = UInt8(clamping: vlans.count)
      ipProtocol = flow.ipProtocol
      basis = flow.basis
      sawStart = flow.sawStart
    }

    func facts(_ server: Endpoint, _ tunnel: Tunnel) -> FlowFacts {
      let mac = MACAddress(rawValue: UInt64(macStart) << 32 | UInt64(macEnd))
      return FlowFacts(
        id: flow, client: Endpoint(address: client, port: port, mac: mac), server: server, ipProtocol: ipProtocol,
        vlans: Array([vlans.0, vlans.1].prefix(Int(vlanCount))), interface: interface, basis: basis,
        sawStart: sawStart, firstSeen: firstSeen, tunnel: tunnel)
    }
  }

  /// What a session works on, without who is paid for it: that is judged when it is said, and would take more than all the rest.
  struct Block: PlaceKey {
    let hash: BlockHash
    let bits: UInt32
    let height: UInt32?

    init(_ work: MiningWork) { (hash, bits, height) = (work.previousBlock, work.bits, work.height) }

    var work: MiningWork { MiningWork(previousBlock: hash, bits: bits, height: height) }
  }

  /// A session as the book keeps it. What sessions have in common stands in the book's own lists.
  struct Row: Keyed {
    let origin: Origin
    let server: SharedValues<Endpoint>.Number
    let place: SharedValues<String>.Number
    var account = SharedValues<String>.none
    var block = SharedValues<Block>.none
    /// Place of its latest work in the table of hashrates; ``Hashrates/noRow`` when it has none.
    var work = Hashrates.noRow
    /// When it went over to the block that it works on.
    var tookBlock = Timestamp(nanoseconds: 0)
    var lastJob = Timestamp(nanoseconds: 0)
    /// When it last worked on the block that most of the site worked on, or began to work.
    var agreed = Timestamp(nanoseconds: 0)
    /// Identity of scripts and tag; 0 when unknown, or when it pays the session's own user.
    var payees: UInt64 = 0
    /// See ``hashrate`` and ``jobInterval``; not a number when unknown.
    private var rate = Double.nan
    private var interval = Float.nan
    /// Shares that were answered, and those of them that were refused, since they were last judged.
    @Narrow<UInt32> var answered = 0
    @Narrow<UInt32> var refused = 0
    /// Several accounts were named: a proxy's session.
    var hasManyAccounts = false
    /// That it works on another chain was told, and has not ended since.
    var isApart = false

    init(_ origin: Origin, server: SharedValues<Endpoint>.Number, place: SharedValues<String>.Number) {
      self.origin = origin
      self.server = server
      self.place = place
    }

    var key: UInt64 { origin.flow }

    /// Seconds between two jobs, of late.
    private(set) var jobInterval: Double? {
      get { interval.isNaN ? nil : Double(interval) }
      set { interval = newValue.map { Float($0) } ?? .nan }
    }

    /// Hashes a second, of late, as accepted shares of known difficulty tell; nil while there were too few.
    private(set) var hashrate: Double? {
      get { rate.isNaN ? nil : rate }
      set { rate = newValue ?? .nan }
    }

    /// - Parameter isWhole: the time that it is about was seen as a whole: otherwise it tells no pace.
    mutating func add(_ totals: ShareTotals, at now: Timestamp, isWhole: Bool) {
      if let age = totals.sinceLastJob { lastJob = now.advanced(byNanoseconds: -Int64(min(age, 1e9) * 1e9)) }
      if isWhole, totals.jobs > 2 { jobInterval = totals.seconds / Double(totals.jobs) }
      answered += Int(UInt32(clamping: totals.accepted &+ totals.rejected))
      refused += Int(UInt32(clamping: totals.rejected))
      guard isWhole, totals.acceptedOfUnknownDifficulty == 0, totals.accepted >= Self.sharesForRate, totals.seconds > 0
      else {
        return
      }
      hashrate = totals.acceptedDifficulty * 0x1p32 / totals.seconds
    }

    /// Fewer accepted shares tell no rate: ten are good to a third, which is 1/√10.
    private static var sharesForRate: UInt64 { 10 }
  }

  /// One of several accounts that a session works for.
  struct Part: Sendable {
    let account: SharedValues<String>.Number
    var work = ShareWork()
  }

  /// Where a session is, and for whom.
  struct Standing: Sendable {
    /// As ``Session/place``.
    let place: String
    /// Who is paid, where one account and no other was named.
    var account: String?
    /// When it went over to the block that it works on.
    let tookBlock: Timestamp
  }

  /// A session as rules see it.
  struct Session: Sendable {
    let flow: FlowFacts
    /// The policy's pool, or what the server is called where it is none of them.
    let place: String
    /// Nil before the first job.
    let work: MiningWork?
  }
}

extension Analysis {
  /// The pool that is mined for in a flow: the policy's name for it, or the server's.
  func place(of flow: FlowFacts) -> String {
    switch policy.pool(at: flow.server.address, port: flow.server.port, bindings) {
    case .endpoint(let pool, _): pool.name
    case .otherPort(let pool): pool.name
    case .none: name(of: flow.server.address) ?? flow.server.address.description
    }
  }
}
