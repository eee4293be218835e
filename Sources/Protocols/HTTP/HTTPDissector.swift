import Capture
import Decode

/// HTTP/1.x (RFC 9112) in both directions: pairs responses with requests, says what both mean, and hands over where the
/// connection becomes something else.
struct HTTPDissector: StreamDissector {
  /// A request that takes longer than this is no reason to keep silent about what the connection is for.
  private static let patience = Duration.seconds(10)

  private var client = HTTPReader(keeping: Limits.httpRequestBody)
  private var server = HTTPReader(keeping: Limits.httpBody)
  private var open = HTTPPipeline()
  /// Requests read so far.
  private var requests: UInt32 = 0
  private var use: HTTPUse?
  private var firstByte: Timestamp?

  mutating func consume(
    _ bytes: RawSpan, from sender: Role, at time: Timestamp, into said: inout [Observation.Content]
  ) -> DissectorProgress {
    let known = use
    var progress = sender == .client ? readRequests(bytes, &said) : readResponses(bytes, &said)
    let begin = firstByte ?? time
    firstByte = begin
    if use == nil, time > begin.advanced(by: Self.patience) { introduce(.web, &said) }
    if use != known, case .mining? = use { progress.identity = .getwork }
    return progress
  }

  mutating func lose(from sender: Role) -> Bool {
    // What comes next mostly starts a segment, and so a message.
    if sender == .client { client.seek(inLine: false) } else { server.seek(inLine: false) }
    open.forget()
    return true
  }

  mutating func finish(at time: Timestamp, into said: inout [Observation.Content]) {
    if client.hasHead { tellRequest(&said) }
    if server.hasHead { tellResponse(&said) }
    if use == nil { introduce(.web, &said) }
  }

  /// Says what the connection is for; a later request may still turn out to mine, or to mine for another user.
  private mutating func introduce(_ what: HTTPUse, _ said: inout [Observation.Content]) {
    use = what
    said.append(.http(.introduced(what)))
  }
}

// MARK: - Requests

extension HTTPDissector {
  private mutating func readRequests(_ bytes: RawSpan, _ said: inout [Observation.Content]) -> DissectorProgress {
    var position = 0
    while position < bytes.byteCount {
      switch client.step(bytes, from: position) {
      case .wait: return DissectorProgress(consumed: position)
      case .read(let next):
        position = next
        if client.body.isFull { tellRequest(&said) }
        if client.hasPassedMilestone() { tellTransfer(.client, &said) }
      case .head(let next):
        position = next
        beginRequest(&said)
      case .end(let next):
        position = next
        tellRequest(&said)
        client.clear()
      case .foreign:
        // Behind CONNECT or Upgrade the client may go on before it is answered.
        if open.mayChange { return DissectorProgress(consumed: position) }
        // Not where nothing was read: what follows would be taken for HTTP again.
        if requests > 0 { return DissectorProgress(consumed: position, next: .handOver) }
        client.seek()
      }
    }
    return DissectorProgress(consumed: position)
  }

  /// The head is whole: how long the body is (RFC 9112 §6.3).
  private mutating func beginRequest(_ said: inout [Observation.Content]) {
    let head = client.head
    var entry = HTTPPipeline.Entry(request: client.request, number: requests)
    requests &+= 1
    if head.method == "CONNECT" { entry.tunnel = head.target }
    entry.upgrade = head.wantsUpgrade
    open.append(entry)
    if use == nil, head.method != "POST", !head.saysMining {
      introduce(entry.tunnel == nil && entry.upgrade == nil ? .web : .passage, &said)
    }

    switch (head.hasTransferCoding, head.length) {
    case (true, _): client.beginChunks()
    case (false, .bytes(1...)): client.beginBody()
    case (false, .unsaid), (false, .bytes): client.state = .startLine
    case (false, .contradictory): client.state = .seeking(inLine: false)
    }
    if client.state == .startLine || client.state == .seeking(inLine: false) {
      tellRequest(&said)
      client.clear()
    }
  }

  private mutating func tellRequest(_ said: inout [Observation.Content]) {
    guard !client.isTold else { return }
    client.isTold = true
    let request = HTTPRequest(client.head, client.body)
    said.append(.http(.request(request)))
    said.append(.request(APIRequest(request, number: requests &- 1)))
    if let mining = request.mining {
      if case .mining(let known)? = use, mining.user == nil || mining.user == known.user { return }
      introduce(.mining(mining), &said)
    } else if use == nil {
      introduce(.web, &said)
    }
  }
}

// MARK: - Responses

