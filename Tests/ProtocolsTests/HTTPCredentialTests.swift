import Protocols
import Testing

/// Who logs in over HTTP, and with what (UpstreamData/pyasic, pyasic/web).
struct HTTPCredentialTests {
  private static func credentials(_ head: String, _ body: String = "") -> [HTTPCredential] {
    httpRequests("POST /x\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)").flatMap(\.credentials)
  }

  @Test func `Basic shows user and password`() throws {
    let found = try #require(Self.credentials(" HTTP/1.1\r\nAuthorization: basic cm9vdDpyb290\r\n").first)
    #expect(found.scheme == .basic && found.user == "root" && found.isClearText)
    #expect(found.isPassword("root") && !found.isPassword("toor"))
  }

  /// The example of RFC 2617 §3.5, which RFC 7616 no longer has for MD5.
  @Test func `Digest can be tried with a password`() throws {
    let value =
      #"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41""#
    let request = try #require(httpRequests("GET /dir/index.html HTTP/1.1\r\nAuthorization: \(value)\r\n\r\n").first)
    let found = try #require(request.credentials.first)
    #expect(found.scheme == .digest && found.user == "Mufasa" && !found.isClearText)
    #expect(found.isPassword("Circle Of Life") && !found.isPassword("root"))
  }

  @Test func `a form, JSON and a query hold logins too`() {
    let form = Self.credentials(
      " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n", "luci_username=root&luci_password=r%6fot")
    #expect(form.map(\.user) == ["root"] && form.first?.isPassword("root") == true && form.first?.scheme == .body)
    let json = Self.credentials(" HTTP/1.1\r\n", #"{"username":"admin","password":"adm\u0069n"}"#)
    #expect(json.map(\.user) == ["admin"] && json.first?.isPassword("admin") == true)
    let query = Self.credentials("?username=admin&password=123456789 HTTP/1.1\r\n")
    #expect(query.first?.scheme == .query && query.first?.isPassword("123456789") == true)
    #expect(Self.credentials(" HTTP/1.1\r\n", #"{"pools":[{"user":"a","pass":"x"}]}"#).isEmpty)
    #expect(Self.credentials(" HTTP/1.1\r\nAuthorization: Bearer abc\r\n").map(\.isClearText) == [false])
    #expect(Self.credentials(" HTTP/1.1\r\nAuthorization: Basic !!!\r\nAuthorization: Digest x\r\n").isEmpty)
  }

  @Test func `no secret stands among the fields`() throws {
    let body =
      #"{"password":"hunter2","newPwd":"hunter2","a":{"api_token":"hunter2"},"query":"mutation{login(username:\"root\",password:\"hunter2\")}"}"#
    let request = try #require(
      httpRequests(
        "POST /x?pw=hunter2 HTTP/1.1\r\nAuthorization: Basic aHVudGVyMjpodW50ZXIy\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      ).first)
    #expect(!request.fields.contains { $0.value.contains("hunter2") })
    #expect(!request.target.contains("hunter2"))
    #expect(request["newpwd"] == "")
  }
}
