import Decode
import Flows

/// Bytes that wait: first bytes that nobody knows yet, and unfinished messages.
extension ProtocolStage {
  /// Half of the buffers are for messages of known sessions, so that no crowd of flows that say half a word can take
  /// them all.
  var mayHope: Bool { buffers.bytesInUse < bufferBytes / 2 }

  /// Adds bytes to those that wait in one direction of a flow.
  ///
  /// - Returns: false when there is no room: what waited is then forgotten too.
  mutating func keep(_ bytes: RawSpan, _ flow: FlowIndex, _ sender: End) -> Bool {
    guard !bytes.isEmpty else { return true }
    let slot = Int(flow.rawValue)
    if progress[slot][sender].buffer == nil {
      progress[slot][sender].buffer = buffers.acquire(capacity: bytes.byteCount)
    }
    if var buffer = progress[slot][sender].buffer {
      let isKept = buffers.append(bytes, to: &buffer)
      progress[slot][sender].buffer = buffer
      if isKept { return true }
    }
    releaseBuffer(flow, sender)
    return false
  }

  /// Bytes that wait in one direction of a flow.
  func keptBytes(_ flow: FlowIndex, _ sender: End) -> Int {
    progress[Int(flow.rawValue)][sender].buffer.map { buffers.count(of: $0) } ?? 0
  }

  mutating func releaseBuffer(_ flow: FlowIndex, _ sender: End) {
    let slot = Int(flow.rawValue)
    guard let buffer = progress[slot][sender].buffer else { return }
    buffers.release(buffer)
    progress[slot][sender].buffer = nil
  }
}
