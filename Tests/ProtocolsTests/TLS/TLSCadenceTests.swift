import Testing

@testable import Protocols

@Suite
struct TLSCadenceTests {
  typealias Step = Conversation.Step

  private func cadences(_ steps: [Step]) -> [TLSCadence] {
    let start: [Step] = [
      .handshake, .client(TLSWire.record(TLSWire.chrome)), .server(TLSWire.record(TLSWire.serverHello(0x0304))),
    ]
    return Conversation(start + steps + [.finish], serverPort: 443).observations().compactMap {
      if case .tls(let event) = $0.content, case .cadence(let cadence) = event.what { cadence } else { nil }
    }
  }

  /// A file on its way is told while it comes, however few the requests.
  @Test func `tells how much the server has sent`() {
    let page = [Step](repeating: .server(TLSWire.data(1_400)), count: 800)
    let start: [Step] = [
      .handshake, .client(TLSWire.record(TLSWire.chrome)), .server(TLSWire.record(TLSWire.serverHello(0x0304))),
      .client(TLSWire.data(400)),
    ]
    let told = Conversation(start + page, serverPort: 443).observations().compactMap {
      if case .tls(let event) = $0.content, case .transfer(let bytes) = event.what { bytes } else { nil }
    }
    #expect(told.map { $0 / (256 << 10) } == [1, 2, 4])
  }

  private static let share: [Step] = [.client(TLSWire.data(172)), .server(TLSWire.data(57))]
  private static let job: Step = .server(TLSWire.data(1_100))

  @Test func `tells the shape of mining once it has seen enough`() {
    let mining = (0..<40).flatMap { $0 % 3 == 0 ? [Self.job] + Self.share : Self.share }
    #expect(cadences(mining) == [TLSCadence(requests: 32, shares: 31)])
  }

  @Test func `counts the shares of what looks like mining for as long as it goes on`() {
    var sizing = TLSSizing(rawValue: 0)
    func share() {
      sizing.count(172, from: .client)
      sizing.count(57, from: .server)
    }
    for _ in 0..<20 { share() }
    // Nobody knows yet what it is.
    let early = sizing.takeShares()
    #expect(early == 0)
    for _ in 0..<12 { share() }
    #expect(sizing.cadence?.isMining == true)
    sizing.countShares(from: 31)
    #expect(sizing.cadence == nil)
    for _ in 0..<300 { share() }
    sizing.count(1_100, from: .server)
    sizing.count(172, from: .client)
    sizing.count(600, from: .client)
    sizing.count(57, from: .server)
    let taken = [sizing.takeShares(), sizing.takeShares()]
    #expect(taken == [331, 0])
    for _ in 0..<70_000 { share() }
    let most = sizing.takeShares()
    #expect(most == TLSSizing.mostShares)
    #expect(sizing.rawValue < 1 << 18)
  }

  @Test func `tells at the end what there was`() {
    #expect(cadences(Self.share + Self.share) == [TLSCadence(requests: 2, shares: 2)])
    #expect(cadences([]) == [])
  }

  @Test func `other talk has another shape`() {
    let pages = (0..<40).flatMap { _ in [Step.client(TLSWire.data(600)), .server(TLSWire.data(1_300))] }
    #expect(cadences(pages) == [TLSCadence(requests: 32, shares: 0)])
    let unanswered = (0..<40).map { _ in Step.client(TLSWire.data(172)) }
    #expect(cadences(unanswered) == [TLSCadence(requests: 32, shares: 0)])
  }
}
