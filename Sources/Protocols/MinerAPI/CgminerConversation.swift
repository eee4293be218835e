import Capture
import Decode

/// Framing of cgminer's API and its relatives: a JSON object or a line of text from the client, an answer from the
/// miner, mostly one of each a connection (cgminer API-README and api.c). Whatsminer's firmware image follows its
/// command on the same connection (UpstreamData/pyasic, pyasic/rpc/btminer.py).
///
/// Nothing marks the end of a text: it is over with a line feed, a zero, the miner's answer or the connection.
struct CgminerConversation: Sendable {
  private enum Asking: Sendable {
    case ready
    /// A text whose end has not come.
    case text([UInt8])
    /// The rest of a request that is too long, or whose beginning was lost: nothing until the miner has answered.
    case deaf
    case upload(Upload)
  }

  private enum Answering: Sendable {
    case ready
    case text([UInt8])
    /// What is left of an answer that was read.
    case deaf
  }

  private struct Upload: Sendable {
    var number: UInt32
    var announced: UInt64
    var bytes: UInt64 = 0
  }

  private var asking = Asking.ready
  private var answering = Answering.ready
  private var requestExtent = LooseJSONExtent()
  private var answerExtent = LooseJSONExtent()
  /// Requests read, and answers read to them.
  private var asked: UInt32 = 0
  private var answered: UInt32 = 0

  mutating func consume(_ bytes: RawSpan, from sender: Role, into said: inout [Observation.Content]) -> Int {
    sender == .client ? readRequests(bytes, into: &said) : readAnswers(bytes, into: &said)
  }

  mutating func lose(from sender: Role) {
    if sender == .client {
      requestExtent = LooseJSONExtent()
      // An image goes on behind the hole.
      if case .upload = asking { return }
      asking = .deaf
    } else {
      answerExtent = LooseJSONExtent()
      answering = .deaf
    }
  }

  mutating func finish(into said: inout [Observation.Content]) {
    endText(into: &said)
    if case .text(let text) = answering, !text.isEmpty { say(CgminerAnswer.read(text: text), into: &said) }
    if case .upload(let upload) = asking { tell(upload, into: &said) }
  }

  // MARK: Requests

  private mutating func readRequests(_ bytes: RawSpan, into said: inout [Observation.Content]) -> Int {
    var offset = 0
    while offset < bytes.byteCount {
      let rest = bytes.extracting(offset..<bytes.byteCount)
      switch asking {
      case .ready:
        guard let used = begin(rest, into: &said) else { return offset }
        offset &+= used
      case .text(let text):
        offset &+= readText(rest, behind: text, into: &said)
      case .upload(var upload):
        upload.bytes &+= UInt64(rest.byteCount)
        asking = .upload(upload)
        if upload.bytes >= upload.announced {
          tell(upload, into: &said)
          asking = .deaf
        }
        return bytes.byteCount
      case .deaf: return bytes.byteCount
      }
    }
    return offset
  }

  /// Reads what stands where a request may begin.
  ///
  /// - Returns: bytes used; nil when the request is not whole yet.
  private mutating func begin(_ bytes: RawSpan, into said: inout [Observation.Content]) -> Int? {
    let first = bytes.byte(at: 0)
    if first == UInt8(ascii: "{") { return readObject(bytes, into: &said) }
    if first == 0x0a || first == 0x0d || (first <= 0x20 && asked == 0) { return 1 }
    if asked > 0 {
      // Behind a command may come an image; four bytes tell.
      guard bytes.byteCount >= 4 else { return nil }
      if let size = Self.imageSize(bytes) {
        asking = .upload(Upload(number: asked &- 1, announced: size))
        return 4
      }
      if first <= 0x20 { return 1 }
    }
    asking = .text([])
    return 0
  }

  private mutating func readObject(_ bytes: RawSpan, into said: inout [Observation.Content]) -> Int? {
    if let end = requestExtent.end(in: bytes) {
      requestExtent = LooseJSONExtent()
      say(CgminerRequest.read(bytes, 0..<end, number: asked), into: &said)
      return end
    }
    guard bytes.byteCount >= Limits.apiRequest else { return nil }
    requestExtent = LooseJSONExtent()
    say(CgminerRequest.read(bytes, 0..<bytes.byteCount, number: asked), isCut: true, into: &said)
    asking = .deaf
    return bytes.byteCount
  }

