import Capture
import Decode

/// Meaning of an answer of cgminer's API and its relatives: whether the miner did what it was told.
enum CgminerAnswer {
  /// The code of "Access denied to 'x' command", and of btminer's "Permission denied" (cgminer api.c MSG_ACCDENY).
  private static let denied = "45"

  /// `{"STATUS":[{"STATUS":"S","When":…,"Code":55,"Msg":"Added pool …"}],…}`, btminer's `{"STATUS":"S",…}`, API v3's
  /// `{"code":0,"msg":"ok"}`. Of joined answers the worst counts.
  static func read(_ bytes: RawSpan, _ range: Range<Int>) -> (outcome: APIAnswer.Outcome, text: String) {
    var result = (outcome: APIAnswer.Outcome.unclear, text: "")
    var code = ""
    var json = LooseJSON(bytes, range)
    while let leaf = json.next() {
      let text = bytes.text(leaf.range, limit: Limits.wireText)
      switch json.lastName() {
      case "STATUS" where text.utf8.count == 1:
        // A letter in the list of a joined answer may follow others.
        if let outcome = outcome(ofLetter: text), result.outcome.weight < outcome.weight { result.outcome = outcome }
      case "Code", "code":
        if code.isEmpty || text == denied { code = text }
      case "Msg", "msg", "Message":
        if result.text.isEmpty { result.text = text }
      case "BYE", "RESTART": result.outcome = .accepted
      case "" where text == "BYE" || text == "RESTART":
        // cgminer says {"BYE","id":1}.
        result = (.accepted, text)
      default: break
      }
      if result.outcome != .unclear, !result.text.isEmpty, !code.isEmpty, leaf.depth > 3 { break }
    }
    if result.outcome == .unclear, let number = Int(code) { result.outcome = number == 0 ? .accepted : .failed }
    if result.outcome == .failed, isDenial(code, result.text) { result.outcome = .denied }
    return result
  }

  /// `STATUS=E,When=…,Code=45,Msg=Access denied to 'quit' command,Description=…`.
  static func read(text bytes: [UInt8]) -> (outcome: APIAnswer.Outcome, text: String) {
    if let word = word(bytes) { return word }
    var outcome = APIAnswer.Outcome.unclear
    var (code, message) = ("", "")
    for field in String(decoding: bytes, as: UTF8.self).split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "STATUS": outcome = self.outcome(ofLetter: String(parts[1])) ?? .unclear
      case "Code": code = String(parts[1])
      case "Msg": message = String(parts[1].prefix(Limits.wireText))
      default: break
      }
    }
    if outcome == .failed, isDenial(code, message) { outcome = .denied }
    return (outcome, message)
  }

  /// An answer of one word: cgminer's to `quit` and `restart`, Whatsminer's before an image.
  static func word(_ bytes: [UInt8]) -> (outcome: APIAnswer.Outcome, text: String)? {
    let text = String(decoding: bytes, as: UTF8.self)
    return ["BYE", "RESTART", "ready"].contains(text) ? (.accepted, text) : nil
  }

  /// Success, Informational, Warning, Error, Fatal (API-README).
  private static func outcome(ofLetter letter: String) -> APIAnswer.Outcome? {
    switch letter {
    case "S", "I", "W": .accepted
    case "E", "F": .failed
    default: nil
    }
  }

  private static func isDenial(_ code: String, _ text: String) -> Bool {
    let text = text.lowercased()
    return code == denied || ["denied", "permission", "unauthorized", "invalid token"].contains { text.contains($0) }
  }
}

extension APIAnswer.Outcome {
  fileprivate var weight: Int {
    switch self {
    case .unclear: 0
    case .accepted: 1
    case .failed: 2
    case .denied: 3
    }
  }
}
