import Capture
import Testing

import enum Simulator.StratumV2Bytes

@testable import Protocols

/// The table of streams that are read: bounded, with mining kept apart from all that is bulky.
@Suite
struct StreamReadersTests {
  private func ssh() -> NewReader { .bulky(.ssh(SSHDissector())) }

  @Test func `takes places back`() {
    var readers = StreamReaders(bulky: 2, mining: 2)
    #expect(readers.open(ssh()) == 0)
    #expect(readers.open(ssh()) == 1)
    #expect(readers.open(ssh()) == nil)
    readers.close(0)
    #expect(readers.open(ssh()) == 0)
    let mining = (0..<2).compactMap { _ in readers.open(.mining(StratumV2Dissector())) }
    #expect(mining.count == 2 && Set(mining).isDisjoint(with: [0, 1]))
    #expect(readers.open(.mining(StratumV2Dissector())) == nil)
    readers.close(Int(mining[1]))
    #expect(readers.open(.mining(StratumV2Dissector())) == mining[1])
  }

  /// A fleet of 131,072 miners on Stratum V2, each with a user, a job and shares; and one more.
  @Test func `holds a large fleet's sessions, at the memory that is stated`() {
    var readers = StreamReaders()
    var said: [Observation.Content] = []
    var opened = 0
    let turns: [(Role, [UInt8])] = [
      (.client, StratumV2Bytes.setupConnection()), (.client, StratumV2Bytes.openStandardChannel("acme.rig1")),
      (.server, StratumV2Bytes.newMiningJob(3)), (.client, StratumV2Bytes.submitSharesStandard(1, job: 3)),
    ]
    while let number = readers.open(.mining(StratumV2Dissector())) {
      // What a session keeps beside its own size is the same for all.
      if opened % 1_024 == 0 {
        for (sender, bytes) in turns {
          _ = withSpan(bytes) {
            readers.consume(Int(number), $0, from: sender, at: Timestamp(seconds: 1), into: &said)
          }
        }
      }
      opened += 1
    }
    #expect(opened == Limits.miningReaders && opened >= 100_000)
    #expect(readers.open(ssh()) == 0, "others have places of their own")
    #expect(said.count { if case .stratum(let event) = $0, case .user = event.what { true } else { false } } == 128)
    let stated = Limits.all.first { $0.name == "V2 sessions" }?.bytesEach ?? 0
    // Texts, users and jobs beside it: see ``StratumV2Jobs`` for the largest.
    #expect(MemoryLayout<StratumV2Dissector?>.stride + 700 <= stated, "\(MemoryLayout<StratumV2Dissector?>.stride)")
  }

  @Test func `a session for which there is no place is counted`() {
    var site = Site()
    site.stage.readers = StreamReaders(bulky: 2, mining: 2)
    for port in UInt16(40_000)..<40_003 {
      var talk = Conversation([
        .handshake, .client(StratumV2Bytes.setupConnection()), .server(StratumV2Bytes.setupConnectionSuccess()),
      ])
      talk.clientPort = port
      talk.run(through: &site)
    }
    #expect(site.stage.counters.readersRefused == 1)
    #expect(site.take().filter { $0.line == "identified stratumV2" }.count == 3)
  }
}
