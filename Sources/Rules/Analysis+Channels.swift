import Capture
import Decode
import Policy
import Protocols

// MARK: - Names

extension Analysis {
  /// Whether it was told of late that a miner's names below a domain are a tunnel.
  func isTunnelTold(below domain: Substring, by flow: FlowFacts, at time: Timestamp) -> Bool {
    nameTraffic.isTold(
      flow.client.address, String(domain), at: time, window: duration(.nameWindow, of: .dnsTunnel))
  }

  mutating func tunnelled(_ message: DNSMessage, _ flow: FlowFacts, at time: Timestamp) -> Judgement? {
    let name = message.question
    let domain = NameShape.domain(of: name)
    let window = duration(.nameWindow, of: .dnsTunnel)
    let isBulky = message.isResponse && [DNSMessage.typeNULL, DNSMessage.typeTXT].contains(message.questionType)
    let isOdd = ReverseName(name) == nil && NameShape.isOdd(name, below: domain)
    guard isBulky || (!message.isResponse && (isOdd || !policy.explains(name: name))) else { return nil }
    let sums = nameTraffic.note(flow.client.address, String(domain), at: time, window: window) { sums in
      if isBulky {
        sums.bulk &+= UInt64(message.byteCount)
      } else {
        sums.ask(name, isOdd: isOdd)
      }
    }
    guard let sums,
      sums.oddNames >= Int(clamping: count(.oddNames, of: .dnsTunnel))
        || sums.names >= Int(clamping: count(.names, of: .dnsTunnel)) || sums.bulk >= count(.bulk, of: .dnsTunnel)
    else { return nil }
    nameTraffic.tell(flow.client.address, String(domain))
    let span = seconds(time.seconds(since: sums.since))
    let what =
      "\(counted(UInt64(sums.names), "name")) (\(sums.oddNames) long or random), "
      + "\(counted(sums.bulk, "byte")) of TXT and NULL in \(span)"
    return Judgement(
      "\(what) below \(quoted(String(domain)))",
      message: "The miner asked \(flow.server.address) for \(counted(UInt64(sums.names), "different name")) below "
        + "\(quoted(String(domain))) in \(span), \(sums.oddNames) of them long or random, and got "
        + "\(counted(sums.bulk, "byte")) of TXT and NULL answers. The longest: \(quoted(sums.example)).",
      subject: String(domain), fromServer: message.isResponse, destinationName: String(domain), section: "dns",
      facts: [
        ("domain", .text(String(domain))), ("names", .count(UInt64(sums.names))),
        ("odd_names", .count(UInt64(sums.oddNames))), ("queries", .count(sums.queries)), ("bytes", .count(sums.bulk)),
        ("example", .text(sums.example)),
      ])
  }
}

// MARK: - Time

extension Analysis {
  /// A flow to a time server's port that carries something else.
  ///
  /// Where the destination is a finding of its own, that one says it.
  func foreignToNTP(_ flow: FlowFacts, _ identity: AppProtocol) -> Judgement? {
    guard isMiner(flow.client.address), flow.ipProtocol == IPProtocol.udp, flow.server.port == 123,
      identity != .ntp, identity != .silent, !verdict.isComplaint
    else { return nil }
    return time(
      "\(spoken(identity)) on the port of NTP", "sent \(spoken(identity)) to the port of NTP at", flow, "foreign")
  }

  func oddPacket(_ packet: NTPPacket, _ flow: FlowFacts) -> Judgement? {
    let isMiners = isMiner(flow.client.address)
    guard isMiners || isMiner(flow.server.address) else { return nil }
    let limit = count(.ntpSize, of: .ntpAbuse)
    switch (packet.layout, packet.mode) {
    case (.foreign, _):
      return time(
        "\(packet.byteCount) bytes that are no NTP", "exchanged \(packet.byteCount) bytes that are no NTP with", flow,
        "foreign", packet)
    case (.malformed, _):
      return time(
        "\(packet.byteCount) bytes that no NTP packet ends with",
        "exchanged a packet of \(packet.byteCount) bytes, which are no time message with extension fields, with", flow,
        "malformed", packet)
    case _ where UInt64(clamping: packet.byteCount) > limit:
      return time(
        "a packet of \(packet.byteCount) bytes", "exchanged an NTP packet of \(packet.byteCount) bytes with", flow,
        "size",
        packet)
    // A manager may ask a miner's clock how it is.
    case (_, 6), (_, 7):
      guard isMiners || !isManager(flow.client.address) else { return nil }
      let kind = packet.mode == 6 ? "a control message" : "a private message"
      return time(
        "\(kind) (mode \(packet.mode))", "exchanged \(kind) of NTP (mode \(packet.mode)) with", flow, "mode", packet)
    default: return nil
    }
  }

  func wrongTime(_ packet: NTPPacket, _ flow: FlowFacts, at time: Timestamp) -> Judgement? {
    guard packet.servesTime, isMiner(flow.client.address) || packet.mode == 5 else { return nil }
    let offset = packet.offset(at: time)
    guard Double(offset.magnitude) >= Double(duration(.ntpOffset, of: .ntpAbuse).components.seconds) else { return nil }
    let span = Duration.seconds(Int64(offset.magnitude)).shortText
    let way = offset > 0 ? "ahead" : "behind"
    let judgement = self.time(
      "serves a time that is \(span) \(way)", "was served a time that is \(span) \(way) by", flow, "offset", packet)
    judgement.fromServer = true
    judgement.facts.append(("offset_seconds", .number(Double(offset))))
    return judgement
  }

  mutating func hastyPacket(_ packet: NTPPacket, _ flow: FlowFacts, at time: Timestamp) -> Judgement? {
    guard isMiner(flow.client.address), packet.mode == 1 || packet.mode == 3 else { return nil }
    let interval = max(Double(duration(.ntpInterval, of: .ntpAbuse).components.seconds), 1)
    let minutes = max(Int(duration(.ntpSustained, of: .ntpAbuse).components.seconds / 60), 1)
    let pair = TimeTraffic.Pair(miner: flow.client.address, server: flow.server.address)
    let busy = timeTraffic.count(UInt64(packet.count), of: pair, at: time, limit: 1.5 * 60 / interval)
    guard busy >= minutes else { return nil }
    return self.time(
      "too many packets for \(busy) minutes", "sent more NTP packets than time needs, for \(busy) minutes, to", flow,
      "rate", packet)
  }

  private func time(
    _ brief: String, _ deed: String, _ flow: FlowFacts, _ reason: String, _ packet: NTPPacket? = nil
  ) -> Judgement {
    var facts: [(name: String, value: Finding.FactValue)] = [
      ("server", .text(flow.server.address.description)), ("reason", .text(reason)),
    ]
    if let packet {
      facts += [("mode", .count(UInt64(packet.mode))), ("bytes", .count(UInt64(clamping: packet.byteCount)))]
    }
    return Judgement(
      brief, message: "The miner \(deed) \(server(of: flow)).", subject: "\(flow.server.address) \(reason)",
      section: "ntp", facts: facts)
  }
}
