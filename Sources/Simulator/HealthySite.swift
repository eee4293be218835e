package import Capture
import Decode
import Glibc

/// A site at work, frame by frame: miners that log in, submit shares as a Poisson process and get a job every 30 seconds.
///
/// The rates are those of domain.md §6.1's typical row: a share each 10 s, a job each 30 s, 0.4 packets a second a miner.
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
    package var poolName = "stratum.example-pool.com"
    package var account = "acme"
    package var branches = 12

    package init() {}
  }

  package static let resolver = Host("10.1.0.1")
  package static let pool = Host("203.0.113.10")
  package static let port: UInt16 = 3333

  private enum Event {
    case lookUp(Int)
    case connect(Int)
    case submit(Int)
    case answer(Int, id: Int)
    case job(Int)
    case frame([UInt8])
  }

  private struct Miner {
    let host: Host
    let clientPort: UInt16
    let user: String
    var clientNext: UInt32
    var serverNext: UInt32
    var nextID = 4
  }

  private let plan: Plan
  private var miners: [Miner]
  private var queue = EventQueue<Event>()
  private var generator: SplitMix64
  private var jobs: [String]
  private var jobNumber = 0x65e1

  package init(_ plan: Plan) {
    self.plan = plan
    generator = SplitMix64(seed: plan.seed)
    jobs = []
    miners = []
    for index in 0..<plan.miners {
      miners.append(
        Miner(
          host: Self.miner(index), clientPort: UInt16(truncatingIfNeeded: 32_768 + index % 28_000),
          user: "\(plan.account).r\(index / 40)u\(index % 40)",
          clientNext: UInt32(truncatingIfNeeded: generator.next()),
          serverNext: UInt32(truncatingIfNeeded: generator.next())))
      let delay = Int64.random(in: 0...max(plan.rampUp.saturatedNanoseconds, 1), using: &generator)
      queue.push(.lookUp(index), at: plan.start.advanced(byNanoseconds: delay))
    }
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
    while let (time, event) = queue.pop() {
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

  // MARK: Events

  private mutating func frames(for event: Event, at time: Timestamp) -> [Tape.TimedFrame] {
    switch event {
    case .lookUp(let index):
      queue.push(.connect(index), at: time.advanced(by: .milliseconds(30)))
      var lookup = Lookup(
        plan.poolName, by: miners[index].host, at: Self.resolver, gives: [Self.pool.address])
      lookup.id = UInt16(truncatingIfNeeded: generator.next())
      return lookup.tape(at: time).frames
    case .connect(let index):
      return connect(index, at: time)
    case .submit(let index):
      return submit(index, at: time)
    case .answer(let index, let id):
      return say(StratumLines.result(id: id), index, fromClient: false, at: time)
    case .job(let index):
      queue.push(.job(index), at: time.advanced(by: plan.jobInterval))
      return say(currentJob(at: time).line, index, fromClient: false, at: time)
    case .frame(let bytes):
      return [Tape.TimedFrame(time: time, bytes: bytes)]
    }
  }

  private mutating func connect(_ index: Int, at time: Timestamp) -> [Tape.TimedFrame] {
    let miner = miners[index]
    var conversation = Conversation(
      from: miner.host, clientPort: miner.clientPort, to: Self.pool, port: Self.port,
      turns: [
        .client(StratumLines.configure()), .server(StratumLines.configured()),
        .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
        .client(StratumLines.authorize(user: miner.user)), .server(StratumLines.result(id: 3)),
        .server(StratumLines.setDifficulty(233_000)), .server(currentJob(at: time).line),
      ])
    conversation.clientSequence = miner.clientNext
    conversation.serverSequence = miner.serverNext
    let frames = conversation.tape(at: time).frames
    let sent = { (turn: Conversation.Turn, isClient: Bool) -> UInt32 in
      switch turn {
      case .client(let line) where isClient: UInt32(line.utf8.count + 1)
      case .server(let line) where !isClient: UInt32(line.utf8.count + 1)
      default: 0
      }
    }
    miners[index].clientNext &+= conversation.turns.reduce(1) { $0 &+ sent($1, true) }
    miners[index].serverNext &+= conversation.turns.reduce(1) { $0 &+ sent($1, false) }
    let settled = time.advanced(by: .milliseconds(100))
    queue.push(.submit(index), at: settled.advanced(byNanoseconds: shareGap()))
    let interval = plan.jobInterval.saturatedNanoseconds
    let nextJob = Int64.random(in: interval / 30...max(interval, 1), using: &generator)
    queue.push(.job(index), at: settled.advanced(byNanoseconds: nextJob))
    return frames
  }

  private mutating func submit(_ index: Int, at time: Timestamp) -> [Tape.TimedFrame] {
    let id = miners[index].nextID
    miners[index].nextID += 1
    queue.push(.answer(index, id: id), at: time.advanced(by: .milliseconds(42)))
    queue.push(.submit(index), at: time.advanced(byNanoseconds: max(shareGap(), 50_000_000)))
    let line = StratumLines.submit(
      id: id, user: miners[index].user, job: currentJob(at: time).name,
      nonce: UInt32(truncatingIfNeeded: generator.next()))
    return say(line, index, fromClient: true, at: time)
  }

  /// A line in segments of 1,448 bytes, each with its ACK.
  private mutating func say(_ line: String, _ index: Int, fromClient: Bool, at time: Timestamp) -> [Tape.TimedFrame] {
    let bytes = Array(line.utf8) + [10]
    var frames: [Tape.TimedFrame] = []
    var rest = bytes[...]
    var time = time
    while !rest.isEmpty {
      let piece = rest.prefix(1_448)
      rest = rest.dropFirst(piece.count)
      frames.append(.init(time: time, bytes: segment(index, fromClient: fromClient, [.push, .acknowledge], piece)))
      if fromClient {
        miners[index].clientNext &+= UInt32(piece.count)
      } else {
        miners[index].serverNext &+= UInt32(piece.count)
      }
      time = time.advanced(byNanoseconds: 300_000)
      frames.append(.init(time: time, bytes: segment(index, fromClient: !fromClient, .acknowledge, [])))
    }
    return frames
  }

  private func segment(_ index: Int, fromClient: Bool, _ flags: TCPFlags, _ payload: ArraySlice<UInt8>) -> [UInt8] {
    let miner = miners[index]
    return fromClient
      ? FrameBytes.tcp(
        from: miner.host, port: miner.clientPort, to: Self.pool, port: Self.port, sequence: miner.clientNext,
        acknowledgment: miner.serverNext, flags: flags, payload: payload)
      : FrameBytes.tcp(
        from: Self.pool, port: Self.port, to: miner.host, port: miner.clientPort, sequence: miner.serverNext,
        acknowledgment: miner.clientNext, flags: flags, payload: payload)
  }

  /// The pool's job at a time: a new one every job interval.
  private mutating func currentJob(at time: Timestamp) -> (name: String, line: String) {
    let interval = max(plan.jobInterval.saturatedNanoseconds, 1)
    let number = Int(max(time.nanoseconds(since: plan.start), 0) / interval)
    while jobs.count <= number {
      let name = String(jobNumber + jobs.count, radix: 16)
      jobs.append(StratumLines.notify(job: name, branches: plan.branches, clean: jobs.count % 20 == 0))
    }
    return (String(jobNumber + number, radix: 16), jobs[number])
  }

  /// An exponential gap (the time to the next event of a Poisson process), in nanoseconds, cut at 20 means.
  private mutating func shareGap() -> Int64 {
    let uniform = Double.random(in: 1e-9..<1, using: &generator)
    let mean = Double(plan.shareInterval.saturatedNanoseconds)
    return Int64(min(-mean * log(uniform), 20 * mean))
  }
}