extension HTTPDissector {
  private mutating func readResponses(_ bytes: RawSpan, _ said: inout [Observation.Content]) -> DissectorProgress {
    var position = 0
    while position < bytes.byteCount {
      switch server.step(bytes, from: position) {
      case .wait: return DissectorProgress(consumed: position)
      case .read(let next):
        position = next
        if server.body.isFull { tellResponse(&said) }
        if server.hasPassedMilestone() { tellTransfer(.server, &said) }
      case .head(let next):
        position = next
        if let change = beginResponse(&said) {
          let isWebSocket = change?.kind == .webSocket
          if let change { said.append(.wrapped(change)) }
          return DissectorProgress(
            consumed: position, next: .handOver, identity: isWebSocket ? .webSocket : nil)
        }
      case .end(let next):
        position = next
        tellResponse(&said)
        server.clear()
      case .foreign:
        // A pool that is asked by HTTP answers with a line of JSON.
        server.seek()
      }
    }
    return DissectorProgress(consumed: position)
  }

  /// The head is whole: which request it answers, and how long the body is (RFC 9112 §6.3).
  ///
  /// - Returns: that what follows on the connection is another protocol, and what wraps it, where that is known.
  private mutating func beginResponse(_ said: inout [Observation.Content]) -> Wrapper?? {
    let status = server.head.status
    if (100..<200).contains(status), status != 101 {
      server.clear()
      server.state = .startLine
      return nil
    }
    let entry = open.next()
    server.answered = entry?.request
    server.answeredNumber = entry?.number
    if open.isEmpty, status >= 300 { client.mayLeaveBodyOut() }

    if status == 101 || (200..<300).contains(status) && entry?.tunnel != nil {
      tellResponse(&said)
      return .some(Wrapper(entry, status: status, server.head))
    }
    let head = server.head
    switch (head.hasTransferCoding, head.length) {
    case _ where status == 204 || status == 304 || entry?.isHead == true: server.state = .startLine
    case (true, _): server.beginChunks()
    case (false, .bytes(0)): server.state = .startLine
    case (false, .bytes): server.beginBody()
    case (false, .unsaid): server.state = .untilClose
    case (false, .contradictory): server.state = .seeking(inLine: false)
    }
    if server.state == .startLine || server.state == .seeking(inLine: false) {
      tellResponse(&said)
      server.clear()
    }
    return nil
  }

  private mutating func tellResponse(_ said: inout [Observation.Content]) {
    guard !server.isTold else { return }
    server.isTold = true
    said.append(.http(.response(HTTPResponse(server.head, server.body, to: server.answered))))
    if let number = server.answeredNumber {
      said.append(.requestAnswered(APIAnswer(number: number, outcome: .init(httpStatus: server.head.status))))
    }
    // Behind it, so that the answer is not taken for what became of them.
    let isAmbiguous = server.head.anomalies.contains(where: \.isAmbiguous)
    for var command in AgentCommands.read(server.body.start, to: server.answered, number: server.answeredNumber ?? 0) {
      command.isAmbiguous = isAmbiguous
      said.append(.request(command))
    }
  }

  private func tellTransfer(_ sender: Role, _ said: inout [Observation.Content]) {
    let bytes = sender == .client ? client.body.byteCount : server.body.byteCount
    let request = sender == .client ? client.request : server.answered
    said.append(.http(.transfer(HTTPTransfer(sender: sender, bytes: bytes, request: request))))
  }
}

extension Wrapper {
  /// What a connection turned into when a request was granted.
  fileprivate init?(_ entry: HTTPPipeline.Entry?, status: Int, _ head: HTTPHead) {
    if let tunnel = entry?.tunnel {
      self.init(.httpConnect, at: tunnel)
    } else if status == 101, (head.upgrade ?? entry?.upgrade) == "websocket" {
      self.init(.webSocket, at: entry?.request.host)
      isCompressed = head.compressesMessages
    } else {
      return nil
    }
  }

  /// - Parameter authority: `host:port`. The port is behind the last colon; an IPv6 address stands in brackets
  ///   (RFC 9110 §7.2, §9.3.6).
  private init(_ kind: Kind, at authority: String?) {
    guard let authority else {
      self.init(kind)
      return
    }
    let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
    let colon = authority[bracket...].lastIndex(of: ":")
    let host = authority[..<(colon ?? authority.endIndex)].filter { $0 != "[" && $0 != "]" }
    self.init(kind, host: String(host), port: colon.flatMap { UInt16(authority[authority.index(after: $0)...]) })
  }
}
