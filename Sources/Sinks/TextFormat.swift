import Capture
import Decode
import Protocols
package import Rules

/// One readable line a finding, made for `tail -f` and a person at 03:00:
///
///     2026-11-22T14:25:01.123Z critical pool.unlisted 10.20.3.4 (r3-u12) -> 203.0.113.9:3333 evil.example: authorized … [x1 #1870246]
///
/// Time (UTC), level, rule, who did it to whom, what happened, how often and in which flow. What came from the wire is
/// escaped by ``WireEscape`` and the line is at most ``Limits/readableLine`` bytes.
package struct TextFormat: Sendable {
  package enum Color: Sendable {
    case none
    /// The level in colour (ECMA-48 SGR). For terminals only, never for files.
    case ansi
  }

  package var origin: Origin
  package var color: Color

  package init(origin: Origin, color: Color = .none) {
    self.origin = origin
    self.color = color
  }

  package func line(_ finding: Finding) -> [UInt8] {
    var line: [UInt8] = []
    line.append(CivilTime.rfc3339(finding.time, fractionDigits: 3))
    line.append(" ")
    append(finding.level, to: &line)
    line.append(" ")
    line.append(Self.summary(finding, host: origin.host))
    line.append("\n")
    return line
  }

  private func append(_ level: Level, to line: inout [UInt8]) {
    guard color == .ansi else { return line.append(level.rawValue) }
    line.append("\u{1b}[\(Self.rendition(of: level))m\(level.rawValue)\u{1b}[0m")
  }

  /// Select Graphic Rendition parameters: bold red, red, yellow, cyan, faint.
  package static func rendition(of level: Level) -> String {
    switch level {
    case .critical: "1;31"
    case .high: "31"
    case .medium: "33"
    case .low: "36"
    case .info: "2"
    }
  }
}

// MARK: - From the rule's name on

extension TextFormat {
  /// The line without time and level, which syslog carries in its own fields.
  ///
  /// - Parameter host: stands for who did it when neither a flow nor a miner is concerned.
  package static func summary(_ finding: Finding, host: String) -> String {
    let flowNumber = finding.flow.map { " #\($0.id)" } ?? ""
    let evidence = finding.evidence.map { " evidence \(word($0.file))" } ?? ""
    let tail = " [x\(finding.count)\(flowNumber)]\(evidence)"

    var line: [UInt8] = []
    line.append(finding.rule.name)
    line.append(" ")
    line.append(who(finding, host: host))
    line.append(": ")
    // Time, level and line feed need fewer than 64 bytes.
    let room = Limits.readableLine - line.count - tail.utf8.count - 64
    WireEscape.append(finding.brief, as: .sentence, limit: room, to: &line)
    line.append(tail)
    return String(decoding: line, as: UTF8.self)
  }

  /// `source -> destination` as far as they are known.
  private static func who(_ finding: Finding, host: String) -> String {
    let crowd = finding.miners.map(describe)
    guard let flow = finding.flow else {
      let source = crowd ?? finding.miner.map { minerLabel($0.address.description, $0) }
      let named = finding.destinationName.map { word($0) }
      return switch (source, named) {
      case (let source?, let named?): "\(source) -> \(named)"
      case (let source?, nil): source
      case (nil, let named?): named
      case (nil, nil): word(host)
      }
    }
    let client = label(flow.client, port: false, finding, isDestination: finding.fromServer)
    let server = label(
      flow.server, port: IPProtocol.hasPorts(flow.ipProtocol), finding, isDestination: !finding.fromServer)
    return finding.fromServer ? "\(server) -> \(crowd ?? client)" : "\(crowd ?? client) -> \(server)"
  }

  /// An end of the flow: the miner with its name, the other end with what it is called. A client's port says nothing.
  private static func label(_ end: Endpoint, port: Bool, _ finding: Finding, isDestination: Bool) -> String {
    let address = end.address.description
    let place = !port ? address : end.address.isIPv4 ? "\(address):\(end.port)" : "[\(address)]:\(end.port)"
    if let miner = finding.miner, miner.address == end.address { return minerLabel(place, miner) }
    guard let name = finding.destinationName, finding.miner != nil || isDestination else { return place }
    return "\(place) \(word(name))"
  }

  private static func minerLabel(_ place: String, _ miner: Finding.Miner) -> String {
    miner.name.map { "\(place) (\(word($0)))" } ?? place
  }

  /// `37 miners (10.20.3.4, 10.20.3.5, 10.20.3.6 and 34 more)`
  private static func describe(_ crowd: Finding.Crowd) -> String {
    let some = crowd.some.prefix(3).map(\.description)
    guard !some.isEmpty else { return counted(crowd.count, "miner") }
    let others = crowd.count - some.count
    return
      "\(counted(crowd.count, "miner")) (\(some.joined(separator: ", "))\(others > 0 ? " and \(others) more" : ""))"
  }

  private static func word(_ text: String) -> String {
    WireEscape.escaped(text, as: .word, limit: Limits.wireText)
  }
}
