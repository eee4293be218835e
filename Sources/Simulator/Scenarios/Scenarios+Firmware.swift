import Capture

extension Scenario {
  /// Family 3xxx, as far as files and passwords go.
  static let firmware: [Scenario] = [
    Scenario(
      "signed-root", raises: "control.firmware",
      "A manager's machine sends a miner the vendor's package that gives root, a few bytes through the upgrade page",
      survives: [.bytewise, .middle]
    ) { $0.play($0.web(from: .manager, "POST /cgi-bin/upgrade.cgi", $0.multipart("{type:root}abc", name: "a.bmu"))) },
    Scenario(
      "default-password", raises: "control.credentials",
      "A manager looks at a miner's page with the password that its maker gave it", survives: [.bytewise, .middle]
    ) { $0.play($0.web(from: .manager, "GET /cgi-bin/get_system_info.cgi", login: "cm9vdDpyb290")) },
    Scenario(
      "firmware-pull", raises: "control.firmware-pull", also: ["destination.unlisted"],
      "A miner fetches an image of 24 MB from a host that nobody knows", survives: [.bytewise, .middle]
    ) { $0.play($0.download(from: .stranger, bytes: 24_000_000)) },
    Scenario(
      "firmware-pull-over-tls", raises: "control.firmware-pull",
      "A miner fetches an image over TLS from a host that it may use: told while it comes", survives: [.middle]
    ) { stage in
      var pull = stage.tls(to: .firmwareMirror, port: 443, for: "mirror.example")
      pull.turns += [Conversation.Turn](repeating: .serverBytes(TLSBytes.data(14_000)), count: 80)
      return stage.play(pull)
    },
  ]
}

extension Stage {
  /// A request to the miner's own pages, and the answer.
  ///
  /// - Parameter login: user and password in base64.
  package func web(from client: Host, _ request: String, _ form: String? = nil, login: String? = nil) -> Conversation {
    var text = "\(request) HTTP/1.1\r\nHost: miner\r\n"
    if let login { text += "Authorization: Basic \(login)\r\n" }
    if let form {
      text += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
    } else {
      text += "\r\n"
    }
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    return Conversation(
      from: client, clientPort: 50_080, to: miner, port: 80,
      turns: [.clientBytes(Array(text.utf8)), .serverBytes(Array(answer.utf8))])
  }

  /// A form with a file in it, for ``web(from:_:_:login:)``.
  package func multipart(_ file: String, name: String) -> String {
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n\(file)\r\n--b--\r\n"
  }

  /// The miner asks for a file, and its start comes.
  package func download(from server: Host, bytes: Int) -> Conversation {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: \(bytes)\r\n\r\n"
    return Conversation(
      from: miner, to: server, port: 443,
      turns: [
        .clientBytes(Array("GET /firmware/latest.bin HTTP/1.1\r\nHost: updates\r\n\r\n".utf8)),
        .serverBytes(Array(head.utf8) + [UInt8](repeating: 0x26, count: min(bytes, 12_000))),
      ])
  }
}
