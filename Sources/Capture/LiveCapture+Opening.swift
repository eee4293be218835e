import CPcap

extension LiveCapture {
  /// A handle that does not capture yet.
  static func create(_ interface: String) throws(CaptureError) -> CaptureHandle {
    guard !interface.isEmpty, !interface.utf8.contains(0) else {
      throw .noSuchInterface(name: interface, available: Interfaces.available)
    }
    var message = LibpcapMessage()
    guard let pointer = unsafe pcap_create(interface, &message.buffer) else {
      throw .interfaceFailed(name: interface, reason: message.text)
    }
    return unsafe CaptureHandle(owning: pointer)
  }
}

extension CaptureHandle {
  /// - Throws: ``CaptureError/interfaceFailed(name:reason:)``.
  mutating func configure(_ settings: LiveCapture.Settings, interface: String) throws(CaptureError) {
    let snapLength = Int32(min(max(settings.snapLength, 1), Limits.frameBytes))
    let steps: [Int32] = unsafe [
      pcap_set_snaplen(pointer, snapLength),
      pcap_set_buffer_size(pointer, Int32(clamping: max(settings.bufferBytes, 1))),
      pcap_set_promisc(pointer, settings.isPromiscuous ? 1 : 0),
      pcap_set_timeout(pointer, LiveCapture.blockMilliseconds),
    ]
    if let failure = steps.first(where: { $0 != 0 }) {
      throw .interfaceFailed(name: interface, reason: unsafe String(cString: pcap_statustostr(failure)))
    }
    // Refused where there are only microseconds; the clock asks what came of it.
    _ = unsafe pcap_set_tstamp_precision(pointer, PCAP_TSTAMP_PRECISION_NANO)
  }

  /// Starts capturing.
  ///
  /// - Returns: libpcap's warnings.
  mutating func activate(interface: String) throws(CaptureError) -> [String] {
    let status = unsafe pcap_activate(pointer)
    switch status {
    case 0: return []
    case 1...: return [explanation(of: status)]
    case PCAP_ERROR_NO_SUCH_DEVICE: throw .noSuchInterface(name: interface, available: Interfaces.available)
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: throw .captureNotPermitted(name: interface)
    case PCAP_ERROR_IFACE_NOT_UP: throw .interfaceDown(name: interface)
    default: throw .interfaceFailed(name: interface, reason: explanation(of: status))
    }
  }

  /// - Returns: the descriptor to poll.
  mutating func stopBlocking(interface: String) throws(CaptureError) -> Int32 {
    var message = LibpcapMessage()
    guard unsafe pcap_setnonblock(pointer, 1, &message.buffer) == 0 else {
      throw .interfaceFailed(name: interface, reason: message.text)
    }
    let descriptor = unsafe pcap_get_selectable_fd(pointer)
    guard descriptor >= 0 else {
      throw .interfaceFailed(name: interface, reason: "it cannot be waited for")
    }
    return descriptor
  }

  /// libpcap's words for a status of `pcap_activate`, the particular ones if there are any.
  private func explanation(of status: Int32) -> String {
    let particular = message
    return particular.isEmpty ? unsafe String(cString: pcap_statustostr(status)) : particular
  }
}

extension CaptureClock {
  /// The clock of an activated interface.
  init(live handle: borrowing CaptureHandle) {
    let precision = unsafe pcap_get_tstamp_precision(handle.pointer)
    self.init(nanosecondsPerTick: precision == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1_000, secondsMask: -1)
  }
}
