import Capture
import Decode
import Flows
import Policy
import Protocols
import Rules
import Sinks
import Testing

@testable import Watch

/// Which packets an alert is kept with, and when.
struct EvidenceKeeperTests {
  private static let start = Timestamp(seconds: 1_795_357_501)
  private static func time(_ seconds: Int) -> Timestamp { start.advanced(by: .seconds(seconds)) }
  private static func address(_ last: UInt32) -> IPAddress { IPAddress(v4: 0x0a14_0000 + last) }

  /// A memory in which miner 1 and pool 2 say something every second, for so many seconds, and so do 3 and 4.
  private static func fill(_ memory: FrameMemory, _ seconds: Range<Int>) {
    for second in seconds {
      for (from, to) in [(1, 2), (3, 4)] as [(UInt32, UInt32)] {
        memory.keep(UInt8(truncatingIfNeeded: second), from: address(from), to: address(to), at: time(second))
      }
    }
  }

  private static func finding(at second: Int) throws -> Finding {
    let rule = try #require(RuleBook["pool.unlisted"]).reference
    var finding = Finding(
      rule: rule, level: .critical, time: time(second), message: "m", advice: "a", subject: "evil.example")
    finding.flow = FlowFacts(
      id: 7, client: Endpoint(address: address(1), port: 40_000), server: Endpoint(address: address(2), port: 3_333),
      ipProtocol: IPProtocol.tcp, firstSeen: start)
    finding.miner = Finding.Miner(address: address(1))
    return finding
  }

  private static func keeper(packets: Int = 5) -> EvidenceKeeper {
    EvidenceKeeper(Policy.EvidenceSink(path: "/evidence", packets: packets, keep: 1 << 30))
  }

  /// The seconds at which a file's frames were seen.
  private static func seconds(_ file: EvidenceFile) -> [UInt8] {
    stride(from: 24, to: file.bytes.count, by: 16 + 76).map { file.bytes[$0 + 16] }
  }

  @Test func `an alert names the packets up to it, and its file then grows by those after it`() throws {
    let memory = FrameMemory()
    var keeper = Self.keeper()
    Self.fill(memory, 0..<20)
    var finding = try Self.finding(at: 10)
    let file = try #require(keeper.attach(to: &finding, from: memory).first)
    #expect(Self.seconds(file) == [6, 7, 8, 9, 10])
    #expect(finding.evidence == file.reference(in: "/evidence"))
    #expect(finding.evidence?.packets == 5)

    Self.fill(memory, 20..<60)
    #expect(keeper.takeGrown(from: memory, at: Self.time(60)).isEmpty)
    let grown = try #require(keeper.takeGrown(from: memory, at: Self.time(70)).first)
    #expect(grown.name == file.name)
    #expect(Self.seconds(grown) == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    #expect(grown.bytes.prefix(file.bytes.count) == file.bytes[...])
    #expect(keeper.takeGrown(from: memory, at: Self.time(1_000)).isEmpty)

    // The same finding, written again with its count, has no second file: it names the whole of the first.
    var again = try Self.finding(at: 500)
    again.firstSeen = finding.firstSeen
    again.count = 9
    #expect(keeper.attach(to: &again, from: memory).isEmpty)
    #expect(again.evidence == grown.reference(in: "/evidence"))
  }

  @Test func `one that is written again sooner has what came until then`() throws {
    let memory = FrameMemory()
    var keeper = Self.keeper()
    Self.fill(memory, 0..<11)
    var finding = try Self.finding(at: 10)
    _ = keeper.attach(to: &finding, from: memory)
    Self.fill(memory, 11..<13)
    var again = try Self.finding(at: 12)
    again.firstSeen = finding.firstSeen
    let grown = keeper.attach(to: &again, from: memory)
    #expect(grown.map(Self.seconds) == [[6, 7, 8, 9, 10, 11, 12]])
    #expect(again.evidence == grown.first?.reference(in: "/evidence"))
  }

  @Test func `many miners have the packets of those that are named, one without a flow has its own`() throws {
    let memory = FrameMemory()
    var keeper = Self.keeper(packets: 100)
    Self.fill(memory, 0..<5)
    var crowd = try Self.finding(at: 4)
    crowd.miners = Finding.Crowd(count: 30, some: [Self.address(1), Self.address(3)])
    #expect(keeper.attach(to: &crowd, from: memory).first?.packets == 10)
    var silent = try Self.finding(at: 4)
    silent.flow = nil
    silent.subject = "silent"
    #expect(keeper.attach(to: &silent, from: memory).first?.packets == 5)
    var monitor = silent
    (monitor.miner, monitor.subject, monitor.evidence) = (nil, "loss", nil)
    #expect(keeper.attach(to: &monitor, from: memory).isEmpty)
    #expect(monitor.evidence == nil)
  }

  @Test func `what will soon be overwritten is not waited for`() throws {
    let memory = FrameMemory(workers: 1, frames: 100, bytes: 1 << 20)
    var keeper = Self.keeper()
    Self.fill(memory, 0..<11)
    var finding = try Self.finding(at: 10)
    _ = keeper.attach(to: &finding, from: memory)
    Self.fill(memory, 11..<35)
    #expect(keeper.takeGrown(from: memory, at: Self.time(35)).isEmpty)
    Self.fill(memory, 35..<36)
    #expect(keeper.takeGrown(from: memory, at: Self.time(36)).first.map(Self.seconds)?.last == 15)
  }

  @Test func `so many wait at once, and further alerts say nothing of a file`() throws {
    let memory = FrameMemory()
    var keeper = Self.keeper()
    Self.fill(memory, 0..<11)
    for number in 0..<Limits.evidenceCases + 3 {
      var finding = try Self.finding(at: 10)
      finding.subject = "\(number)"
      _ = keeper.attach(to: &finding, from: memory)
      #expect((finding.evidence != nil) == (number < Limits.evidenceCases))
    }
    #expect(keeper.refused == 3)
    #expect(keeper.takeAll(from: memory).isEmpty, "nothing came after them")
    var later = try Self.finding(at: 10)
    later.subject = "later"
    #expect(keeper.attach(to: &later, from: memory).count == 1)
  }

  @Test func `several workers' packets are put in order of time`() throws {
    let memory = FrameMemory(workers: 2)
    for second in 0..<10 {
      memory.keep(
        UInt8(second), from: Self.address(1), to: Self.address(2), at: Self.time(second), worker: second % 2)
    }
    var keeper = Self.keeper(packets: 4)
    var finding = try Self.finding(at: 5)
    #expect(keeper.attach(to: &finding, from: memory).map(Self.seconds) == [[2, 3, 4, 5]])
    #expect(keeper.takeAll(from: memory).map(Self.seconds) == [[2, 3, 4, 5, 6, 7, 8, 9]])
  }
}

extension FrameMemory {
  /// Keeps a TCP frame of 76 bytes that all say the same number.
  fileprivate func keep(_ number: UInt8, from: IPAddress, to: IPAddress, at time: Timestamp, worker: Int = 0) {
    var packet = Packet()
    (packet.source, packet.destination, packet.ipProtocol) = (from, to, IPProtocol.tcp)
    (packet.sourcePort, packet.destinationPort) = (40_000, 3_333)
    let bytes = [UInt8](repeating: number, count: 76)
    withRing(of: worker) { ring in
      let span = bytes.span
      let raw = unsafe span.bytes
      ring.keep(Frame(bytes: raw, timestamp: time, originalLength: 76, linkType: .ethernet, source: 0), &packet)
    }
  }
}
