import Capture
import Glibc

/// A fleet as its shares show it, without packets: what a month of a thousand miners does, in a minute.
///
/// Shares are a Poisson process at the pace of hashrate over difficulty. What interrupts them is what interrupts a real
/// site: pools that mend difficulties, new blocks, sessions that are opened anew, reboots, and pools that are gone
/// for a while.
package struct FleetModel {
  package struct Plan: Sendable {
    package var miners = 1_000
    package var seed: UInt64 = 1
    /// Seconds between two shares of a miner, on average.
    package var interval = 10.0
    /// How often each happens: to a miner, and the last two to the site, in seconds on average; 0 for never.
    package var difficultyEvery = 6 * 3_600.0
    package var reconnectEvery = 86_400.0
    package var rebootEvery = 3 * 86_400.0
    package var blockEvery = 600.0
    package var failoverEvery = 3 * 86_400.0

    package init() {}
  }

  /// What the tap sees of a miner beside shares.
  package enum Sign: Sendable {
    case finished, reset, seeking, booted, alive
  }

  package enum Saying: Sendable {
    /// So many since the last step, the latest at `last`, in whole seconds.
    case shares(Int, last: Int, difficulty: Double)
    case sign(Sign, at: Int)
  }

  private struct Miner: Sendable {
    /// Of the fleet's usual rate.
    var hashrate: Double
    var difficulty = 1.0
    /// When the next share is found; infinity while it is off.
    var next: Double
    /// Told to stop: whatever happens, it does not start by itself.
    var isStopped = false
  }

  private enum Event: Sendable {
    case changeDifficulty(Int), reconnect(Int), reboot(Int), block, failover
    case resume(Int), stop(Int), start(Int)
    case sign(Int, Sign)
  }

  package let plan: Plan
  /// Seconds since the start.
  package private(set) var now = 0.0
  private var miners: [Miner]
  private var events = EventQueue<Event>()
  private var generator: SplitMix64

  package init(_ plan: Plan) {
    self.plan = plan
    var generator = SplitMix64(seed: plan.seed)
    miners = (0..<plan.miners).map { _ in
      Miner(hashrate: Double.random(in: 0.8...1.2, using: &generator), next: .infinity)
    }
    self.generator = generator
    for index in miners.indices {
      push(.resume(index), at: uniform(0...20))
      again(.changeDifficulty(index), every: plan.difficultyEvery, from: 0)
      again(.reconnect(index), every: plan.reconnectEvery, from: 0)
      again(.reboot(index), every: plan.rebootEvery, from: 0)
    }
    again(.block, every: plan.blockEvery, from: 0)
    again(.failover, every: plan.failoverEvery, from: 0)
  }

  // MARK: What is done to it

  /// Some miners stop at times spread evenly over `seconds`, without a word to the pool.
  package mutating func stop(_ some: some Sequence<Int>, over seconds: Double) {
    for index in some { push(.stop(index), at: now + uniform(0...max(seconds, 1e-3))) }
  }

  package mutating func start(_ some: some Sequence<Int>, over seconds: Double) {
    for index in some { push(.start(index), at: now + uniform(0...max(seconds, 1e-3))) }
  }

  /// Some miners go on with a part of their hashrate.
  package mutating func slow(_ some: some Sequence<Int>, to factor: Double) {
    for index in some {
      miners[index].hashrate *= factor
      if miners[index].next.isFinite { miners[index].next = now + gap(index) }
    }
  }

  // MARK: Time

  /// Lets time pass, and says what the tap has seen: signs as they come, then the shares of all.
  package mutating func step(to time: Double, _ say: (_ miner: Int, _ saying: Saying) -> Void) {
    // What happens cuts the time into pieces in which nothing does.
    while let (at, event) = events.pop(before: Self.stamp(time)) {
      let at = Double(at.nanoseconds) / 1e9
      happen(event, at: at, say)
    }
    for index in miners.indices where miners[index].next < time {
      var (count, last) = (0, 0.0)
      while miners[index].next < time {
        count += 1
        last = miners[index].next
        miners[index].next += gap(index)
      }
      say(index, .shares(count, last: Int(last), difficulty: miners[index].difficulty))
    }
    now = time
  }

  private mutating func happen(_ event: Event, at time: Double, _ say: (Int, Saying) -> Void) {
    switch event {
    case .changeDifficulty(let index):
      // Pools double or halve, or follow the miner more closely.
      let factors = [0.5, 2, uniform(0.7...1.4)]
      let factor = factors[Int.random(in: 0..<3, using: &generator)]
      let new = miners[index].difficulty * factor
      if (0.25...4).contains(new / miners[index].hashrate) {
        miners[index].difficulty = new
        if miners[index].next.isFinite && miners[index].next >= time { redraw(index, at: time) }
      }
      again(event, every: plan.difficultyEvery, from: time)
    case .reconnect(let index):
      if pause(index, for: uniform(1...30), at: time) {
        say(index, .sign(.finished, at: Int(time)))
        push(.sign(index, .seeking), at: time + 1)
      }
      again(event, every: plan.reconnectEvery, from: time)
    case .reboot(let index):
      let length = uniform(40...115)
      if pause(index, for: length, at: time) { push(.sign(index, .booted), at: time + length - 20) }
      again(event, every: plan.rebootEvery, from: time)
    case .block:
      // Work on the old block is lost, for a second at the most.
      for index in miners.indices where miners[index].next.isFinite && miners[index].next >= time {
        redraw(index, at: time + uniform(0...1))
      }
      again(event, every: plan.blockEvery, from: time)
    case .failover:
      for index in miners.indices {
        guard pause(index, for: uniform(12...90), at: time) else { continue }
        say(index, .sign(.reset, at: Int(time)))
        push(.sign(index, .seeking), at: time + 10)
      }
      again(event, every: plan.failoverEvery, from: time)
    case .resume(let index):
      if !miners[index].isStopped { redraw(index, at: time) }
    case .stop(let index):
      miners[index].isStopped = true
      miners[index].next = .infinity
    case .start(let index):
      miners[index].isStopped = false
      redraw(index, at: time)
    case .sign(let index, let sign):
      if !miners[index].isStopped { say(index, .sign(sign, at: Int(time))) }
    }
  }

  // MARK: Draws

  private mutating func pause(_ index: Int, for seconds: Double, at time: Double) -> Bool {
    guard miners[index].next.isFinite else { return false }
    miners[index].next = .infinity
    push(.resume(index), at: time + seconds)
    return true
  }

  /// A Poisson process has no memory: the next share may be drawn anew at any time.
  private mutating func redraw(_ index: Int, at time: Double) {
    miners[index].next = time + gap(index)
  }

  private mutating func gap(_ index: Int) -> Double {
    -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)) * plan.interval
      * miners[index].difficulty / miners[index].hashrate
  }

  private mutating func again(_ event: Event, every mean: Double, from time: Double) {
    guard mean > 0 else { return }
    push(event, at: time - log(Double.random(in: 1e-9..<1, using: &generator)) * mean)
  }

  private mutating func push(_ event: Event, at time: Double) {
    events.push(event, at: Self.stamp(time))
  }

  private static func stamp(_ seconds: Double) -> Timestamp { Timestamp(nanoseconds: Int64(seconds * 1e9)) }

  private mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &generator)
  }
}
