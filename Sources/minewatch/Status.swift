import ArgumentParser
import Capture
import Store
import Watch

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How the sensor is: packets, drops, interfaces, hashrate, alerts of a day.",
    discussion: "Reads what the daemon writes to the store once a minute, so it answers after a crash, too.")

  @OptionGroup var source: StoreOption

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let store = try source.open(source.policy())
    let report: StatusReport
    do {
      report = try StatusReport(store, now: Timestamp.now)
    } catch {
      throw Failure.exit(error)
    }
    try Output.line(json ? report.json : report.text())
  }
}
