import Capture

// What interrupts the work of a healthy site.

extension HealthySite {
  mutating func play(_ incident: Incident, at time: Timestamp) -> [Tape.TimedFrame] {
    switch incident {
    case .reconnect(let miner):
      for session in open[miner] {
        queue.push(.end(session: session, .finish), at: time)
        queue.push(.lookUp(miner: miner, sessions[session].place), at: time.advanced(by: .milliseconds(500)))
      }
    case .newBlock:
      height += 1
      for session in open.joined() {
        let delay = Int64.random(in: 0..<1_000_000_000, using: &generator)
        queue.push(.urgentJob(session: session), at: time.advanced(byNanoseconds: delay))
      }
    case .difficulty(let miner, let difficulty):
      self.difficulty[miner] = Double(difficulty) / Double(Self.firstDifficulty)
      return open[miner].flatMap {
        say(StratumLines.setDifficulty(difficulty), in: $0, fromClient: false, at: time)
          + tellJob($0, at: time.advanced(by: .milliseconds(1)))
      }
    case .outage(let duration):
      return open.indices.flatMap { losePool(miner: $0, at: time, for: duration) }
    case .pause(let miners, let length): pause(miners, true, within: length, at: time)
    case .resume(let miners, let length): pause(miners, false, within: length, at: time)
    case .slow(let miners, let part): for miner in miners { speed[miner] = part }
    case .reboot(let miner):
      for session in open[miner] { queue.push(.end(session: session, .none), at: time) }
      queue.push(.lookUp(miner: miner, Self.primary), at: time.advanced(by: .seconds(60)))
    }
    return []
  }

  private mutating func pause(_ miners: Range<Int>, _ isOn: Bool, within length: Duration, at time: Timestamp) {
    for miner in miners {
      let delay = Int64.random(in: 0...max(length.saturatedNanoseconds, 1), using: &generator)
      queue.push(.setPause(miner: miner, isOn), at: time.advanced(byNanoseconds: delay))
    }
  }

  /// The session is reset, two attempts to open another are not answered, and the miner goes to the backup pool.
  private mutating func losePool(miner: Int, at time: Timestamp, for duration: Duration) -> [Tape.TimedFrame] {
    for session in open[miner] { queue.push(.end(session: session, .reset), at: time) }
    var tape = Tape()
    for attempt in 1...2 {
      var conversation = Conversation(
        from: Self.miner(miner), clientPort: UInt16(truncatingIfNeeded: 61_000 + 100 * attempt + miner % 100),
        to: Self.primary.host, port: Self.primary.port, turns: [])
      conversation.start = .unanswered
      tape.append(conversation.tape(at: time.advanced(by: .seconds(5 * attempt))))
    }
    let patience = Int64.random(in: 12_000_000_000...90_000_000_000, using: &generator)
    queue.push(.lookUp(miner: miner, Self.backup), at: time.advanced(byNanoseconds: patience))
    queue.push(.lookUp(miner: miner, Self.primary), at: time.advanced(by: duration))
    // cgminer believes a pool that is back when it has been up for two minutes (cgminer cgminer.c, opt_pool_fallback).
    queue.push(.returnToPrimary(miner: miner), at: time.advanced(by: duration + .seconds(120)))
    return tape.frames
  }

  mutating func returnToPrimary(_ miner: Int, at time: Timestamp) -> [Tape.TimedFrame] {
    for session in open[miner] where sessions[session].place.host == Self.primary.host {
      sessions[session].works = true
    }
    return open[miner].filter { sessions[$0].place.host == Self.backup.host }.flatMap { end($0, .finish, at: time) }
  }
}
