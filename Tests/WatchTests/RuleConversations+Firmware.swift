import Simulator

extension NearMiss {
  static let firmware: [NearMiss] = [
    // A form with a small picture in it.
    NearMiss(of: "control.firmware") {
      $0.play($0.web(from: .manager, "POST /cgi-bin/logo.cgi", $0.multipart("\u{89}PNG and so on", name: "logo.png")))
    },
    NearMiss(of: "control.credentials") {
      $0.play($0.web(from: .manager, "GET /cgi-bin/get_system_info.cgi"))
    },
    NearMiss(of: "control.firmware-pull") { $0.play($0.download(from: Host("198.51.100.200"), bytes: 20_000)) },
  ]
}
