import Capture
import Decode

/// Framing of Whatsminer's API v3 (UpstreamData/pyasic, pyasic/rpc/btminer.py):
///
///     +----------------------+--------------------------+
///     | length (4), little   | JSON, `length` bytes     |
///     | endian; 0: heartbeat |                          |
///     +----------------------+--------------------------+
///
/// A frame longer than any request is an image; its bytes are counted.
struct Btminer3Conversation: Sendable {
  /// Bytes of the frame at hand that are yet to come and are not read, of each end.
  private var clientSkip: UInt64 = 0
  private var serverSkip: UInt64 = 0
  private var asked: UInt32 = 0
  private var answered: UInt32 = 0

  mutating func consume(_ bytes: RawSpan, from sender: Role, into said: inout [Observation.Content]) -> Int {
    var offset = 0
    while offset < bytes.byteCount {
      let skip = sender == .client ? clientSkip : serverSkip
      if skip > 0 {
        let skipped = Int(min(skip, UInt64(bytes.byteCount &- offset)))
        setSkip(skip &- UInt64(skipped), sender)
        offset &+= skipped
        continue
      }
      guard bytes.byteCount &- offset >= 4 else { return offset }
      let length = Int(bytes.uint32(at: offset).byteSwapped)
      guard length > 0 else {
        offset &+= 4
        continue
      }
      let known = min(length, Limits.apiRequest)
      guard bytes.byteCount &- offset &- 4 >= known else { return offset }
      let start = offset &+ 4
      read(bytes.extracting(start..<(start &+ known)), of: length, from: sender, into: &said)
      setSkip(UInt64(length &- known), sender)
      offset = start &+ known
    }
    return offset
  }

  private mutating func setSkip(_ skip: UInt64, _ sender: Role) {
    if sender == .client { clientSkip = skip } else { serverSkip = skip }
  }

  /// - Parameter length: of the whole frame, of which `bytes` is the beginning.
  private mutating func read(
    _ bytes: RawSpan, of length: Int, from sender: Role, into said: inout [Observation.Content]
  ) {
    if sender == .server {
      guard answered < asked else { return }
      let answer = CgminerAnswer.read(bytes, 0..<bytes.byteCount)
      said.append(.requestAnswered(APIAnswer(number: answered, outcome: answer.outcome, text: answer.text)))
      answered &+= 1
    } else if bytes.byte(at: 0) == UInt8(ascii: "{") {
      let requests = CgminerRequest.read(bytes, 0..<bytes.byteCount, number: asked)
      for var request in requests {
        request.surface = .btminer3
        request.isPartlyRead = request.isPartlyRead || length > bytes.byteCount
        said.append(.request(request))
      }
      if !requests.isEmpty { asked &+= 1 }
    } else if asked > 0 {
      let seen = UInt64(bytes.byteCount)
      said.append(.requestUploaded(APIUpload(number: asked &- 1, announced: UInt64(length), bytes: seen)))
    }
  }
}
