package import Capture
import Decode
package import Policy

/// Keeps findings readable: says each thing once, counts what repeats, and counts what it holds back.
///
/// The first finding of its kind (rule, miner, subject) is written at once and opens a window of `alerts.repeat`. What
/// repeats inside is counted; when the window closes with more than one, the finding is written again with its count. Three
/// more kinds of windows guard against floods, each written when it overflows and, with the final number, when it closes:
///
/// - a *crowd*: more than ten miners with the same rule and subject;
/// - a *spread*: more than a hundred subjects of the same rule and miner;
/// - a *storm*: more than a thousand findings of the same rule, whoever and whatever they are about.
///
/// What is graver than all that a window told so far is told at once too, and so is what comes again after it was undone.
///
/// Nothing is lost: whatever is not written alone is in a count that is. Time is packet time.
package struct AlertBook: Sendable {
  package private(set) var counters = Counters()
  private var policy: Policy
  private let limit: Int
  private var windows: [FoldKey: FoldWindow] = [:]
  /// By the time of opening, which is that of closing too.
  private var order = Queue<FoldKey>()
  /// Miners remembered by crowds and storms, all together.
  private var crowded = 0
  private var written: [Finding] = []

  /// Windows, and miners in them, that are held now.
  var openCount: Int { order.count + crowded }

  package init(policy: Policy) {
    self.init(policy: policy, limit: Limits.openFindings)
  }

  /// - Parameter limit: windows, and miners in them, held at once.
  init(policy: Policy, limit: Int) {
    self.policy = policy
    self.limit = max(limit, 8)
  }

  /// What happened to findings so far.
  package struct Counters: Equatable, Sendable {
    /// Findings that rules made.
    package var raised: UInt64 = 0
    /// Findings handed to the sinks; the same one again with its count is one more.
    package var written: UInt64 = 0
    /// Findings that stand in the count of another.
    package var folded: UInt64 = 0
    /// Findings hidden, by suppression.
    package var suppressed: [String: UInt64] = [:]
    /// Findings of rules that the policy switched off, by rule.
    package var off: [String: UInt64] = [:]
    /// Windows closed early because there were too many.
    package var closedEarly: UInt64 = 0
    /// Findings raised and neither suppressed nor off, by rule and level.
    package var byRule: [RuleLevel: UInt64] = [:]

    package struct RuleLevel: Hashable, Sendable {
      package var rule: String
      package var level: Level
    }
  }

  /// From here on this policy's overrides, suppressions and window count. Open windows and counters stay.
  package mutating func reload(_ policy: Policy) {
    self.policy = policy
  }

  /// Whether there are findings to be written.
  package var hasWritten: Bool { !written.isEmpty }

  /// Findings to be written, in order; the book forgets them.
  package mutating func takeWritten() -> [Finding] {
    defer { written.removeAll(keepingCapacity: true) }
    return written
  }
}

// MARK: - A finding comes in

extension AlertBook {
  /// - Parameters:
  ///   - now: packet time, not before that of the call before.
  ///   - hasOwnLevel: the rule chose the level for this case, so an override of the rule's level does not change it.
  package mutating func enter(
    _ finding: Finding, now: Timestamp, hasOwnLevel: Bool = false, bindings: Bindings = Bindings()
  ) {
    counters.raised &+= 1
    var finding = finding
    let override = policy.detection.overrides[finding.rule.name]
    if override?.isOff == true {
      counters.off[finding.rule.name, default: 0] &+= 1
      return
    }
    if !hasOwnLevel, let level = override?.level.flatMap(Level.init(rawValue:)) { finding.level = level }
    if let suppression = policy.detection.suppressions.first(where: { $0.hides(finding, bindings) }) {
      counters.suppressed[suppression.label, default: 0] &+= 1
      return
    }
    counters.byRule[.init(rule: finding.rule.name, level: finding.level), default: 0] &+= 1
    fold(finding, now: now)
  }

  private mutating func fold(_ finding: Finding, now: Timestamp) {
    let (rule, miner) = (finding.rule.id, finding.miner?.address)
    let same = FoldKey.same(rule: rule, miner: miner, subject: finding.subject)
    if let undone = finding.undoes { windows[.same(rule: rule, miner: miner, subject: undone)]?.undo() }
    if windows[same]?.add(finding) != nil { return tellOrCount(same) }
    var wider = [FoldKey.storm(rule: rule)]
    if let miner { wider = [.crowd(rule: rule, subject: finding.subject), .spread(rule: rule, miner: miner)] + wider }
    for key in wider where join(key, finding) { return }

    write(finding)
    open(FoldWindow(opened: now, written: finding), same)
    for key in wider where windows[key]?.wroteAlone() == nil { open(FoldWindow(opened: now), key) }
  }

  /// Counts a finding in a window about many, if that has had its findings written alone.
  private mutating func join(_ key: FoldKey, _ finding: Finding) -> Bool {
    guard let singles = windows[key]?.singles, singles >= key.limit else { return false }
    if windows[key]?.add(finding, rememberMiner: key.isOfMiners && crowded < limit / 2) == true { crowded += 1 }
    tellOrCount(key)
    return true
  }

  private mutating func tellOrCount(_ key: FoldKey) {
    if windows[key]?.isDue == true {
      write(windows[key]?.report(as: key))
    } else {
      counters.folded &+= 1
    }
  }

  private mutating func write(_ finding: Finding?) {
    guard let finding else { return }
    counters.written &+= 1
    written.append(finding)
  }
}

// MARK: - Windows close

extension AlertBook {
  /// Closes the windows whose time is over.
  package mutating func tick(_ now: Timestamp) {
    while let key = order.first, let window = windows[key] {
      guard window.opened.advanced(by: policy.alerts.fold) <= now else { return }
      closeOldest()
    }
  }

  /// Closes all windows: the end of the watch, or a clock that was set back.
  package mutating func flush() {
    while order.first != nil { closeOldest() }
  }

  private mutating func open(_ window: FoldWindow, _ key: FoldKey) {
    while openCount >= limit, order.first != nil {
      closeOldest()
      counters.closedEarly &+= 1
    }
    windows[key] = window
    order.append(key)
  }

  private mutating func closeOldest() {
    guard let key = order.popFirst(), var window = windows.removeValue(forKey: key) else { return }
    crowded -= window.miners.count
    write(window.report(as: key))
  }
}
