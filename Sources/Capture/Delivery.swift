import CPcap

/// What libpcap's callback needs to make a ``Frame`` of what it is given, and to whom the frame goes.
///
/// `pcap_dispatch` is the one call that lends frames from an interface without a copy, and it is also the fastest for
/// files. It takes a C function and a pointer; the pointer leads here, to the stack of the call that reads. The body is
/// called through a borrowed `~Copyable` value, so no frame costs a retain, a release or an allocation.
struct Delivery: ~Copyable {
  private let body: (borrowing Frame) -> Void
  private let linkType: LinkType
  private let source: UInt16
  private let clock: CaptureClock
  /// Frames handed to the body so far.
  private var count = 0

  /// Lets libpcap read up to `limit` frames from `handle` and lends each to `body`.
  ///
  /// - Parameter limit: 1 to `Int32.max`; libpcap would take less for "all there are".
  /// - Returns: what `pcap_dispatch` returned, negative for a failure, and how many frames were delivered, which is
  ///   right in every case.
  static func dispatch(
    from handle: borrowing CaptureHandle, limit: Int, linkType: LinkType, source: UInt16, clock: CaptureClock,
    to body: (borrowing Frame) -> Void
  ) -> (status: Int32, frames: Int) {
    withoutActuallyEscaping(body) { body in
      var delivery = Delivery(body: body, linkType: linkType, source: source, clock: clock)
      let status = unsafe withUnsafeMutablePointer(to: &delivery) { context in
        let user = unsafe UnsafeMutableRawPointer(context).assumingMemoryBound(to: UInt8.self)
        return unsafe pcap_dispatch(handle.pointer, Int32(clamping: max(limit, 1)), receive, user)
      }
      return (status, delivery.count)
    }
  }

  /// The function that libpcap calls for each frame.
  private static let receive: pcap_handler = { user, header, bytes in
    guard let user = unsafe user, let header = unsafe header, let bytes = unsafe bytes else { return }
    let delivery = unsafe UnsafeMutableRawPointer(user).assumingMemoryBound(to: Delivery.self)
    unsafe delivery.pointee.deliver(header.pointee, bytes)
  }

  private mutating func deliver(_ header: pcap_pkthdr, _ bytes: UnsafePointer<UInt8>) {
    count &+= 1
    // A file may claim that less was on the wire than it holds; the bytes are the better witness.
    let length = Int(max(header.len, header.caplen))
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(header.caplen))
    let frame = unsafe Frame(
      bytes: RawSpan(_unsafeBytes: buffer), timestamp: clock.timestamp(header.ts), originalLength: length,
      linkType: linkType, source: source)
    body(frame)
  }
}

/// How a handle writes its time stamps.
struct CaptureClock: Equatable {
  /// Nanoseconds in one unit of a time stamp's fraction: 1, or 1,000 where an interface has only microseconds.
  let nanosecondsPerTick: Int64
  /// Bits of the seconds that count. A pcap file has 32 and no sign (draft-ietf-opsawg-pcap, "Packet Record"), but
  /// libpcap widens them as if they had one, which would put 2038 in 1901.
  let secondsMask: Int64

  /// - Returns: the time, clamped to what 64 bits of nanoseconds hold. The fraction may be out of range in a damaged
  ///   file and is added as it stands.
  func timestamp(_ time: timeval) -> Timestamp {
    Timestamp(seconds: Int64(time.tv_sec) & secondsMask, nanoseconds: Int64(time.tv_usec) &* nanosecondsPerTick)
  }
}
