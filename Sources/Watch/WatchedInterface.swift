import Capture
import Policy

/// An interface under watch: captured from, or waiting to come, or to come back.
///
/// A class because noncopyable captures cannot stand in an array; one an interface, not one a packet.
final class WatchedInterface {
  let name: String
  private let index: UInt16
  private let settings: LiveCapture.Settings
  private let group: FanoutGroup?
  private var capture: LiveCapture?
  private var backOff = BackOff()
  /// Why no frames can arrive, for a person; empty while they can.
  private(set) var reason = ""
  /// The link is up and the cable in, as far as was looked.
  private var isConnected = true
  /// Frames captured before this are another worker's too: it joined the others after its capture had begun.
  private var start: Timestamp?
  /// Of captures that were closed.
  private var formerStatistics = CaptureStatistics()

  /// - Parameters:
  ///   - group: the captures of other workers that share the interface; nil for none.
  ///   - isAwaited: whether one that is not there, or down, is waited for.
  /// - Throws: when the interface cannot be captured from at the start; later failures are waited out.
  init(
    name: String, index: UInt16, settings: LiveCapture.Settings, group: FanoutGroup? = nil, isAwaited: Bool = false
  ) throws(CaptureError) {
    self.name = name
    self.index = index
    self.settings = settings
    self.group = group
    do {
      try open()
    } catch {
      guard isAwaited, error.mayPass else { throw error }
      reason = error.sentence
      backOff.restart(at: Timestamp.now)
    }
  }

  /// Opens every interface as a policy says.
  ///
  /// - Parameter groups: one an interface, where several workers share them; else none.
  static func open(
    _ names: [String], _ policy: Policy, groups: [FanoutGroup] = [], areAwaited: Bool = false
  ) throws(CaptureError) -> [WatchedInterface] {
    var settings = LiveCapture.Settings()
    settings.snapLength = policy.capture.snaplen
    settings.bufferBytes = policy.capture.buffer
    settings.filter = policy.capture.filter
    var opened: [WatchedInterface] = []
    for (index, name) in names.enumerated() {
      opened.append(
        try WatchedInterface(
          name: name, index: UInt16(clamping: index), settings: settings,
          group: groups.isEmpty ? nil : groups[index], isAwaited: areAwaited))
    }
    return opened
  }

  private func open() throws(CaptureError) {
    capture = try LiveCapture(interface: name, source: index, settings: settings, sharedBy: group)
    isConnected = true
    start = group == nil ? nil : Timestamp.now
  }

  /// All workers have opened it: each flow is one worker's from here on.
  func begin(at time: Timestamp) {
    if group != nil { start = time }
  }

  /// Frames can arrive.
  var isUp: Bool { capture != nil && isConnected }

  /// Looks whether frames can arrive: libpcap tells neither of a link that is down nor of a cable that is out.
  func look() {
    guard capture != nil, name != "any" else { return }
    let state = Interfaces.state(of: name)
    isConnected = state == .running
    switch state {
    case .running: reason = ""
    case .down: reason = CaptureError.interfaceDown(name: name).sentence
    case .noCarrier: reason = "nothing comes in on \(name): there is no link; see to the cable and its other end"
    case .absent: reason = CaptureError.interfaceDisappeared(name: name).sentence
    }
  }

  /// For `poll`; nil while the interface is away.
  var fileDescriptor: Int32? { capture?.fileDescriptor }

  var warnings: [String] { capture?.warnings ?? [] }

  /// Reads what waits, up to `limit` frames.
  ///
  /// - Returns: how many there were; fewer than `limit` when none waits any more. One that failed is closed, and opened anew
  ///   when it is due.
  func read(limit: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Int {
    do {
      guard let start else { return try capture?.dispatch(limit: limit, body) ?? 0 }
      return try readFirst(limit: limit, since: start, body)
    } catch {
      close(for: error, at: now)
      return 0
    }
  }

  /// Passes over what came before the others were joined.
  private func readFirst(
    limit: Int, since start: Timestamp, _ body: (borrowing Frame) -> Void
  ) throws(CaptureError) -> Int {
    var isPast = false
    let count = try capture?.dispatch(limit: limit) { frame in
      guard frame.timestamp >= start else { return }
      isPast = true
      body(frame)
    }
    if isPast { self.start = nil }
    return count ?? 0
  }

  private func close(for error: CaptureError, at now: Timestamp) {
    formerStatistics = statistics
    capture = nil
    reason = error.sentence
    backOff.restart(at: now)
  }

  /// Opens the interface again once its back-off is over.
  func reopenIfDue(now: Timestamp) {
    guard capture == nil, backOff.isDue(at: now) else { return }
    do {
      try open()
      reason = ""
    } catch {
      reason = error.sentence
      backOff.wait(at: now)
    }
  }

  /// Frames received and dropped since the start, over all times that it was opened.
  var statistics: CaptureStatistics {
    var sum = formerStatistics
    if let current = capture?.statistics() { sum.addLater(current) }
    return sum
  }
}

extension CaptureError {
  /// Whether the interface may still come: a card that is found late, a link that somebody brings up.
  var mayPass: Bool {
    switch self {
    case .noSuchInterface, .interfaceDown, .interfaceDisappeared: true
    default: false
    }
  }
}

/// Waits longer each time: half a second, doubled up to half a minute.
struct BackOff {
  private var next = Timestamp(nanoseconds: .min)
  private var delay = Self.first

  private static let first = Duration.milliseconds(500)
  private static let longest = Duration.seconds(30)

  mutating func restart(at now: Timestamp) {
    delay = Self.first
    next = now.advanced(by: delay)
  }

  func isDue(at now: Timestamp) -> Bool {
    now >= next
  }

  mutating func wait(at now: Timestamp) {
    delay = min(delay * 2, Self.longest)
    next = now.advanced(by: delay)
  }
}
