import ArgumentParser
import Capture
import Dispatch
import Foundation
import Policy
import Store
import Watch

struct Top: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "A live screen: the sensor, the latest alerts, the busiest miners.",
    discussion: "Ends with Ctrl-C. Where standard output is no terminal, it prints one picture and ends.")

  @OptionGroup var source: StoreOption

  @Option(help: "Order of the miners: address, name, user, pool, hashrate or seen.")
  var sort = MinerListing.Order.hashrate

  @Option(help: ArgumentHelp("Seconds between two pictures.", valueName: "seconds"))
  var interval = 2.0

  func validate() throws {
    guard (0.1...3_600).contains(interval) else { throw ValidationError("--interval must be 0.1 to 3600 seconds") }
  }

  func run() throws {
    let policy = try source.policy()
    let store = try source.open(policy)
    guard Screen.size != nil, Terminal.movesCursor(1) else {
      try Output.line(picture(store, policy))
      return
    }
    let signals = Self.leaveScreenOnSignals()
    defer { signals.forEach { $0.cancel() } }
    // Where the screen is gone nothing can be put back.
    defer { try? StandardOutput.write(Self.leaving) }
    try Output.write("\u{1b}[?1049h\u{1b}[?25l")
    while true {
      let lines = try picture(store, policy).split(separator: "\n", omittingEmptySubsequences: false)
      // Each line is cleared as it is written, so that nothing flickers.
      try Output.write("\u{1b}[H" + lines.joined(separator: "\u{1b}[K\r\n") + "\u{1b}[K\u{1b}[J")
      Thread.sleep(forTimeInterval: interval)
    }
  }

  private func picture(_ store: StoreReader, _ policy: Policy?) throws -> String {
    let size = Screen.size
    do throws(StoreFailure) {
      return try TopScreen.text(
        store, policy: policy, order: sort, columns: size?.columns, rows: size?.rows, isColoured: Screen.isColoured,
        now: Timestamp.now)
    } catch {
      throw Failure.exit(error)
    }
  }

  /// Cursor and former screen back.
  private static let leaving = "\u{1b}[?25h\u{1b}[?1049l"

  /// - Returns: what listens, for as long as it is kept.
  private static func leaveScreenOnSignals() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM, SIGHUP].map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        try? StandardOutput.write(leaving)
        Foundation.exit(0)
      }
      source.resume()
      return source
    }
  }
}
