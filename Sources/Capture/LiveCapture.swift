import CPcap
import Glibc

/// An interface being captured from. The process needs CAP_NET_RAW, for promiscuous mode too.
///
/// Frames wait in a ring that the kernel fills (TPACKET_V3) and are lent from it without a copy. libpcap's "immediate
/// mode" is left off because it falls back to an older and slower ring; the price is that a frame may wait for
/// ``blockMilliseconds``. A blocking read of an idle interface would never return from such a ring, so the handle does
/// not block: call ``wait(for:milliseconds:)``, then ``dispatch(limit:_:)``.
@safe
package struct LiveCapture: ~Copyable, Sendable {
  package let interface: String
  package let linkType: LinkType
  /// For `poll`: readable when frames wait.
  package let fileDescriptor: Int32
  /// What libpcap did otherwise than asked, in its words: capturing goes on. At most one today.
  package let warnings: [String]

  private let handle: CaptureHandle
  private let source: UInt16
  private let clock: CaptureClock
  private var counters = CaptureCounters()

  /// How long the kernel holds a block of frames back to fill it.
  static let blockMilliseconds: Int32 = 100

  /// How an interface is captured.
  package struct Settings: Equatable, Sendable {
    /// Bytes captured of each frame, clamped to 1 to ``Limits/frameBytes``.
    package var snapLength = Limits.frameBytes
    /// Size of the kernel's ring, in bytes, clamped to 1 byte to 2 GiB; libpcap rounds up to whole blocks. What does not
    /// fit is dropped and counted.
    package var bufferBytes = Limits.captureRing
    /// libpcap's filter language (pcap-filter(7)); empty lets everything through.
    ///
    /// The kernel takes an 802.1Q tag off a frame before the filter sees it, so `tcp port 3333` matches tagged frames
    /// too, while in a file it does not. libpcap puts the tag back into the bytes. A host name in the filter would be
    /// looked up in DNS: write addresses.
    package var filter = ""
    /// Whether to take frames that are addressed to others, which is what a mirror port delivers.
    package var isPromiscuous = true

    package init() {}
  }

  /// Opens the interface and starts capturing.
  ///
  /// - Parameters:
  ///   - source: what each frame shall carry as ``Frame/source``.
  ///   - group: the captures that share the interface; nil for none. Frames that came before it had joined may be theirs too.
  /// - Throws: every case of ``CaptureError`` that is about interfaces or filters.
  package init(
    interface: String, source: UInt16, settings: Settings = Settings(), sharedBy group: FanoutGroup? = nil
  ) throws(CaptureError) {
    var handle = try Self.create(interface)
    try handle.configure(settings, interface: interface)
    let warnings = try handle.activate(interface: interface)
    let linkType = LinkType(dataLink: handle.dataLink)
    guard linkType.isReadable else {
      let name = LinkType.name(dataLink: handle.dataLink)
      throw .interfaceFailed(
        name: interface, reason: "its link type \(name) (\(handle.dataLink)) is not one that is read")
    }
    try handle.apply(filter: settings.filter, source: interface)
    let descriptor = try handle.stopBlocking(interface: interface)
    try group?.join(unsafe pcap_fileno(handle.pointer), interface: interface)

    self.interface = interface
    self.linkType = linkType
    self.warnings = warnings
    self.source = source
    fileDescriptor = descriptor
    clock = CaptureClock(live: handle)
    self.handle = handle
    readCounters()
  }

  /// Lends up to `limit` waiting frames to `body`, in the order in which they came, and returns at once when none waits.
  ///
  /// - Parameter limit: at least 1. It keeps one busy interface from starving the others of a thread.
  /// - Returns: how many frames there were.
  /// - Throws: ``CaptureError/interfaceDisappeared(name:)`` when the interface was removed or renamed: frames that had
  ///   arrived were delivered, and this handle is of no more use. ``CaptureError/interfaceFailed(name:reason:)`` for
  ///   anything else. An interface that is merely down is no error here; see ``Interfaces/state(of:)``.
  package mutating func dispatch(limit: Int, _ body: (borrowing Frame) -> Void) throws(CaptureError) -> Int {
    let (status, frames) = Delivery.dispatch(
      from: handle, limit: limit, linkType: linkType, source: source, clock: clock, to: body)
    guard status >= 0 else {
      let message = handle.message
      // libpcap has no code for it, only these words; the name's absence covers other versions' words.
      let isGone = message.contains("disappeared") || !(interface == "any" || Interfaces.exists(interface))
      throw isGone ? .interfaceDisappeared(name: interface) : .interfaceFailed(name: interface, reason: message)
    }
    return frames
  }

  /// Waits until one of `descriptors` is readable or has failed, or the time is over.
  ///
  /// - Parameters:
  ///   - descriptors: those of captures (``fileDescriptor``), and any other that shall end the waiting.
  ///   - milliseconds: 0 returns at once.
  /// - Returns: how many are ready; 0 when the time is over or a signal came.
  /// - Throws: ``CaptureError/waitFailed(reason:)``.
  package static func wait(for descriptors: [Int32], milliseconds: Int) throws(CaptureError) -> Int {
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let ready = unsafe poll(&polled, nfds_t(polled.count), Int32(clamping: max(milliseconds, 0)))
    guard ready < 0 else { return Int(ready) }
    guard errno == EINTR else { throw .waitFailed(reason: systemMessage(errno)) }
    return 0
  }

  /// All frames received and lost since the capture was opened.
  package mutating func statistics() -> CaptureStatistics {
    readCounters()
    return counters.total
  }

  private mutating func readCounters() {
    var now = pcap_stat()
    if unsafe pcap_stats(handle.pointer, &now) == 0 {
      counters.update(
        .init(received: now.ps_recv, droppedByKernel: now.ps_drop, droppedByInterface: now.ps_ifdrop))
    }
    let folder = "/sys/class/net/\(interface)/statistics"
    counters.update(
      rxDropped: SystemFile.number("\(folder)/rx_dropped"), rxMissed: SystemFile.number("\(folder)/rx_missed_errors"))
  }
}
