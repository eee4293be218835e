import Protocols

extension RuleCase {
  private static func request(
    _ method: String, _ path: String, type: String? = nil, length: UInt64? = nil, upload: HTTPUpload? = nil,
    files: [HTTPUpload] = [], isPartlyRead: Bool = false
  ) -> Observation.Content {
    var request = HTTPRequest(method: method, target: path, path: path)
    request.contentType = type
    request.contentLength = length
    request.uploads = upload.map { [$0] } ?? files
    request.isPartlyRead = isPartlyRead
    return .http(.request(request))
  }

  private static func upload(_ start: String, _ name: String? = nil) -> HTTPUpload {
    HTTPUpload(fileName: name, start: Array(start.utf8))
  }

  private static func response(_ status: Int, length: UInt64, to path: String) -> Observation.Content {
    var response = HTTPResponse(status: status)
    response.contentLength = length
    response.request = HTTPResponse.Request(method: "GET", path: path, host: "fw.example")
    return .http(.response(response))
  }

  static let firmware: [RuleCase] = [
    .fires(
      "a file over TLS, as it comes",
      [
        flow(to: "198.51.100.3", 443).observed(
          .tls(TLSEvent(session: TLSSession(transport: .stream), what: .transfer(1 << 20))))
      ],
      "info control.firmware-pull 10.20.0.5 -> 198.51.100.3:443: downloads 1.0 MB"),
    .nearMiss(
      of: "control.firmware-pull", when: "half as much over TLS, or much from the pool",
      morning + [
        flow(to: "198.51.100.3", 443).observed(
          .tls(TLSEvent(session: TLSSession(transport: .stream), what: .transfer(512 << 10)))),
        flow(to: securePool, 443, id: 2).observed(
          .tls(TLSEvent(session: TLSSession(transport: .stream), what: .transfer(4 << 20)))),
      ]),
    .fires(
      "an upgrade by somebody from the site",
      [
        flow("10.1.0.200", to: miner, 80).observed(
          request(
            "POST", "/cgi-bin/upgrade.cgi", length: 24_000_000,
            upload: upload("&" + String(repeating: "x", count: 40), "s21.bmu")))
      ],
      #"critical control.firmware 10.20.0.5 <- 10.1.0.200: a Bitmain image (.bmu) ("s21.bmu"), 24.0 MB, by POST /cgi-bin/upgrade.cgi"#
    ),
    .fires(
      "the same by a manager, and a package that gives root",
      [
        flow(manager, to: miner, 80).observed(request("POST", "/cgi-bin/upgrade.cgi", length: 24_000_000)),
        flow(manager, to: miner, 80, id: 2).observed(
          request("POST", "/cgi-bin/upgrade.cgi", length: 3_000, upload: upload("\r\n{type:root}abc"))),
      ],
      "info control.firmware 10.20.0.5 <- 10.1.0.2: an upgrade, 24.0 MB, by POST /cgi-bin/upgrade.cgi",
      "critical control.firmware 10.20.0.5 <- 10.1.0.2: a Bitmain package that gives root, 3 kB, by POST /cgi-bin/upgrade.cgi"
    ),
    .fires(
      "a package that sets pools behind another file, and an upgrade whose file is not seen, both by a manager",
      [
        flow(manager, to: miner, 80).observed(
          request(
            "POST", "/cgi-bin/upgrade.cgi", length: 3_000,
            files: [upload("hello", "a.txt"), upload("{type:pool}", "b.bmu")])
        ),
        flow(manager, to: miner, 80, id: 2).observed(
          request("POST", "/cgi-bin/upgrade.cgi", length: 30_000, isPartlyRead: true)),
      ],
      #"critical control.firmware 10.20.0.5 <- 10.1.0.2: a Bitmain package that sets and locks pools ("b.bmu"), 3 kB, by POST /cgi-bin/upgrade.cgi"#,
      "critical control.firmware 10.20.0.5 <- 10.1.0.2: an upgrade whose file was not seen, 30 kB, by POST /cgi-bin/upgrade.cgi"
    ),
    .fires(
      "a large file in pieces, told once",
      (0..<8).map {
        flow("10.1.0.200", to: miner, 80).observed(request("POST", "/up", length: 300_000), at: 100 + Double($0))
      }
        + [flow("10.1.0.200", to: miner, 80).ended(.http, bytes: 5_000_000, at: 120)],
      "critical control.firmware 10.20.0.5 <- 10.1.0.200: a large file in pieces, 1.2 MB, by POST /up"),
    .fires(
      "a miner sends another one a large file by SSH, and a miner fetches from another one",
      [
        flow("10.20.0.6", to: miner, 22).ended(.ssh, bytes: 30_000_000, at: 130),
        flow(to: "10.20.0.6", 8_000, id: 2).observed(response(200, length: 3_000_000, to: "/fw"), at: 131),
      ],
      "critical control.firmware 10.20.0.6 -> 10.20.0.5:22: a large file, 15.0 MB, by SSH",
      "high control.firmware-pull 10.20.0.6 -> 10.20.0.5:22: downloads 15.0 MB",
      #"high control.firmware-pull 10.20.0.5 -> 10.20.0.6:8000: downloads 3.0 MB: "fw.example/fw""#),
    .fires(
      "a download in pieces, told once",
      (0..<8).map {
        flow(to: stranger, 80).observed(response(206, length: 300_000, to: "/fw.bin"), at: 100 + Double($0))
      }
        + [flow(to: stranger, 80).ended(.http, bytes: 5_000_000, at: 120)],
      #"high control.firmware-pull 10.20.0.5 -> 198.51.100.66:80: downloads 1.2 MB: "fw.example/fw.bin""#),
    .nearMiss(
      of: "control.firmware", "control.firmware-pull",
      when: "a connection that is kept for days, and work between miners",
      (0..<300).map {
        flow(manager, to: miner, 80).observed(request("POST", "/up", length: 9_000), at: 100 + Double($0))
      }
        + (0..<300).map {
          flow(to: "198.51.100.3", 443, id: 2).observed(response(200, length: 9_000, to: "/"), at: 500 + Double($0))
        }
        + [
          flow(manager, to: miner, 80).ended(.http, bytes: 50_000_000, at: 1_000),
          flow("10.20.0.6", to: miner, 3_333, id: 3).ended(.stratum, bytes: 9_000_000, at: 1_001),
        ]),
    .fires(
      "a large file by SSH",
      [
        flow("10.1.0.200", to: miner, 22).ended(.ssh, bytes: 30_000_000, at: 130)
      ],
      "critical control.firmware 10.20.0.5 <- 10.1.0.200: a large file, 15.0 MB, by SSH"),
    .fires(
      "a body that never ends",
      [
        flow("10.1.0.200", to: miner, 80).observed(
          .http(.transfer(HTTPTransfer(sender: .client, bytes: 1 << 20))))
      ],
      "critical control.firmware 10.20.0.5 <- 10.1.0.200: a large file, 1.0 MB, by HTTP"),
    .nearMiss(
      of: "control.firmware", when: "settings and small files",
      [
        flow("10.1.0.200", to: miner, 80).observed(request("GET", "/cgi-bin/stats.cgi")),
        flow("10.1.0.200", to: miner, 80).observed(
          request("POST", "/logo", length: 20_000, upload: upload("\u{89}PNG", "logo.png"))),
        flow(miner, to: "10.1.0.200", 80).observed(request("POST", "/cgi-bin/upgrade.cgi", length: 3_000)),
      ]),
    .fires(
      "a download from outside",
      [flow(to: stranger, 80).observed(response(200, length: 24_000_000, to: "/fw.bin"))],
      #"high control.firmware-pull 10.20.0.5 -> 198.51.100.66:80: downloads 24.0 MB: "fw.example/fw.bin""#),
    .fires(
      "a download over TLS, seen at its end, and one that is allowed",
      [
        flow(to: stranger, 443).ended(.tls, bytes: 4_000_000, at: 120),
        flow(to: "198.51.100.3", 443, id: 2).ended(.tls, bytes: 4_000_000, at: 121),
      ],
      "high control.firmware-pull 10.20.0.5 -> 198.51.100.66:443: downloads 2.0 MB",
      "info control.firmware-pull 10.20.0.5 -> 198.51.100.3:443: downloads 2.0 MB"),
    .nearMiss(
      of: "control.firmware-pull", when: "work, small pages and refusals",
      morning + [
        flow(to: goodPool, 3333).ended(.stratum, bytes: 9_000_000, at: 500),
        flow(to: goodPool, 443, id: 2).ended(.tls, bytes: 9_000_000, at: 501),
        flow(to: "198.51.100.3", 443, id: 3).observed(response(200, length: 20_000, to: "/"), at: 502),
        flow(to: "198.51.100.3", 443, id: 3).observed(response(404, length: 2_000_000, to: "/"), at: 503),
      ]),
    .fires(
      "the maker's password, and one's own in the clear",
      [
        flow(manager, to: miner, 80).observed(login("root", "root")),
        flow("10.1.0.200", to: miner, 80, id: 2).observed(login("root", "root")),
        flow("10.1.0.200", to: miner, 80, id: 3).observed(login("ops", "hunter2")),
      ],
      #"info control.credentials 10.20.0.5 <- 10.1.0.2: the default password of "root" (bitmain) by basic"#,
      #"high control.credentials 10.20.0.5 <- 10.1.0.200: the default password of "root" (bitmain) by basic"#,
      #"high control.credentials 10.20.0.5 <- 10.1.0.200: a readable password of "ops" by basic"#),
    .fires(
      "the maker's password in a command",
      [flow("10.1.0.200", to: miner, 4028).observed(command("update_pwd", ("old", "admin"), ("new", "hunter2")))],
      "high control.credentials 10.20.0.5 <- 10.1.0.200: the default password (whatsminer) by command",
      #"critical control.command 10.20.0.5 <- 10.1.0.200: "update_pwd" (CRED)"#),
    .nearMiss(
      of: "control.credentials", when: "no password, and a miner that logs in elsewhere",
      [
        flow("10.1.0.200", to: miner, 80).observed(request("GET", "/")),
        flow(miner, to: "10.1.0.200", 80, id: 2).observed(login("root", "root")),
      ]),
  ]

  private static func command(_ name: String, _ parameters: (String, String)...) -> Observation.Content {
    var given = APIParameters()
    for (name, value) in parameters { given.add(name, value) }
    return .request(APIRequest(.cgminer, number: 0, command: name, parameters: given))
  }

  private static func login(_ user: String, _ password: String) -> Observation.Content {
    var request = HTTPRequest(method: "GET", target: "/cgi-bin/stats.cgi", path: "/cgi-bin/stats.cgi")
    request.credentials = [HTTPCredential(scheme: .basic, user: user, password: password)]
    return .http(.request(request))
  }
}
