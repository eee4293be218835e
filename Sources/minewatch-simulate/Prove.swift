import ArgumentParser
import Trial

/// What the fleet's rules promise, on a modelled fleet: `make prove`.
struct Prove: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts false alarms and the delay of true ones on a modelled fleet, as Markdown.")

  @Option(help: "Miners.")
  var miners = 1_000

  @Option(help: "Days without anything wrong.")
  var days = 30

  @Option(help: "Stops and swings of each size and length.")
  var repetitions = 20

  @Option(help: "The same seed gives the same numbers.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (100...100_000).contains(miners) else { throw ValidationError("--miners is 100 to 100000") }
    guard (1...3_650).contains(days) else { throw ValidationError("--days is 1 to 3650") }
    guard (1...1_000).contains(repetitions) else { throw ValidationError("--repetitions is 1 to 1000") }
  }

  func run() throws {
    var plan = Proof.Plan()
    plan.miners = miners
    plan.days = Double(days)
    plan.repetitions = repetitions
    plan.seed = seed
    print(Proof(plan).markdown())
  }
}
