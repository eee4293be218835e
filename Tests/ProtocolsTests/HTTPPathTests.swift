import Protocols
import Testing

/// Spellings of a path, and what stands behind them.
struct HTTPPathTests {
  static let spellings: [(target: String, path: String, isDisguised: Bool)] = [
    ("/cgi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", false),
    ("/cgi-bin/reboot.cgi?x=/../y#z", "/cgi-bin/reboot.cgi", false),
    ("/CGI-bin/Reboot.cgi", "/cgi-bin/reboot.cgi", false),
    ("//cgi-bin//reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/%63gi-bin/reboot%2Ecgi", "/cgi-bin/reboot.cgi", true),
    ("/%2563gi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/static/../cgi-bin/./reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/static/..;/cgi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/static/%2e%2e/cgi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/../../cgi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("/cgi-bin\\reboot.cgi", "/cgi-bin/reboot.cgi", false),
    ("/cgi-bin;a=b/reboot.cgi", "/cgi-bin/reboot.cgi", true),
    ("http://10.20.0.2/cgi-bin/reboot.cgi", "/cgi-bin/reboot.cgi", false),
    ("http://10.20.0.2", "/", false),
    ("HTTP://a?b", "/", false),
    ("/a?u=http://b/c", "/a", false),
    ("*", "/", false), ("/", "/", false), ("/a%", "/a%", false), ("/a%zz", "/a%zz", false), ("/a%20b", "/a b", false),
    ("/" + String(repeating: "a/../", count: 1_000) + "x", "/x", true),
  ]

  @Test(arguments: spellings.indices)
  func `sees through a spelling`(index: Int) {
    let (target, path, isDisguised) = Self.spellings[index]
    let request = httpRequests("GET \(target) HTTP/1.1\r\n\r\n").first
    #expect(request?.path == path)
    #expect(request?.isDisguised == isDisguised)
  }
}

/// The requests in what one client says.
func httpRequests(_ text: String) -> [HTTPRequest] {
  Conversation([.handshake, .client(text)], serverPort: 80).observations().compactMap {
    if case .http(.request(let request)) = $0.content { request } else { nil }
  }
}
