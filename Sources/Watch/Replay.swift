package import Capture
import Foundation
package import Policy
package import Rules
import Sinks
import Store

/// Watches capture files as the live watch watches a wire.
package struct Replay {
  private let policy: Policy
  private let filter: String
  private let storePath: String?
  private let output: ReplayOutput

  /// - Parameter storePath: a store to write to, and to know from what it remembers; nil for none.
  package init(policy: Policy, filter: String, storePath: String? = nil, output: ReplayOutput) {
    self.policy = policy
    self.filter = filter
    self.storePath = storePath
    self.output = output
  }

  /// Frames between two looks at the findings and the progress.
  private static let batch = 16_384
  /// A replay's hash need not be unpredictable, and two replays of one file shall do the same work.
  private static let seed: UInt64 = 0x6d69_6e65_7761_7463

  /// Reads the files in order, as one stretch of time. One that cannot be read is said and passed over.
  ///
  /// - Throws: when the output cannot be written, or the store's place is taken by something else.
  package func run(_ paths: [String]) throws(WatchFailure) -> ReplayOutcome {
    if let refusal = storePath.flatMap(StoreFailure.refusal) {
      throw WatchFailure(.ioError, refusal.sentence)
    }
    let sinks = output.sinks(policy: policy)
    let store = storePath.map { StoreWriter(path: $0, keep: policy.store.keep, mode: .direct) }
    let feed = store.map { StoreFeed($0, origin: output.origin(policy: policy)) }
    var own = policy
    // The site's own folder is not for what is replayed.
    own.alerts.evidence = output.evidence
    var sensor = Sensor(policy: own, sinks: sinks, store: feed, seed: Self.seed)
    ProgramText.release()
    var progress = ReplayProgress(isShown: output.showsProgress, files: paths.count)
    var unreadable: [CaptureError] = []
    let started = Date()

    for (index, path) in paths.enumerated() {
      if index > 0 { sensor.endCapture() }
      do {
        try read(path, index: index, into: &sensor, &progress)
      } catch {
        progress.clear()
        unreadable.append(error)
        StandardError.say(error.sentence)
      }
    }
    progress.clear()
    sensor.finish()

    let summary = Summary(
      sensor, files: paths.count, unreadable: unreadable.count, elapsed: Date().timeIntervalSince(started),
      namesUsers: output.lines == .json)
    sinks.close()
    store?.close()
    if let sentence = sinks.losses().first?.sentence ?? store?.takeLoss()?.sentence {
      throw WatchFailure(.ioError, sentence)
    }
    try output.write(summary)
    return ReplayOutcome(summary: summary, worstLevel: sensor.reporter.worstLevel, unreadable: unreadable)
  }

  private func read(
    _ path: String, index: Int, into sensor: inout Sensor, _ progress: inout ReplayProgress
  ) throws(CaptureError) {
    var file = try CaptureFile(path: path, source: UInt16(clamping: index), filter: filter)
    // What was read before an error counts, so it is delivered even then.
    defer { sensor.deliver() }
    while true {
      // With evidence, alerts are written while frames are read.
      if output.evidence != nil { progress.clear() }
      let result = try Self.readBatch(of: &file, into: &sensor)
      if sensor.pipeline.judging.hasFindings { progress.clear() }
      sensor.deliver()
      progress.show(file: index, fraction: file.progress, frames: sensor.pipeline.packets.frames)
      if result.ended { return }
    }
  }

  private static func readBatch(
    of file: inout CaptureFile, into sensor: inout Sensor
  ) throws(CaptureError) -> CaptureFile.ReadResult {
    try file.forEachFrame(limit: batch) { frame in sensor.receive(frame) }
  }
}

/// How a replay ended.
package struct ReplayOutcome: Sendable {
  package let summary: Summary
  /// Of the worst finding; nil when nothing was found.
  package let worstLevel: Level?
  /// Files that could not be read, or not to their end.
  package let unreadable: [CaptureError]
}

/// Where a replay's lines go.
package struct ReplayOutput: Sendable {
  package enum Lines: Sendable {
    /// Standard output has readable lines, then the summary.
    case text
    /// Standard output has EVE alerts, then the summary as one JSON object.
    case json
    /// Standard output has every EVE event and nothing else.
    case eve
  }

  package var lines: Lines
  /// EVE goes to this file as well.
  package var evePath: String?
  /// Captures of alerts go there.
  package var evidence: Policy.EvidenceSink?
  package var isColoured: Bool
  package var showsProgress: Bool

  package init(
    lines: Lines, evePath: String? = nil, evidence: Policy.EvidenceSink? = nil, isColoured: Bool = false,
    showsProgress: Bool = false
  ) {
    self.lines = lines
    self.evePath = evePath
    self.evidence = evidence
    self.isColoured = isColoured
    self.showsProgress = showsProgress
  }

  func sinks(policy: Policy) -> SinkSet {
    var outlets: [SinkSet.Outlet] = []
    switch lines {
    case .text: outlets.append(.standardText(isColoured ? .ansi : .none))
    case .json: outlets.append(.standardEVE([.alert]))
    case .eve: outlets.append(.standardEVE(Set(Policy.EventType.allCases)))
    }
    if let evePath { outlets.append(.eve(path: evePath, types: Set(Policy.EventType.allCases))) }
    if let evidence { outlets.append(.evidence(evidence)) }
    return SinkSet(outlets, origin: origin(policy: policy), mode: .direct)
  }

  /// A capture is not of this machine, and the same capture gives the same lines anywhere: no host, no interface.
  func origin(policy: Policy) -> Origin {
    Origin(host: "", site: policy.site)
  }

  func write(_ summary: Summary) throws(WatchFailure) {
    do {
      switch lines {
      case .text: try StandardOutput.write("\(summary.text)\n")
      case .json: try StandardOutput.write((summary.json + [10])[...])
      case .eve: StandardError.write("\(summary.text.drop { $0 == "\n" })\n")
      }
    } catch {
      guard case .failed(let sentence) = error else { return }
      throw WatchFailure(.ioError, sentence)
    }
  }
}

/// A line on a terminal's standard error that tells how far a long replay is. It makes room for an alert, which would else stand
/// behind it in the same line.
struct ReplayProgress {
  private let isShown: Bool
  private let files: Int
  private var lastShown = Date.distantPast
  private var isOnScreen = false

  private static let interval = 0.2

  init(isShown: Bool, files: Int) {
    self.isShown = isShown
    self.files = files
  }

  /// - Parameter fraction: of the file; nil when its size is not known.
  mutating func show(file: Int, fraction: Double?, frames: UInt64) {
    let now = Date()
    guard isShown, !isOnScreen || now.timeIntervalSince(lastShown) >= Self.interval else { return }
    lastShown = now
    isOnScreen = true
    let part = fraction.map { "\(Int($0 * 100)) %" } ?? "reading"
    let which = files > 1 ? "file \(file + 1) of \(files), " : ""
    StandardError.write("\r\u{1b}[K\(which)\(part), \(frames) packets")
  }

  mutating func clear() {
    guard isOnScreen else { return }
    isOnScreen = false
    StandardError.write("\r\u{1b}[K")
  }
}
