import Foundation
import Testing

/// Captures that other people and other programs made. They stay where they are; a checkout without them passes.
@Suite(.serialized)
struct RealCaptureTests {
  /// A file, and how often each method is said in it: counted by another program over the reassembled streams, up
  /// to a stream's RST. The MANIFEST
  /// beside the captures counts words, so it also has those inside replies to subscribe.
  static let mining: [(file: String, methods: [String: Int])] = [
    (
      "real/real-minerd-ckpool-v1.pcap",
      [
        "mining.subscribe": 1, "mining.authorize": 1, "mining.submit": 11, "mining.set_difficulty": 2,
        "mining.notify": 6,
      ]
    ),
    (
      "real/real-cgminer-api.pcap",
      ["mining.subscribe": 4, "mining.authorize": 4, "mining.set_difficulty": 8, "mining.notify": 8]
    ),
    (
      "real/real-vlan10-tcp.pcap",
      ["mining.subscribe": 1]
    ),
    (
      "real/real-xmrig-xmrigproxy-plain.pcap",
      ["login": 1, "submit": 35, "job": 4]
    ),
    (
      "third/DI-cryptominingdetection--cgminer.g0.pcapng",
      ["mining.subscribe": 202, "mining.authorize": 19, "mining.set_difficulty": 26, "mining.notify": 33]
    ),
    (
      "third/DI-cryptominingdetection--cgminer.g2.pcapng",
      [
        "mining.subscribe": 992, "mining.set_difficulty": 108, "mining.notify": 132, "mining.authorize": 66,
        "client.show_message": 14,
      ]
    ),
    (
      "third/DI-cryptominingdetection--cgminer.s0.pcapng",
      ["mining.subscribe": 17, "mining.authorize": 13, "mining.set_difficulty": 7, "mining.notify": 12]
    ),
    (
      "third/DI-cryptominingdetection--cgminer.s1.pcapng",
      [
        "mining.subscribe": 843, "mining.authorize": 100, "mining.set_difficulty": 80, "mining.notify": 246,
        "mining.set_target": 51, "client.show_message": 20,
      ]
    ),
    (
      "third/DI-cryptominingdetection--cgminer.s2.pcapng",
      ["mining.subscribe": 174, "mining.authorize": 27, "mining.notify": 7]
    ),
    (
      "third/DI-cryptominingdetection--eth-eu1.nanopool.org.pcapng",
      ["eth_submitLogin": 1, "eth_getWork": 30, "eth_submitHashrate": 14, "eth_submitWork": 1]
    ),
    (
      "third/DI-cryptominingdetection--xmr-eu1.nanopool.org.pcapng",
      ["login": 1, "job": 3]
    ),
    (
      "third/DI-cryptominingdetection--xmr.suprnova.cc.pcapng",
      ["login": 1, "submit": 5, "job": 1]
    ),
    (
      "third/DI-cryptominingdetection--zec-eu.suprnova.cc.pcapng",
      ["mining.subscribe": 1, "mining.authorize": 1, "mining.submit": 11, "mining.set_target": 2, "mining.notify": 2]
    ),
    (
      "third/DI-cryptominingdetection--zec-eu1.nanopool.org.pcapng",
      ["mining.subscribe": 1, "mining.authorize": 1, "mining.submit": 6, "mining.set_target": 1, "mining.notify": 5]
    ),
    (
      "third/nDPI--mining.pcapng",
      [
        "eth_submitLogin": 1, "eth_getWork": 30, "login": 1, "submit": 30, "job": 10, "mining.subscribe": 2,
        "mining.submit": 47, "mining.notify": 27,
      ]
    ),
    (
      "third/zeek-cryptomining--bitcoin-mining-in-progress.pcap",
      ["mining.notify": 3, "mining.get_transactions": 3]
    ),
    (
      "third/zeek-cryptomining--bitcoin-mining.pcap",
      [
        "mining.subscribe": 3, "mining.set_difficulty": 4, "mining.notify": 10, "mining.authorize": 1,
        "mining.get_transactions": 8,
      ]
    ),
    (
      "third/nicehash--dwarf_s.pcapng",
      ["eth_submitLogin": 1, "eth_getWork": 1, "eth_submitWork": 4]
    ),
  ]

