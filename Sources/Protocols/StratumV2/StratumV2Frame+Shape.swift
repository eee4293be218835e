import Decode

/// Telling frames by their shape, where the start of a session was not seen.
extension StratumV2Frame {
  /// Whether a frame may begin here, for finding the way back: the message is known, said by this end, and about as long as
  /// it must be.
  func isPlausible(from sender: Role) -> Bool {
    guard let message, message.speaker == sender, message.shortest > 0 else { return false }
    return length >= message.shortest && length <= 4_096
  }

  /// Who says the frame that `bytes` begin with, where it is whole and one of those that a session is made of: a share, its answer, or
  /// a job for one channel. Six bytes of its header, or five and its own length, are what random bytes are in one of 2^40.
  static func speaker(ofFrameBeginning bytes: RawSpan) -> Role? {
    guard bytes.byteCount >= headerByteCount else { return nil }
    let frame = StratumV2Frame(bytes, at: 0)
    guard frame.isForChannel, let message = frame.message, bytes.byteCount >= headerByteCount + frame.length else {
      return nil
    }
    let isTelling =
      switch message {
      case .submitSharesStandard, .submitSharesSuccess, .setNewPrevHash, .setTarget: frame.length == message.shortest
      // With the time from which on it is to be worked on, or without.
      case .newMiningJob: frame.length == message.shortest || frame.length == message.shortest + 4
      // The last field says how much of it there is.
      case .submitSharesExtended, .submitSharesError:
        frame.length >= message.shortest
          && Int(bytes.byte(at: headerByteCount + message.shortest - 1)) == frame.length - message.shortest
      default: false
      }
    return isTelling ? message.speaker : nil
  }
}
