package import Capture
import Decode
import Glibc

/// A site at work, frame by frame: miners that log in, submit shares as a Poisson process and get a job every 30 seconds.
///
/// The rates are typical ones: a share each 10 s (btcpool StratumServer.cc) and a job each 30 s (ckpool ckpool.c),
/// which by our count are 0.4 packets a second a miner.
/// What interrupts them is in ``Plan/incidents``; what a site says beside mining is ``Household``.
package struct HealthySite: ~Copyable {
  package struct Plan: Sendable {
    package var miners = 100
    package var seed: UInt64 = 1
    package var start = Timestamp(seconds: 1_790_000_000)
    /// Mean time between two shares of one miner.
    package var shareInterval = Duration.seconds(10)
    package var jobInterval = Duration.seconds(30)
    /// All miners have connected after this.
    package var rampUp = Duration.seconds(20)
    package var account = "acme"
    package var branches = 12
    /// What happens besides, and how long after the start.
    package var incidents: [(after: Duration, what: Incident)] = []
    /// How long it goes on; nil for ever.
    package var length: Duration?

    package init() {}
  }

  /// What no day at a mine goes without.
  package enum Incident: Sendable {
    /// The pool ends a miner's session, and the miner logs in again at once.
    case reconnect(miner: Int)
    /// Somebody found a block: within a second every session gets a job on top of it.
    case newBlock
    /// The pool sets a miner another difficulty.
    case difficulty(miner: Int, Int)
    /// The first pool is gone for a while: miners go to the backup, and come back when the pool has been up for two minutes.
    case outage(Duration)
    /// Miners stop to hash within so long, and keep their sessions: somebody told them to.
    case pause(miners: Range<Int>, within: Duration)
    /// They hash again.
    case resume(miners: Range<Int>, within: Duration)
    /// Miners go on with a part of their hashrate.
    case slow(miners: Range<Int>, to: Double)
    /// A miner is silent for a minute, without a goodbye, and logs in anew.
    case reboot(miner: Int)
  }

  /// A pool's endpoint.
  package struct Place: Sendable {
    package let name: String
    package let host: Host
    package let port: UInt16
  }

  package static let resolver = Host("10.1.0.1")
  package static let pool = Host("203.0.113.10")
  package static let port: UInt16 = 3333
  static let primary = Place(name: "stratum.example-pool.com", host: pool, port: port)
  static let backup = Place(name: "stratum.backup-pool.example", host: Host("192.0.2.140"), port: port)

  enum Event {
    case lookUp(miner: Int, Place)
    case connect(miner: Int, Place)
    case submit(session: Int)
    case answer(session: Int, id: Int)
    /// The pool's regular job.
    case job(session: Int)
    /// A job on top of a new block.
    case urgentJob(session: Int)
    case incident(Incident)
    case setPause(miner: Int, Bool)
    case end(session: Int, Conversation.Finish)
    case returnToPrimary(miner: Int)
    case frame([UInt8])
  }

  struct Session {
    let miner: Int
    let place: Place
    let clientPort: UInt16
    var clientNext: UInt32
    var serverNext: UInt32
    var nextID = 4
    /// The latest job that the miner was told here.
    var job = ""
    /// Whether shares go here; the miner keeps another session warm meanwhile.
    var works = true
    var isOpen = true
  }

  let plan: Plan
  var sessions: [Session] = []
  /// By miner: its sessions that are open.
  var open: [[Int]]
  /// By miner: whether it was told to stop, and its part of the usual hashrate.
  var isPaused: [Bool]
  var speed: [Double]
  /// By miner: what its shares are worth, and so how long they take, in first difficulties.
  var difficulty: [Double]
  static let firstDifficulty = 233_000
  var queue = EventQueue<Event>()
  var generator: SplitMix64
  /// How many blocks were found since the start.
  var height = 0
  private var jobs: [String: String] = [:]
  private static let firstJob = 0x65e1

  package init(_ plan: Plan) {
    self.plan = plan
    generator = SplitMix64(seed: plan.seed)
    open = Array(repeating: [], count: plan.miners)
    isPaused = Array(repeating: false, count: plan.miners)
    speed = Array(repeating: 1, count: plan.miners)
    difficulty = Array(repeating: 1, count: plan.miners)
    for index in 0..<plan.miners {
      let delay = Int64.random(in: 0...max(plan.rampUp.saturatedNanoseconds, 1), using: &generator)
      queue.push(.lookUp(miner: index, Self.primary), at: plan.start.advanced(byNanoseconds: delay))
    }
    for incident in plan.incidents { queue.push(.incident(incident.what), at: plan.start.advanced(by: incident.after)) }
  }

  /// The host of miner `index`: 10.20.0.2 and on.
  package static func miner(_ index: Int) -> Host {
    Host(IPAddress(v4: 0x0a14_0002 &+ UInt32(truncatingIfNeeded: index)))
  }

  package static func user(_ index: Int, account: String = "acme") -> String {
    "\(account).r\(index / 40)u\(index % 40)"
  }

  /// Emits frames in time order until `emit` answers false.
  package mutating func run(_ emit: ([UInt8], Timestamp) throws -> Bool) rethrows {
    let end = plan.length.map(plan.start.advanced(by:)) ?? Timestamp(nanoseconds: .max)
    while let (time, event) = queue.pop(), time <= end {
      if case .frame(let bytes) = event {
        guard try emit(bytes, time) else { return }
        continue
      }
      for frame in frames(for: event, at: time) { queue.push(.frame(frame.bytes), at: frame.time) }
    }
  }

  /// Emits frames in time order up to `end`.
  package mutating func tape(until end: Timestamp) -> Tape {
    var tape = Tape()
    run { bytes, time in
      guard time < end else { return false }
      tape.append(bytes, at: time)
      return true
    }
    return tape
  }

  private mutating func frames(for event: Event, at time: Timestamp) -> [Tape.TimedFrame] {
    switch event {
    case .lookUp(let miner, let place): return lookUp(place, by: miner, at: time)
    case .connect(let miner, let place): return connect(miner, to: place, at: time)
    case .submit(let session): return submit(session, at: time)
    case .answer(let session, let id):
      return say(StratumLines.result(id: id), in: session, fromClient: false, at: time)
    case .job(let session):
      guard sessions[session].isOpen else { return [] }
      queue.push(.job(session: session), at: time.advanced(by: plan.jobInterval))
      return tellJob(session, at: time)
    case .urgentJob(let session): return tellJob(session, at: time, clean: true)
    case .incident(let incident): return play(incident, at: time)
    case .setPause(let miner, let isOn):
      isPaused[miner] = isOn
      return []
    case .end(let session, let finish): return end(session, finish, at: time)
    case .returnToPrimary(let miner): return returnToPrimary(miner, at: time)
    case .frame(let bytes): return [Tape.TimedFrame(time: time, bytes: bytes)]
    }
  }

  // MARK: Work

  /// The pools' job at a time: a new one every job interval, and for every block. All pools work on the same chain.
  mutating func currentJob(at time: Timestamp, clean: Bool = false) -> (name: String, line: String) {
    let interval = max(plan.jobInterval.saturatedNanoseconds, 1)
    let number = Int(max(time.nanoseconds(since: plan.start), 0) / interval)
    let name = String(Self.firstJob + number + height << 20, radix: 16)
    let key = clean ? name + "!" : name
    if let line = jobs[key] { return (name, line) }
    let line = StratumLines.notify(
      job: name, branches: plan.branches, clean: clean || number % 20 == 0, previous: StratumLines.previous(height))
    jobs[key] = line
    return (name, line)
  }

  /// An exponential gap (the time to the next event of a Poisson process), in nanoseconds, cut at 20 means.
  mutating func shareGap(_ miner: Int) -> Int64 {
    let uniform = Double.random(in: 1e-9..<1, using: &generator)
    let mean = Double(plan.shareInterval.saturatedNanoseconds) * difficulty[miner] / speed[miner]
    return Int64(min(-mean * log(uniform), 20 * mean))
  }
}
