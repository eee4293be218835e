import Capture
import Policy
import Protocols

/// An interface under watch: captured from, or waiting to come back.
///
/// A class because noncopyable captures cannot stand in an array; one an interface, not one a packet.
final class WatchedInterface {
  let name: String
  private let index: UInt16
  private let settings: LiveCapture.Settings
  private var capture: LiveCapture?
  private var backOff = BackOff()

  /// - Throws: when the interface cannot be captured from at the start; later failures are waited out.
  init(name: String, index: UInt16, settings: LiveCapture.Settings) throws(CaptureError) {
    self.name = name
    self.index = index
    self.settings = settings
    capture = try LiveCapture(interface: name, source: index, settings: settings)
  }

  /// Opens every interface as a policy says.
  static func open(_ names: [String], _ policy: Policy) throws(CaptureError) -> [WatchedInterface] {
    var settings = LiveCapture.Settings()
    settings.snapLength = policy.capture.snaplen
    settings.bufferBytes = policy.capture.buffer
    settings.filter = policy.capture.filter
    var opened: [WatchedInterface] = []
    for (index, name) in names.enumerated() {
      opened.append(try WatchedInterface(name: name, index: UInt16(clamping: index), settings: settings))
    }
    return opened
  }

  var isUp: Bool { capture != nil }

  /// For `poll`; nil while the interface is away.
  var fileDescriptor: Int32? { capture?.fileDescriptor }

  var warnings: [String] { capture?.warnings ?? [] }

  /// Reads what waits, up to `limit` frames.
  ///
  /// - Returns: the event to tell when the interface failed; the handle is then closed and will be opened anew.
  func read(limit: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> SensorEvent? {
    do {
      _ = try capture?.dispatch(limit: limit, body)
      return nil
    } catch {
      capture = nil
      backOff.restart(at: now)
      return .interface(name: name, isUp: false, reason: error.sentence)
    }
  }

  /// Opens the interface again once its back-off is over.
  func reopenIfDue(now: Timestamp) -> SensorEvent? {
    guard capture == nil, backOff.isDue(at: now) else { return nil }
    do {
      capture = try LiveCapture(interface: name, source: index, settings: settings)
      return .interface(name: name, isUp: true, reason: "capturing again")
    } catch {
      backOff.wait(at: now)
      return nil
    }
  }

  /// Frames received and dropped since the last call.
  func statisticsSinceLastAsked() -> CaptureStatistics {
    capture?.statisticsSinceLastAsked() ?? CaptureStatistics()
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
