import CPcap
import Glibc

/// A file that is open but not yet known to be a capture.
@safe
struct CaptureInput: ~Copyable {
  private let stream: UnsafeMutablePointer<FILE>
  private let buffer: UnsafeMutablePointer<CChar>

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - name: what errors call it.
  init(path: String, name: String) throws(CaptureError) {
    guard let stream = unsafe Self.open(path) else {
      throw Self.failure(errno, name: name)
    }
    // stdio would read in pieces of 4 KiB: a sixth of all the time that libpcap takes goes into those system calls.
    let size = Limits.captureReadBuffer
    guard let buffer = unsafe malloc(size)?.assumingMemoryBound(to: CChar.self) else {
      unsafe fclose(stream)
      throw Self.failure(ENOMEM, name: name)
    }
    unsafe setvbuf(stream, buffer, _IOFBF, size)
    // libpcap reads a record with two calls of fread, each of which would lock the stream. It has one owner.
    unsafe __fsetlocking(stream, Int32(FSETLOCKING_BYCALLER))
    unsafe self.stream = stream
    unsafe self.buffer = buffer
  }

  deinit {
    unsafe fclose(stream)
    unsafe free(buffer)
  }

  /// Refuses what libpcap would call an unknown format although we know what it is: nothing, a directory, or a
  /// compressed file.
  mutating func refuseKnownStrangers(name: String) throws(CaptureError) {
    let first = unsafe getc(stream)
    guard first != EOF else {
      guard unsafe ferror(stream) == 0 else { throw Self.failure(errno, name: name) }
      throw .empty(path: name)
    }
    // Standard input cannot be rewound, and C promises to take back one byte only. One byte tells whether it can be a
    // capture; the next are taken for good only when it cannot.
    guard let compression = Compression.allCases.first(where: { Int32($0.magic[0]) == first }) else {
      unsafe ungetc(first, stream)
      return
    }
    for expected in compression.magic.dropFirst() where unsafe getc(stream) != Int32(expected) {
      throw .notACapture(path: name, reason: "unknown file format")
    }
    throw .compressed(path: name, by: compression)
  }

  /// Hands the file over to libpcap, which reads its header.
  consuming func openCapture(name: String) throws(CaptureError) -> CaptureHandle {
    var message = LibpcapMessage()
    let handle = unsafe pcap_fopen_offline_with_tstamp_precision(
      stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message.buffer)
    guard let handle = unsafe handle else {
      let failed = unsafe ferror(stream) != 0
      let reason = message.text
      _ = consume self
      throw failed ? .fileFailed(path: name, reason: reason) : .notACapture(path: name, reason: reason)
    }
    let buffer = unsafe buffer
    // From here on the handle closes the stream.
    discard self
    return unsafe CaptureHandle(owning: handle, readBuffer: buffer)
  }

  private static func open(_ path: String) -> UnsafeMutablePointer<FILE>? {
    guard path == "-" else {
      guard !path.utf8.contains(0) else {
        errno = ENOENT
        return nil
      }
      return unsafe fopen(path, "rbe")
    }
    // A descriptor of our own, so that every stream is closed in the same way.
    let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else { return nil }
    return unsafe fdopen(descriptor, "rb")
  }

  private static func failure(_ number: Int32, name: String) -> CaptureError {
    switch number {
    case ENOENT, ENOTDIR: .noSuchFile(path: name)
    case EISDIR: .directory(path: name)
    case EACCES, EPERM: .fileNotPermitted(path: name)
    default: .fileFailed(path: name, reason: systemMessage(number))
    }
  }
}
