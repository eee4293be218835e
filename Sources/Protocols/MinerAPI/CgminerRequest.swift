import Capture
import Decode

/// Meaning of a request to cgminer's API and its relatives.
enum CgminerRequest {
  /// `{"command":"addpool","parameter":"url,user,pass"}`; btminer says `cmd`, and hides what matters in `enc`.
  ///
  /// A key that stands there twice is read both ways: jansson takes the last, others the first.
  static func read(_ bytes: RawSpan, _ range: Range<Int>, number: UInt32) -> [APIRequest] {
    var names: [String] = []
    var isHidden = false
    var parameters = APIParameters()
    var json = LooseJSON(bytes, range)
    while let leaf = json.next() {
      let text = bytes.text(leaf.range, limit: Limits.wireText)
      let key = json.name()
      switch key.lowercased() {
      case "command", "cmd":
        if names.count < Limits.apiJoined { names.append(bytes.text(leaf.range, limit: Limits.apiText)) }
      case "parameter", "param":
        addPositions(of: bytes.text(leaf.range, limit: Limits.apiText), to: &parameters)
      case "enc":
        isHidden = text != "0" && text != "false"
      case let key where key.hasPrefix("parameter.") || key.hasPrefix("param."):
        parameters.add(String(key.drop { $0 != "." }.dropFirst()), text)
      default: parameters.add(key, text)
      }
    }
    if isHidden {
      return [
        APIRequest(
          .cgminer, number: number, command: names.first.map { String($0.prefix(Limits.wireText)) } ?? "enc",
          isHidden: true)
      ]
    }
    return requests(names, parameters, number)
  }

  /// `addpool|url,user,pass`, or `MT01` and what follows for the daemon of Whatsminer's tool. Empty for what is no command.
  static func read(text bytes: [UInt8], number: UInt32) -> [APIRequest] {
    let text = String(decoding: bytes, as: UTF8.self)
    if let daemon = RemoteDaemon.read(text, number: number) { return [daemon] }
    let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let name = (parts.first ?? "").filter { !$0.isWhitespace }
    guard isPlausible(name) else { return [] }
    var parameters = APIParameters()
    if parts.count == 2 { addPositions(of: String(parts[1]), to: &parameters) }
    return requests([name], parameters, number)
  }

  /// Joined commands, `summary+pools`, are several.
  private static func requests(_ names: [String], _ parameters: APIParameters, _ number: UInt32) -> [APIRequest] {
    var requests: [APIRequest] = []
    for name in names {
      let parts = name.split(separator: "+", maxSplits: Limits.apiJoined &- 1)
      for part in parts where requests.count < Limits.apiJoined {
        let command = String(part.prefix(Limits.wireText))
        requests.append(APIRequest(.cgminer, number: number, command: command, parameters: parameters))
      }
    }
    return requests
  }

  /// Splits at commas; a backslash takes the next character's meaning away (API-README).
  private static func addPositions(of text: String, to parameters: inout APIParameters) {
    guard !text.isEmpty else { return }
    var part = ""
    var isEscaped = false
    for character in text.unicodeScalars {
      if !isEscaped, character == "\\" {
        isEscaped = true
      } else if !isEscaped, character == "," {
        parameters.add(part)
        part = ""
      } else {
        part.unicodeScalars.append(character)
        isEscaped = false
      }
    }
    parameters.add(part)
  }

  /// Letters, digits and what joins them: anything else is not a command but noise.
  private static func isPlausible(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= Limits.wireText else { return false }
    return isLetter(first)
      && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-_.".utf8.contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

/// The commands of the daemon that Whatsminer's tool speaks to on port 8889, without any password: `MT` and two digits,
/// then names and values with `::` between them (zurylostboys/WhatsMiner-firmware, usr/bin/remote-daemon).
enum RemoteDaemon {
  static func read(_ text: String, number: UInt32) -> APIRequest? {
    let letters = Array(text.utf8.prefix(4))
    guard isCommand(letters) else { return nil }
    var parameters = APIParameters()
    let words = text.dropFirst(4).split(separator: "::", maxSplits: 2 * Limits.apiParameters)
      .map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    for index in stride(from: 0, to: words.count, by: 2) {
      parameters.add(words[index], index + 1 < words.count ? words[index + 1] : "")
    }
    return APIRequest(
      .remoteDaemon, number: number, command: String(decoding: letters, as: UTF8.self), parameters: parameters)
  }

  static func isCommand(_ letters: [UInt8]) -> Bool {
    letters.count == 4 && letters[0] == UInt8(ascii: "M") && letters[1] == UInt8(ascii: "T")
      && (0x30...0x39).contains(letters[2]) && (0x30...0x39).contains(letters[3])
  }
}
