import CPcap
import Glibc

/// A capture file being read: pcap in either byte order with micro- or nanoseconds, or pcapng.
///
/// libpcap does the reading and asks of a pcapng file that all its interfaces have one link type and one snap length.
@safe
package struct CaptureFile: ~Copyable, Sendable {
  /// The path, or `standard input`.
  package let path: String
  package let linkType: LinkType
  /// Frames delivered so far.
  package private(set) var framesRead: UInt64 = 0

  private let handle: CaptureHandle
  private let source: UInt16
  private let clock: CaptureClock
  /// In bytes; `nil` when it is no regular file.
  private let size: Int?
  /// Reading past a damaged place would make frames of anything, so the first failure is the last word.
  private var failure: CaptureError?

  /// Opens the file and reads its header.
  ///
  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - source: what each frame shall carry as ``Frame/source``.
  ///   - filter: libpcap's filter language (pcap-filter(7)); empty lets everything through. Unlike on an interface,
  ///     a tagged frame still has its 802.1Q tag here, and only `vlan and ...` matches inside it. Names of
  ///     hosts are refused.
  /// - Throws: the cases of ``CaptureError`` that are about files.
  package init(path: String, source: UInt16, filter: String = "") throws(CaptureError) {
    let name = path == "-" ? "standard input" : path
    var input = try CaptureInput(path: path, name: name)
    try input.refuseKnownStrangers(name: name)
    var handle = try input.openCapture(name: name)
    let linkType = LinkType(dataLink: handle.dataLink)
    guard linkType.isReadable else {
      let number = handle.dataLink
      throw .unreadableLinkType(path: name, name: LinkType.name(dataLink: number), number: number)
    }
    try handle.apply(filter: filter, source: name)

    self.path = name
    self.linkType = linkType
    self.source = source
    clock = CaptureClock(offline: handle)
    size = Self.size(of: handle)
    self.handle = handle
  }

  /// How much was read and whether there is more.
  package struct ReadResult: Equatable, Sendable {
    /// Frames delivered by this call.
    package let frames: Int
    /// Whether the file ended. When its last frame is also the last that the limit allows, the next call says so.
    package let ended: Bool

    package init(frames: Int, ended: Bool) {
      self.frames = frames
      self.ended = ended
    }
  }

  /// Reads up to `limit` frames and lends each to `body` in the order of the file.
  ///
  /// - Parameter limit: at least 1. Frames that the filter holds back do not count.
  /// - Throws: ``CaptureError/damaged(path:framesRead:reason:)`` where the file breaks off or makes no sense,
  ///   ``CaptureError/mixedInterfaces(path:framesRead:reason:)`` or ``CaptureError/fileFailed(path:reason:)``, after all
  ///   frames before that place were delivered; the same again from every later call.
  package mutating func forEachFrame(
    limit: Int, _ body: (borrowing Frame) -> Void
  ) throws(CaptureError) -> ReadResult {
    if let failure { throw failure }
    let limit = min(max(limit, 1), Int(Int32.max))
    let (status, frames) = Delivery.dispatch(
      from: handle, limit: limit, linkType: linkType, source: source, clock: clock, to: body)
    framesRead &+= UInt64(frames)
    guard status >= 0 else {
      let failure = failureOfReading()
      self.failure = failure
      throw failure
    }
    return ReadResult(frames: frames, ended: frames < limit)
  }

  /// How much of the file was read, from 0 to 1; `nil` for what has no size, such as standard input.
  package var progress: Double? {
    guard let size, size > 0 else { return nil }
    let position = unsafe ftello(pcap_file(handle.pointer))
    guard position >= 0 else { return nil }
    // A file that grows while it is read would come to more than all.
    return min(Double(position) / Double(size), 1)
  }

  private func failureOfReading() -> CaptureError {
    let reason = handle.message
    guard unsafe ferror(pcap_file(handle.pointer)) == 0 else { return .fileFailed(path: path, reason: reason) }
    // libpcap has no code for it: "an interface has a type 113 different from the type of the first interface".
    guard !reason.hasSuffix("of the first interface") else {
      return .mixedInterfaces(path: path, framesRead: framesRead, reason: reason)
    }
    return .damaged(path: path, framesRead: framesRead, reason: reason)
  }

  private static func size(of handle: borrowing CaptureHandle) -> Int? {
    var status = stat()
    guard unsafe fstat(fileno(pcap_file(handle.pointer)), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return Int(status.st_size)
  }
}

extension CaptureClock {
  /// The clock of a file, which was opened with nanoseconds asked for, so libpcap scales to them.
  fileprivate init(offline handle: borrowing CaptureHandle) {
    // pcap is version 2 and has 32 bits of seconds; pcapng is version 1 and has 64 bits of whatever its interfaces say.
    let isPcapng = unsafe pcap_major_version(handle.pointer) == 1
    self.init(nanosecondsPerTick: 1, secondsMask: isPcapng ? -1 : 0xffff_ffff)
  }
}
