import Testing

@testable import Protocols

/// SSH banners, and with them the way of a stream that a reader reads.
@Suite
struct SSHDissectorTests {
  static let banners = Conversation([
    .handshake, .client("SSH-2.0-dropbear_2022.83\r\n"), .server("SSH-2.0-OpenSSH_9.2\r\n"), .client("\0\0\u{1}\u{2}"),
    .finish,
  ])

  private func said(_ observations: [Observation]) -> [SSHIdentification] {
    observations.compactMap { if case .ssh(let identification) = $0.content { identification } else { nil } }
  }

  @Test(arguments: [1, 2, 9, 1_448])
  func `tells both banners however TCP cuts them up`(segmentSize: Int) {
    #expect(
      said(Self.banners.observations(segmentSize: segmentSize)) == [
        SSHIdentification(sender: .client, line: "SSH-2.0-dropbear_2022.83"),
        SSHIdentification(sender: .server, line: "SSH-2.0-OpenSSH_9.2"),
      ])
  }

  @Test func `a banner without end is cut at its limit`() throws {
    let endless = Conversation([.handshake, .client("SSH-2.0-" + String(repeating: "x", count: 1_000)), .finish])
    let line = try #require(said(endless.observations()).first?.line)
    #expect(line.count == SSHDissector.lineLimit)
  }

  @Test func `a banner that was lost is not waited for`() {
    let lossy = Conversation([
      .handshake, .client("SSH-2.0-a\n"), .lost(.server, 30), .client("more"), .server("rest"), .finish,
    ])
    #expect(said(lossy.observations()).map(\.line) == ["SSH-2.0-a"])
  }

}
