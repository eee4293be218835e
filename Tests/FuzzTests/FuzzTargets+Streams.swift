import Capture
import Decode
import Flows

@testable import Protocols

extension FuzzTarget {
  /// Protocols over TCP, each with its own reader, and all of them through the stage that recognises them.
  static let streams: [FuzzTarget] =
    [stratum, stage, json] + readers.map { reader($0.name, $0.appProtocol) }

  private static let readers: [(name: String, appProtocol: AppProtocol)] = [
    ("tls", .tls), ("http", .http), ("http2", .http2), ("websocket", .webSocket), ("socks", .socks), ("ssh", .ssh),
    ("miner-api", .minerAPI), ("stratum-v2", .stratumV2),
  ]

  /// A session's lines, whole and byte by byte: what is said must be the same. In which order may differ, and so what was last said
  /// in the session by then: some is told at the end of what came at once.
  private static let stratum = FuzzTarget("stratum", seeds: { Seeds.stratumSessions }) { input in
    let turns = FuzzInput.turns(input)
    let whole = StratumListener.events(turns, segmentSize: .max)
    guard input.count < 4_096 else { return nil }
    let bytewise = StratumListener.events(turns, segmentSize: 1)
    return whole == bytewise ? nil : "whole: \(whole)\nbyte by byte: \(bytewise)"
  }

  private static func reader(_ name: String, _ appProtocol: AppProtocol) -> FuzzTarget {
    FuzzTarget(name, seeds: { Seeds.conversations(appProtocol) }) { input in
      guard let reader = NewReader(for: appProtocol) else { return "nobody reads \(name)" }
      var driver = ReaderDriver(reader)
      return driver.drive(FuzzInput.turns(input))
    }
  }

  /// Two ends talk through a flow table, and the stage finds out what they speak.
  private static let stage = FuzzTarget(
    "stage",
    seeds: {
      Seeds.stratumSessions + [AppProtocol.tls, .http, .http2, .ssh, .minerAPI, .socks].flatMap(Seeds.conversations)
    }
  ) { input in
    var site = StageSite()
    for (isClient, bytes) in FuzzInput.turns(input) { site.say(bytes, isClient: isClient) }
    site.shutDown()
    return nil
  }

  private static let json = FuzzTarget("json", seeds: { Seeds.json }) { input in
    input.withBytes { span in
      // As long as it is read on, the loose reader must come to an end of itself.
      var leaves = LooseJSON(span, 0..<span.byteCount)
      var count = 0
      while let leaf = leaves.next() {
        count += 1
        guard leaf.range.upperBound <= span.byteCount else { return "a leaf behind the end" }
      }
      guard count <= span.byteCount else { return "\(count) leaves in \(span.byteCount) bytes" }
      return JSONOracle.objection(input, span)
    }
  }
}

/// Hands a reader what is said, and what it left, as the stage does: at most 64 KiB a direction.
struct ReaderDriver {
  private var reader: NewReader
  private var left: [Bool: [UInt8]] = [:]

  init(_ reader: NewReader) {
    self.reader = reader
  }

  mutating func drive(_ turns: [(isClient: Bool, bytes: [UInt8])]) -> String? {
    var said: [Observation.Content] = []
    let now = Timestamp(seconds: 1_000)
    for turn in turns {
      let bytes = left[turn.isClient, default: []] + turn.bytes
      guard bytes.count <= 64 << 10 else { break }
      let span = bytes.span
      let progress = consume(unsafe span.bytes, turn.isClient ? .client : .server, now, &said)
      guard (0...bytes.count).contains(progress.consumed) else {
        return "consumed \(progress.consumed) of \(bytes.count)"
      }
      left[turn.isClient] = Array(bytes.dropFirst(progress.consumed))
      guard progress.next == .more else { break }
    }
    reader.finish(at: now, into: &said)
    return nil
  }

  private mutating func consume(
    _ bytes: RawSpan, _ sender: Role, _ now: Timestamp, _ said: inout [Observation.Content]
  ) -> DissectorProgress {
    switch reader {
    case .bulky(var bulky):
      defer { reader = .bulky(bulky) }
      return bulky.consume(bytes, from: sender, at: now, into: &said)
    case .mining(var mining):
      defer { reader = .mining(mining) }
      return mining.consume(bytes, from: sender, at: now, into: &said)
    }
  }
}

/// One Stratum session, read as the stage reads it.
enum StratumListener {
  static func events(_ turns: [(isClient: Bool, bytes: [UInt8])], segmentSize: Int) -> [String] {
    var table = StratumTable(sessions: 1, users: 64, requests: 64, seed: 1)
    let now = Timestamp(seconds: 1_000)
    guard let session = table.open(midstream: false, at: now) else { return [] }
    var events: [StratumEvent] = []
    // In place: byte by byte, a copy for each would be most of the work.
    var left: [[UInt8]] = [[], []]
    for turn in turns {
      let (side, sender) = turn.isClient ? (0, Role.client) : (1, Role.server)
      var rest = turn.bytes[...]
      while !rest.isEmpty {
        left[side] += rest.prefix(segmentSize)
        rest = rest.dropFirst(segmentSize)
        let progress = left[side].withBytes { table.receive($0, from: sender, session, at: now, into: &events) }
        left[side].removeFirst(progress.consumed)
      }
    }
    // A dialect that changes twice in what came at once is told once.
    let said = events.map { "\($0.what)" }.sorted()
    return said.enumerated().filter { $1 != "dialect" || $0 == said.firstIndex(of: $1) }.map(\.element)
  }
}
