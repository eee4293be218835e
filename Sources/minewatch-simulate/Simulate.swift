import ArgumentParser
import Capture
import Simulator

/// Writes synthesised captures: what the tests, the benchmarks and `make run` watch.
@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minewatch-simulate",
    abstract: "Writes a capture of a synthesised mining site.",
    subcommands: [Attacked.self, Flooded.self, Healthy.self, Prove.self])

  struct Attacked: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Twelve minutes of 24 miners in which everything goes wrong once. Belongs to Configs/demo.yaml.")

    @Argument(help: "The pcap file to write.")
    var output: String

    func run() throws {
      try AttackedSite.tape().write(to: output)
    }
  }

  struct Flooded: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "A flood that is meant to fill a table, and then a miner that switches pools. Belongs to Configs/demo.yaml.")

    @Argument(help: "Of what: \(Flood.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: Flood

    @Argument(help: "The pcap file to write.")
    var output: String

    @Option(help: "How many.")
    var count = 1_000_000

    func validate() throws {
      guard (1...10_000_000).contains(count) else { throw ValidationError("--count is 1 to 10000000") }
    }

    func run() throws {
      var writer = try CaptureWriter(path: output)
      let start = Timestamp(seconds: 1_790_000_000)
      var last = start
      try kind.play(count, at: start) { bytes, time in
        try writer.write(bytes, at: time)
        last = time
      }
      let stage = Stage(at: last.advanced(by: .seconds(30)))
      for frame in stage.play(stage.mining(to: .stranger, user: "mallory.x")).frames {
        try writer.write(frame.bytes, at: frame.time)
      }
      try writer.close()
    }
  }

  struct Healthy: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A site at work: logins, jobs and shares, nothing wrong.")

    @Argument(help: "The pcap file to write; `-` is standard output.")
    var output: String

    @Option(help: "Miners.")
    var miners = 5_000

    @Option(help: "Packets to write. Default: 3000000, or as many as the days bring.")
    var packets: Int?

    @Option(help: "Days to write, with the blocks, reconnects, outages and reboots that days bring.")
    var days: Int?

    @Option(help: "Seconds after which somebody finds a block, and every miner gets a job on top of it.")
    var block: Int?

    @Option(help: "The same seed gives the same capture.")
    var seed: UInt64 = 1

    func validate() throws {
      guard (1...1_000_000).contains(miners) else { throw ValidationError("--miners is 1 to 1000000") }
      guard packets ?? 1 > 0 else { throw ValidationError("--packets is at least 1") }
      guard (0...86_400).contains(block ?? 0) else { throw ValidationError("--block is 0 to 86400") }
      guard (1...3_650).contains(days ?? 1) else { throw ValidationError("--days is 1 to 3650") }
    }

    func run() throws {
      var plan = HealthySite.Plan()
      plan.miners = miners
      plan.seed = seed
      if let days { plan.bring(days: days) }
      if let block { plan.incidents.append((.seconds(block), .newBlock)) }
      let limit = packets ?? (days == nil ? 3_000_000 : .max)
      var site = HealthySite(plan)
      var writer = try CaptureWriter(path: output)
      var written = 0
      try site.run { bytes, time in
        try writer.write(bytes, at: time)
        written += 1
        return written < limit
      }
      try writer.close()
    }
  }
}

extension Flood: ExpressibleByArgument {}
