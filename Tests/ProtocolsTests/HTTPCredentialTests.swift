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

  /// The examples of RFC 7616 §3.9.1; those with `-sess` were worked out by §3.4.2 from the same values.
  @Test(arguments: [
    ("MD5", "8ca523f5e9506fed4657c9700eebdbec"), ("MD5-sess", "e783283f46242139c486a698fec7211d"),
    ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ("SHA-256-sess", "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"),
  ])
  func `Digest can be tried by each algorithm`(algorithm: String, response: String) throws {
    let value =
      #"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=\#(algorithm), nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="\#(response)""#
    let request = try #require(httpRequests("GET /dir/index.html HTTP/1.1\r\nAuthorization: \(value)\r\n\r\n").first)
    let found = try #require(request.credentials.first)
    #expect(found.isPassword("Circle of Life") && !found.isPassword("root"))
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