  @Test(arguments: mining.indices)
  func `every mining session is recognised and its messages counted`(index: Int) throws {
    let (file, methods) = Self.mining[index]
    guard let path = Self.path(of: file) else { return }
    let summary = try Self.summary(of: path)
    let counted = summary["methods"] as? [String: Int] ?? [:]
    for (method, count) in methods {
      #expect(counted[method] == count, "\(file): \(method)")
    }
  }

  @Test
  func `a miner's users and shares are those in the capture`() throws {
    guard let path = Self.path(of: "real/real-minerd-ckpool-v1.pcap") else { return }
    let summary = try Self.summary(of: path)
    #expect((summary["shares"] as? [String: Int])?["submitted"] == 11)
    #expect((summary["users"] as? [String])?.isEmpty == false)
  }

  @Test
  func `traffic that is not mining raises no mining rule`() throws {
    guard let files = Self.files(in: "other") else { return }
    let peers = [
      "real/real-bitcoin-p2p.pcap", "real/real-monerod-p2p.pcap", "third/nDPI--bitcoin.pcap", "third/nDPI--monero.pcap",
      "third/nDPI--ethereum.pcap",
    ].compactMap(Self.path)
    for path in files + peers {
      let result = try Program.run(["replay", "--config", Self.everybodyMines, "--eve", "-", path])
      #expect([0, 65].contains(result.status), "\(path): \(result.errors)")
      for line in result.output.split(separator: "\n") where line.contains(#""event_type":"alert""#) {
        let isAboutMining = ["pool.", "stratum.", "control.command", "control.firmware"]
          .contains { line.contains(#""rule":"\#($0)"#) }
        #expect(!isAboutMining, "\(path): \(line)")
      }
    }
  }

  @Test
  func `every malformed capture is read to its end or refused with one line`() throws {
    guard let files = Self.files(in: "malformed") else { return }
    #expect(files.count > 200)
    for path in files {
      let result = try Program.run(["replay", "--config", Self.everybodyMines, "--eve", "-", path])
      #expect([0, 65].contains(result.status), "\(path) ended with \(result.status): \(result.errors.suffix(2_000))")
      let complaints = result.errors.split(separator: "\n").filter {
        $0.hasPrefix("minewatch:") && !$0.contains("warning:")
      }
      #expect(complaints.count == (result.status == 65 ? 1 : 0), "\(path): \(result.errors)")
    }
  }

  // MARK: Captures and policies

  private static let everybodyMines: String = {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("minewatch-everybody-\(getpid()).yaml")
    let policy = """
      site: everywhere
      miners: {networks: [0.0.0.0/0, "::/0"]}
      pools: [{name: none, endpoints: ["stratum+tcp://pool.invalid:3333"]}]
      """
    try? policy.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }()

  private static func summary(of path: String) throws -> [String: Any] {
    let result = try Program.run(["replay", "--config", everybodyMines, "--format", "json", path])
    #expect(result.status == 0, "\(path): \(result.errors)")
    let last = try #require(result.output.split(separator: "\n").last)
    let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
    return try #require(object?["stratum"] as? [String: Any])
  }

  private static func path(of file: String) -> String? {
    let url = Program.captures.appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else {
      print("skipped: \(Program.captures.path) is not here")
      return nil
    }
    return url.path
  }

  private static func files(in folder: String) -> [String]? {
    let url = Program.captures.appendingPathComponent(folder)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) else {
      print("skipped: \(url.path) is not here")
      return nil
    }
    return names.sorted().map { url.appendingPathComponent($0).path }
  }
}
