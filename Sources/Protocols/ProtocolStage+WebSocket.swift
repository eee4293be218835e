import Capture
import Decode
import Flows

/// What stands inside WebSockets: Stratum, line by line as on a connection of its own, and identifiers of machines.
extension ProtocolStage {
  /// Reads what the frames held that were read last.
  mutating func readInside(_ flow: FlowIndex, _ decision: inout FlowDecision, _ flows: borrowing FlowTable) {
    guard decision.state.phase == .reading else { return }
    let number = Int(decision.state.session)
    guard var socket = readers.takeWebSocket(number) else { return }
    for piece in socket.takePieces() {
      switch piece {
      case .gap(let role):
        socket.inside[role] = []
        socket.inside.isBroken = true
        if let session = socket.inside.session { stratum.gap(session, from: role) }
      case .bytes(let role, let bytes): read(bytes, from: role, &socket, flow, &decision, flows)
      }
    }
    readers.putBack(socket, number)
  }

  private mutating func read(
    _ bytes: [UInt8], from role: Role, _ socket: inout WebSocketDissector, _ flow: FlowIndex,
    _ decision: inout FlowDecision, _ flows: borrowing FlowTable
  ) {
    if socket.inside.session == nil {
      let sender = role == .client ? decision.state.client : decision.state.client.other
      bytes.withRawSpan { scan($0, flow, sender, flows) }
      if socket.inside.isOver { return }
    }
    socket.inside[role] += bytes
    // A line that is not whole need not be looked at again and again.
    guard bytes.contains(0x0a) || socket.inside[role].count > Limits.stratumLine else { return }
    if socket.inside.session != nil { return readInnerLines(from: role, &socket.inside, atEnd: false) }
    switch socket.inside[role].withRawSpan({ StratumProbe.probe($0) }) {
    case .match: openInside(from: role, &socket, flow, &decision)
    case .needMore where socket.inside[role].count <= Limits.stratumLine: break
    case .needMore, .reject:
      socket.inside.unknown += socket.inside[role].count
      socket.inside[role] = []
    }
  }

  private mutating func openInside(
    from role: Role, _ socket: inout WebSocketDissector, _ flow: FlowIndex, _ decision: inout FlowDecision
  ) {
    // The upgrade told who is client, or the masks did.
    let isMidstream = socket.isJoined || socket.inside.isBroken || socket.inside.unknown > 0
    guard let session = stratum.open(midstream: isMidstream, rolesAreCertain: true, at: now) else {
      counters.stratumSessionsRefused += 1
      socket.inside.unknown = .max
      (socket.inside.client, socket.inside.server) = ([], [])
      return
    }
    flowOfSession[Int(session.rawValue)] = flow.rawValue
    usedSessions = max(usedSessions, Int(session.rawValue) + 1)
    socket.inside.session = session
    if socket.isJoined { said.append(.wrapped(Wrapper(.webSocket))) }
    decision.identify(.stratum)
    for role in [role.other, role] { readInnerLines(from: role, &socket.inside, atEnd: false) }
  }

  private mutating func readInnerLines(from role: Role, _ inside: inout WebSocketInside, atEnd: Bool) {
    guard let session = inside.session, !inside[role].isEmpty else { return }
    let result = inside[role].withRawSpan {
      stratum.receive($0, from: role, session, at: now, atEnd: atEnd, into: &events)
    }
    inside[role].removeFirst(min(result.consumed, inside[role].count))
  }

  /// The WebSocket is over, or cannot be read on: so is the session inside.
  mutating func endInside(_ number: Int, _ flow: FlowIndex, _ flows: borrowing FlowTable) {
    guard var socket = readers.takeWebSocket(number) else { return }
    if let session = socket.inside.session {
      for role in [Role.client, .server] { readInnerLines(from: role, &socket.inside, atEnd: true) }
      stratum.takeWork(of: session, flow: flows.id(of: flow), into: &work)
      stratum.end(session, at: now, into: &events)
      socket.inside.session = nil
    }
    readers.putBack(socket, number)
  }
}
