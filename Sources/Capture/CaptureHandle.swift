import CPcap
import Glibc

/// Owns a libpcap handle and, for a file, the buffer that it reads through. Both end with it.
///
/// It may be sent to another thread: libpcap binds a handle to none, and the one owner cannot be in two at a time.
@safe
struct CaptureHandle: ~Copyable, @unchecked Sendable {
  let pointer: OpaquePointer
  private let readBuffer: UnsafeMutablePointer<CChar>?

  /// - Parameter readBuffer: freed after the handle is closed, since closing still touches the stream.
  @unsafe
  init(owning pointer: OpaquePointer, readBuffer: UnsafeMutablePointer<CChar>? = nil) {
    unsafe self.pointer = pointer
    unsafe self.readBuffer = readBuffer
  }

  deinit {
    unsafe pcap_close(pointer)
    unsafe free(readBuffer)
  }

  /// The DLT_ number of what frames start with.
  var dataLink: Int32 { unsafe pcap_datalink(pointer) }

  /// What libpcap says of the last failure.
  var message: String { unsafe String(cString: pcap_geterr(pointer)) }

  /// Lets through only what `filter` matches. An empty filter matches everything.
  ///
  /// - Parameter source: what the error names, a path or an interface.
  mutating func apply(filter: String, source: String) throws(CaptureError) {
    guard !filter.isEmpty else { return }
    var program = unsafe bpf_program()
    if let fault = unsafe CaptureFilter.compile(filter, for: pointer, into: &program) {
      throw .badFilter(filter: filter, source: source, reason: fault)
    }
    defer { unsafe pcap_freecode(&program) }
    guard unsafe pcap_setfilter(pointer, &program) == 0 else {
      throw .badFilter(filter: filter, source: source, reason: message)
    }
  }
}
