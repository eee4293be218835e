import Foundation
import Protocols
import Testing

/// HTTP as other people's captures have it.
@Suite(.enabled(if: SharedCaptures.folder != nil, SharedCaptures.missing))
struct HTTPCaptureTests {
  private static func contents(_ file: String) throws -> [Observation.Content] {
    let folder = try #require(SharedCaptures.folder)
    return SharedCaptures.observations(folder.appendingPathComponent(file)).map(\.content)
  }

  private static func requests(_ file: String) throws -> [HTTPRequest] {
    try contents(file).compactMap { if case .http(.request(let request)) = $0 { request } else { nil } }
  }

  private static func responses(_ file: String) throws -> [HTTPResponse] {
    try contents(file).compactMap { if case .http(.response(let response)) = $0 { response } else { nil } }
  }

  /// A miner that tries everything at the ports of its pool, which answers in JSON (jsiwek/zeek-cryptomining,
  /// testing/Traces/bitcoin-mining.pcap).
  @Test func `a miner asks its pools for work over HTTP`() throws {
    let told = try Self.contents("third/zeek-cryptomining--bitcoin-mining.pcap").compactMap { content in
      if case .http(.introduced(.mining(let mining))) = content {
        "\(mining.method) \(mining.user ?? "-")"
      } else {
        nil
      }
    }
    #expect(
      told == [
        "getblocktemplate Bigsky", "getwork Bigsky", "getblocktemplate Bigsky", "getblocktemplate broatcast",
        "getwork broatcast",
      ])
  }

  @Test func `a pool that mines over HTTP alone`() throws {
    let file = "third/DI-cryptominingdetection--pool.eth.pp.ua.pcapng"
    let requests = try Self.requests(file)
    #expect(requests.count >= 80)
    #expect(Set(requests.compactMap(\.mining?.method)) == ["eth_getWork", "eth_submitHashrate"])
    #expect(requests.allSatisfy { $0["miner"] == "30@0x4b999ba68e017854ffb6b494bc2ddb9ef02bd745@OptionalRigName" })
    let responses = try Self.responses(file)
    #expect(responses.count >= 80 && responses.allSatisfy { $0.status == 200 })
    #expect(responses.contains { $0.request?.path == "/" && $0["result"] == "true" })
  }

  @Test func `a proxy grants a tunnel`() throws {
    let wrappers = try Self.contents("other/nDPI--http_connect.pcap").compactMap { content in
      if case .wrapped(let wrapper) = content { wrapper } else { nil }
    }
    #expect(wrappers == [Wrapper(.httpConnect, host: "apache.org", port: 443)])
  }

  @Test func `HTTP 2 by prior knowledge`() throws {
    let file = "other/nDPI--http2.pcapng"
    let request = try #require(try Self.requests(file).first)
    #expect(request.method == "POST" && request.path == "/namf-comm/v1/subscriptions" && request.isHTTP2)
    #expect(request.host == "127.0.0.1:29518" && request.agent == "OpenAPI-Generator/1.0.0/go")
    let response = try #require(try Self.responses(file).first)
    #expect(response.status == 201 && response.request?.path == "/namf-comm/v1/subscriptions")
  }

  @Test func `requests that wait for leave, and forms`() throws {
    #expect(try Self.responses("other/nDPI--ipp.pcap").map(\.status) == [200, 200, 200, 200])
    let form = try Self.requests("malformed/suricata-verify--http-request-invalid--input.pcap")
    #expect(form.first?["login"] == "foo" && form.first?["password"] == "")
    #expect(form.first?.credentials.first?.isPassword("bar") == true)
    let part = try Self.requests("malformed/nDPI--http-crash-content-disposition.pcap")
    #expect(part.first?.fields.contains { $0.name == "isandroid" } == true)
  }
}