  private mutating func readText(_ bytes: RawSpan, behind text: [UInt8], into said: inout [Observation.Content]) -> Int
  {
    var text = text
    for index in 0..<bytes.byteCount {
      let byte = bytes.byte(at: index)
      if byte == 0x0a || byte == 0 {
        asking = .text(text)
        endText(into: &said)
        return index &+ 1
      }
      guard text.count < Limits.apiText else {
        asking = .text(text)
        endText(isCut: true, into: &said)
        asking = .deaf
        return bytes.byteCount
      }
      text.append(byte)
    }
    asking = .text(text)
    return bytes.byteCount
  }

  private mutating func endText(isCut: Bool = false, into said: inout [Observation.Content]) {
    guard case .text(let text) = asking else { return }
    asking = .ready
    say(CgminerRequest.read(text: text, number: asked), isCut: isCut, into: &said)
  }

  /// - Parameter isCut: they are too long to be read to their end.
  private mutating func say(_ requests: [APIRequest], isCut: Bool = false, into said: inout [Observation.Content]) {
    guard !requests.isEmpty else { return }
    for var request in requests {
      request.isPartlyRead = request.isPartlyRead || isCut
      said.append(.request(request))
    }
    asked &+= 1
    if case .deaf = answering { answering = .ready }
  }

  private func tell(_ upload: Upload, into said: inout [Observation.Content]) {
    said.append(
      .requestUploaded(APIUpload(number: upload.number, announced: upload.announced, bytes: upload.bytes)))
  }

  /// The length in front of a firmware image: 64 KiB at the least, and under 512 MiB, where the first four letters of any text
  /// are not.
  private static func imageSize(_ bytes: RawSpan) -> UInt64? {
    guard bytes.byteCount >= 4 else { return nil }
    let size = UInt64(bytes.uint32(at: 0).byteSwapped)
    return 65_536..<(512 << 20) ~= size ? size : nil
  }

  // MARK: Answers

  private mutating func readAnswers(_ bytes: RawSpan, into said: inout [Observation.Content]) -> Int {
    // The miner speaks: whatever the client said without an end is over.
    endText(into: &said)
    if case .deaf = asking { asking = .ready }
    var offset = 0
    while offset < bytes.byteCount {
      let rest = bytes.extracting(offset..<bytes.byteCount)
      let first = rest.byte(at: 0)
      switch answering {
      case .deaf: return bytes.byteCount
      case .ready where first <= 0x20: offset &+= 1
      case .ready where first == UInt8(ascii: "{"):
        guard let used = readAnswerObject(rest, into: &said) else { return offset }
        offset &+= used
      case .ready: answering = .text([])
      case .text(let text): offset &+= readAnswerText(rest, behind: text, into: &said)
      }
    }
    return offset
  }

  private mutating func readAnswerObject(_ bytes: RawSpan, into said: inout [Observation.Content]) -> Int? {
    let end = answerExtent.end(in: bytes)
    guard end != nil || bytes.byteCount >= Limits.apiAnswer else { return nil }
    answerExtent = LooseJSONExtent()
    say(CgminerAnswer.read(bytes, 0..<(end ?? bytes.byteCount)), into: &said)
    if end == nil { answering = .deaf }
    return end ?? bytes.byteCount
  }

  private mutating func readAnswerText(
    _ bytes: RawSpan, behind text: [UInt8], into said: inout [Observation.Content]
  ) -> Int {
    var text = text
    for index in 0..<bytes.byteCount {
      let byte = bytes.byte(at: index)
      // The status is the first part of a text answer.
      guard byte != UInt8(ascii: "|"), byte != 0, byte != 0x0a, text.count < Limits.apiText else {
        answering = .ready
        say(CgminerAnswer.read(text: text), into: &said)
        if byte != 0, byte != 0x0a { answering = .deaf }
        return index &+ 1
      }
      text.append(byte)
    }
    answering = .text(text)
    // A word without an end may be all that is said: `ready`, `BYE`.
    if let word = CgminerAnswer.word(text) {
      answering = .ready
      say(word, into: &said)
    }
    return bytes.byteCount
  }

  private mutating func say(
    _ answer: (outcome: APIAnswer.Outcome, text: String), into said: inout [Observation.Content]
  ) {
    // What nobody asked, as far as the tap saw, is no answer.
    if answered < asked {
      said.append(.requestAnswered(APIAnswer(number: answered, outcome: answer.outcome, text: answer.text)))
      answered &+= 1
    }
    if answered == asked { answering = .deaf }
  }
}
