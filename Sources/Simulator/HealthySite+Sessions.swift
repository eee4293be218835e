import Capture
import Decode

// What a miner and its pool say to each other.

extension HealthySite {
  mutating func lookUp(_ place: Place, by miner: Int, at time: Timestamp) -> [Tape.TimedFrame] {
    queue.push(.connect(miner: miner, place), at: time.advanced(by: .milliseconds(30)))
    var lookup = Lookup(place.name, by: Self.miner(miner), at: Self.resolver, gives: [place.host.address])
    lookup.id = UInt16(truncatingIfNeeded: generator.next())
    return lookup.tape(at: time).frames
  }

  mutating func connect(_ miner: Int, to place: Place, at time: Timestamp) -> [Tape.TimedFrame] {
    let job = currentJob(at: time)
    var session = Session(
      miner: miner, place: place, clientPort: UInt16(truncatingIfNeeded: 32_768 + (miner + sessions.count) % 28_000),
      clientNext: UInt32(truncatingIfNeeded: generator.next()),
      serverNext: UInt32(truncatingIfNeeded: generator.next()))
    var conversation = Conversation(
      from: Self.miner(miner), clientPort: session.clientPort, to: place.host, port: place.port,
      turns: [
        .client(StratumLines.configure()), .server(StratumLines.configured()),
        .client(StratumLines.subscribe()), .server(StratumLines.subscribed()),
        .client(StratumLines.authorize(user: Self.user(miner, account: plan.account))),
        .server(StratumLines.result(id: 3)),
        .server(StratumLines.setDifficulty(Int(difficulty[miner] * Double(Self.firstDifficulty)))), .server(job.line),
      ])
    conversation.clientSequence = session.clientNext
    conversation.serverSequence = session.serverNext
    session.clientNext &+= 1 &+ conversation.bytesSaid(byClient: true)
    session.serverNext &+= 1 &+ conversation.bytesSaid(byClient: false)
    session.job = job.name
    // Whoever has a session already keeps working there until this one has proved itself.
    session.works = open[miner].isEmpty
    open[miner].append(sessions.count)
    sessions.append(session)
    schedule(sessions.count - 1, after: time.advanced(by: .milliseconds(100)))
    return conversation.tape(at: time).frames
  }

  private mutating func schedule(_ session: Int, after settled: Timestamp) {
    queue.push(.submit(session: session), at: settled.advanced(byNanoseconds: shareGap(sessions[session].miner)))
    let interval = plan.jobInterval.saturatedNanoseconds
    let nextJob = Int64.random(in: interval / 30...max(interval, 1), using: &generator)
    queue.push(.job(session: session), at: settled.advanced(byNanoseconds: nextJob))
  }

  mutating func submit(_ session: Int, at time: Timestamp) -> [Tape.TimedFrame] {
    guard sessions[session].isOpen else { return [] }
    queue.push(
      .submit(session: session), at: time.advanced(byNanoseconds: max(shareGap(sessions[session].miner), 50_000_000)))
    guard sessions[session].works, !isPaused[sessions[session].miner] else { return [] }
    let id = sessions[session].nextID
    sessions[session].nextID += 1
    queue.push(.answer(session: session, id: id), at: time.advanced(by: .milliseconds(42)))
    let line = StratumLines.submit(
      id: id, user: Self.user(sessions[session].miner, account: plan.account), job: sessions[session].job,
      nonce: UInt32(truncatingIfNeeded: generator.next()))
    return say(line, in: session, fromClient: true, at: time)
  }

  mutating func tellJob(_ session: Int, at time: Timestamp, clean: Bool = false) -> [Tape.TimedFrame] {
    guard sessions[session].isOpen else { return [] }
    let job = currentJob(at: time, clean: clean)
    sessions[session].job = job.name
    return say(job.line, in: session, fromClient: false, at: time)
  }

  /// A line in segments of 1,448 bytes, each with its ACK.
  mutating func say(
    _ line: String, in session: Int, fromClient: Bool, at time: Timestamp
  ) -> [Tape.TimedFrame] {
    guard sessions[session].isOpen else { return [] }
    let bytes = Array(line.utf8) + [10]
    var frames: [Tape.TimedFrame] = []
    var rest = bytes[...]
    var time = time
    while !rest.isEmpty {
      let piece = rest.prefix(1_448)
      rest = rest.dropFirst(piece.count)
      frames.append(.init(time: time, bytes: segment(session, fromClient: fromClient, [.push, .acknowledge], piece)))
      if fromClient {
        sessions[session].clientNext &+= UInt32(piece.count)
      } else {
        sessions[session].serverNext &+= UInt32(piece.count)
      }
      time = time.advanced(byNanoseconds: 300_000)
      frames.append(.init(time: time, bytes: segment(session, fromClient: !fromClient, .acknowledge, [])))
    }
    return frames
  }

  /// - Parameter finish: `none` for an end that nobody speaks of.
  mutating func end(_ session: Int, _ finish: Conversation.Finish, at time: Timestamp) -> [Tape.TimedFrame] {
    guard sessions[session].isOpen else { return [] }
    defer {
      sessions[session].isOpen = false
      open[sessions[session].miner].removeAll { $0 == session }
    }
    switch finish {
    case .none: return []
    case .reset:
      return [.init(time: time, bytes: segment(session, fromClient: false, [.reset, .acknowledge], []))]
    case .finish:
      var frames: [Tape.TimedFrame] = []
      for fromClient in [true, false] {
        frames.append(
          .init(time: time, bytes: segment(session, fromClient: fromClient, [.finish, .acknowledge], [])))
        if fromClient { sessions[session].clientNext &+= 1 } else { sessions[session].serverNext &+= 1 }
      }
      frames.append(.init(time: time, bytes: segment(session, fromClient: true, .acknowledge, [])))
      return frames
    }
  }

  private func segment(
    _ index: Int, fromClient: Bool, _ flags: TCPFlags, _ payload: ArraySlice<UInt8>
  ) -> [UInt8] {
    let session = sessions[index]
    let (miner, place) = (Self.miner(session.miner), session.place)
    return fromClient
      ? FrameBytes.tcp(
        from: miner, port: session.clientPort, to: place.host, port: place.port, sequence: session.clientNext,
        acknowledgment: session.serverNext, flags: flags, payload: payload)
      : FrameBytes.tcp(
        from: place.host, port: place.port, to: miner, port: session.clientPort, sequence: session.serverNext,
        acknowledgment: session.clientNext, flags: flags, payload: payload)
  }
}

extension Conversation {
  /// Bytes of the lines of one side.
  fileprivate func bytesSaid(byClient: Bool) -> UInt32 {
    turns.reduce(0) { sum, turn in
      switch turn {
      case .client(let line) where byClient: sum &+ UInt32(line.utf8.count + 1)
      case .server(let line) where !byClient: sum &+ UInt32(line.utf8.count + 1)
      default: sum
      }
    }
  }
}
