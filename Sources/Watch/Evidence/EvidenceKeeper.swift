import Capture
import Decode
import Policy
import Rules
import Sinks

/// Gives each alert a capture of the packets before and after it.
///
///     finding ─▶ packets up to it ─▶ hash ─▶ the alert is written, at once
///                     │
///                     └─ a minute, or half a ring, later ─▶ packets after it ─▶ the file grows at its end
///
/// No alert waits for packets that are yet to come. What it says of its capture stays true when that grows, since the hash is
/// of so many first bytes; and when the same finding is written again with its count, it names the whole. All time is packet
/// time, so a replay makes the same files.
struct EvidenceKeeper {
  private let settings: Policy.EvidenceSink
  private var cases: [Case] = []
  /// Bytes of the files in `cases`.
  private var waitingBytes = 0
  /// What was last said of each capture, for the alert that is written again; and their order.
  private var known: [Key: Finding.Evidence] = [:]
  private var order: [Key] = []
  private var oldest = 0
  /// Alerts that have no capture because too many waited.
  private(set) var refused: UInt64 = 0

  /// How long packets after an alert are waited for: a redirect is followed, and a first share sent, in less.
  static let patience = Duration.seconds(60)
  /// Captures that an alert written again can name. Further back there are few: windows close after ten minutes.
  static let memory = 8_192

  private struct Case {
    let key: Key
    let wanted: FrameSelector
    let time: Timestamp
    let began: [FrameRing.Mark]
    var file: EvidenceFile
  }

  /// A finding and those that are folded into it.
  private struct Key: Hashable {
    let rule: Int
    let miner: IPAddress?
    let subject: String
    let firstSeen: Timestamp

    init(_ finding: Finding) {
      rule = finding.rule.id
      miner = finding.miner?.address
      subject = finding.subject
      firstSeen = finding.firstSeen
    }
  }

  init(_ settings: Policy.EvidenceSink) {
    self.settings = settings
  }

  /// Names the finding's capture in it.
  ///
  /// - Returns: files to be written before the finding is.
  mutating func attach(to finding: inout Finding, from memory: FrameMemory) -> [EvidenceFile] {
    guard let wanted = FrameSelector(finding) else { return [] }
    let key = Key(finding)
    let grown = take(from: memory) { $0.key == key }
    if let evidence = known[key] {
      finding.evidence = evidence
      return grown
    }
    guard cases.count < Limits.evidenceCases else {
      refused &+= 1
      return grown
    }
    let frames = memory.frames(of: wanted, upTo: finding.time, limit: limit(beside: 0))
    guard let last = frames.last else { return grown }
    var file = EvidenceFile(for: finding, linkType: last.linkType)
    Self.append(frames, of: last.linkType, to: &file)
    finding.evidence = file.reference(in: settings.path)
    remember(finding.evidence, as: key)
    waitingBytes += file.bytes.count
    cases.append(Case(key: key, wanted: wanted, time: finding.time, began: memory.marks, file: file))
    return grown + [file]
  }

  /// Files that have grown: packets after their alerts have come, or none will be waited for any more.
  mutating func takeGrown(from memory: FrameMemory, at now: Timestamp) -> [EvidenceFile] {
    guard !cases.isEmpty else { return [] }
    var excess = waitingBytes - Limits.evidenceWaiting
    return take(from: memory) { one in
      let isTooMuch = excess > 0
      if isTooMuch { excess -= one.file.bytes.count }
      return isTooMuch || one.time.advanced(by: Self.patience) <= now || memory.hasHalfTurned(since: one.began)
    }
  }

  /// The end of the watch, or of these settings.
  mutating func takeAll(from memory: FrameMemory) -> [EvidenceFile] {
    take(from: memory) { _ in true }
  }

  private mutating func take(
    from memory: FrameMemory, where isDue: (Case) -> Bool
  ) -> [EvidenceFile] {
    var grown: [EvidenceFile] = []
    var waiting: [Case] = []
    for one in cases {
      guard isDue(one) else {
        waiting.append(one)
        continue
      }
      waitingBytes -= one.file.bytes.count
      let frames = memory.frames(of: one.wanted, after: one.time, limit: limit(beside: one.file.bytes.count))
      guard let first = frames.first else { continue }
      var file = one.file
      Self.append(frames, of: first.linkType, to: &file)
      known[one.key] = file.reference(in: settings.path)
      grown.append(file)
    }
    cases = waiting
    return grown
  }

  private func limit(beside bytes: Int) -> FrameLimit {
    FrameLimit(frames: settings.packets, bytes: Limits.evidenceFile - bytes)
  }

  /// A capture file has one link type; frames of another were seen on another interface.
  private static func append(_ frames: [KeptFrame], of linkType: LinkType, to file: inout EvidenceFile) {
    for frame in frames where frame.linkType == linkType {
      file.append(frame.bytes, originalLength: frame.originalLength, at: frame.time)
    }
  }

  private mutating func remember(_ evidence: Finding.Evidence?, as key: Key) {
    if order.count < Self.memory {
      order.append(key)
    } else {
      known[order[oldest]] = nil
      order[oldest] = key
      oldest = (oldest + 1) % Self.memory
    }
    known[key] = evidence
  }
}
