import Capture
import Decode

/// Cutting a direction's bytes into messages: lines of JSON, BTCAgent frames between them, a PROXY line before them.
extension StratumSessionState {
  /// Longest PROXY protocol line with its CR LF (HAProxy's proxy-protocol.txt §2.1).
  static var proxyLineLimit: Int { 107 }

  /// Reads all whole messages.
  ///
  /// - Parameters:
  ///   - sender: who speaks; corrected when what is said tells otherwise.
  ///   - atEnd: nothing will follow, so a last message without line feed is whole.
  ///   - message: room for one; what it says is old.
  /// - Returns: how many bytes are done with. The others must stand first in the next call.
  mutating func read(
    _ bytes: RawSpan, from sender: inout Role, atEnd: Bool, _ message: inout JSONMessage,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Int {
    let count = bytes.byteCount
    var position = 0
    while position < count {
      let place = self[from: sender].place
      let next =
        (place == .aligned || place == .start) && bytes.byte(at: position) == UInt8(ascii: "{")
        ? readLine(bytes, from: position, &sender, atEnd: atEnd, &message, &ledger, &events)
        : readUnusual(bytes, from: position, &sender, atEnd: atEnd, &message, &ledger, &events)
      guard let next else { return position }
      position = next
    }
    return count
  }

  /// Reads what does not begin like a message, or begins where one need not begin.
  ///
  /// - Returns: the offset behind it, or nil when more bytes are needed.
  @inline(never)
  private mutating func readUnusual(
    _ bytes: RawSpan, from start: Int, _ sender: inout Role, atEnd: Bool, _ message: inout JSONMessage,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Int? {
    switch self[from: sender].place {
    case .skipping:
      return skipLine(bytes, from: start, sender)
    case .resuming where bytes.byte(at: start) == UInt8(ascii: "{"):
      self[from: sender].place = .aligned
      return start
    case .lost, .resuming:
      let found = findMessage(bytes, from: start, sender, atEnd: atEnd)
      guard found == start else { return found }
      return readMessage(bytes, from: start, &sender, atEnd: atEnd, &message, &ledger, &events)
    case .start, .aligned:
      return readMessage(bytes, from: start, &sender, atEnd: atEnd, &message, &ledger, &events)
    }
  }

  /// Reads one message, or skips a byte that stands between two.
  ///
  /// - Returns: the offset behind it, or nil when more bytes are needed.
  private mutating func readMessage(
    _ bytes: RawSpan, from start: Int, _ sender: inout Role, atEnd: Bool, _ message: inout JSONMessage,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Int? {
    let isStart = self[from: sender].place == .start
    switch bytes.byte(at: start) {
    case UInt8(ascii: "{"): break
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"): return start &+ 1
    case BTCAgentFrame.magic:
      return readFrame(bytes, from: start, &sender, atEnd: atEnd, &ledger, &events)
    case 0:
      // Some end their lines with a zero byte, behind the line feed.
      report(.trailingBytes, from: sender, &ledger, &events)
      return start &+ 1
    case 0xef where isStart:
      let mark = bytes.paddedWord(from: start, to: min(start &+ 3, bytes.byteCount))
      if mark == 0xbf_bbef {
        report(.notJSON, from: sender, &ledger, &events)
        self[from: sender].place = .aligned
        return start &+ 3
      }
      if bytes.byteCount &- start < 3, !atEnd { return nil }
    case UInt8(ascii: "P") where isStart:
      guard let line = bytes.lineFeed(from: start) else {
        if bytes.byteCount &- start <= Self.proxyLineLimit, !atEnd { return nil }
        break
      }
      if StratumProbe.isProxyLine(bytes, start..<line) {
        self[from: sender].place = .aligned
        return line &+ 1
      }
    default: break
    }
    return readLine(bytes, from: start, &sender, atEnd: atEnd, &message, &ledger, &events)
  }

  // MARK: Lines

  private mutating func readLine(
    _ bytes: RawSpan, from start: Int, _ sender: inout Role, atEnd: Bool, _ message: inout JSONMessage,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) -> Int? {
    let count = bytes.byteCount
    let searched = min(Int(self[from: sender].searched), count &- start)
    var isScanned = false
    let mayBeKnown = sender == .server && start == 0 && count > JobLines.shortest
    var isKnown = false
    var lineFeed: Int?
    if searched == 0, bytes.byte(at: start) == UInt8(ascii: "{") {
      // The common case: the scanner finds the line's end on its way.
      isKnown = mayBeKnown && ledger.recallJob(bytes, into: &message)
      if !isKnown { JSONScanner.scan(bytes, from: start, into: &message) }
      lineFeed = Self.endOfLine(bytes, from: message.end)
      isScanned = true
    } else {
      lineFeed = bytes.lineFeed(from: start &+ searched)
    }
    guard lineFeed != nil || atEnd || count &- start > Limits.stratumLine else {
      self[from: sender].searched = UInt32(truncatingIfNeeded: count &- start)
      return nil
    }
    if searched != 0 { self[from: sender].searched = 0 }
    let stop = lineFeed ?? count
    let next = lineFeed == nil ? count : stop &+ 1
    if stop &- start > Limits.stratumLine {
      if self[from: sender].place != .lost { report(.lineTooLong, from: sender, &ledger, &events) }
      self[from: sender].place = lineFeed == nil ? .skipping : placeBehindSkipped
      return next
    }
    if !isScanned { JSONScanner.scan(bytes, from: start, into: &message) }
    // What stands before another message in its line is no part of what is recognised later.
    let isAlone = message.end == stop
    interpretLine(bytes, start..<stop, &message, isCut: lineFeed == nil, &sender, &ledger, &events)
    if isKnown {
      ledger.jobHashes = nil
    } else if mayBeKnown, isAlone {
      ledger.keepJob(bytes, message, end: stop)
    }
    return next
  }

  /// The line feed that ends a line, of which all before `end` was scanned.
  @inline(__always)
  private static func endOfLine(_ bytes: RawSpan, from end: Int) -> Int? {
    if end < bytes.byteCount, bytes.byte(at: end) == UInt8(ascii: "\n") { return end }
    return bytes.lineFeed(from: end)
  }

  /// Interprets the messages of one line. There should be one.
  ///
  /// - Parameters:
  ///   - message: that at the line's start, already scanned; then those behind it.
  ///   - isCut: the stream ended before the line did.
  @inline(__always)
  private mutating func interpretLine(
    _ bytes: RawSpan, _ line: Range<Int>, _ message: inout JSONMessage, isCut: Bool, _ sender: inout Role,
    _ ledger: inout StratumLedger, _ events: inout [StratumEvent]
  ) {
    let wasLost = self[from: sender].place == .lost
    if wasLost {
      // In the middle of a message, an inner object can look like a whole one. A line's end behind it tells them apart.
      let isClean =
        message.outcome == .complete
        && Self.skipBlanks(bytes, from: message.end, to: line.upperBound) == line.upperBound
      guard isClean else {
        self[from: sender].place = .resuming
        return
      }
    }
    if self[from: sender].place != .aligned { self[from: sender].place = .aligned }
    while true {
      guard message.outcome == .complete, message.end <= line.upperBound else {
        if isCut { return }
        return report(message.faults.contains(.depth) ? .tooDeep : .notJSON, from: sender, &ledger, &events)
      }
      interpret(&message, bytes, &sender, &ledger, &events)
      let next = Self.skipBlanks(bytes, from: message.end, to: line.upperBound)
      guard next < line.upperBound else { return }
      report(.trailingBytes, from: sender, &ledger, &events)
      guard bytes.byte(at: next) == UInt8(ascii: "{") else { return }
      JSONScanner.scan(bytes, from: next, into: &message)
    }
  }

  @inline(__always)
  private static func skipBlanks(_ bytes: RawSpan, from start: Int, to end: Int) -> Int {
    var position = start
    while position < end,
      bytes.byte(at: position) == 0x20 || bytes.byte(at: position) == 0x09 || bytes.byte(at: position) == 0x0d
    {
      position &+= 1
    }
    return position
  }

  // MARK: Frames

  @inline(never)
  private mutating func readFrame(
    _ bytes: RawSpan, from start: Int, _ sender: inout Role, atEnd: Bool, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) -> Int? {
    let left = bytes.byteCount &- start
    guard left >= BTCAgentFrame.headerByteCount else { return atEnd ? bytes.byteCount : nil }
    if let frame = BTCAgentFrame(bytes, at: start) {
      guard left >= frame.length else { return atEnd ? bytes.byteCount : nil }
      if frame.isWellFormed(bytes, at: start) {
        flags.insert(.hasFrames)
        self[from: sender].place = .aligned
        interpret(frame, bytes, at: start, &sender, &ledger, &events)
        return start &+ frame.length
      }
    }
    report(.brokenFrame, from: sender, &ledger, &events)
    self[from: sender].place = .lost
    return start &+ 1
  }
}
