import ArgumentParser
import Capture
import Foundation
import Policy
import Rules
import Store
import Watch

struct Alerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts",
    abstract: "Read the alerts, and follow them.",
    discussion: """
      Out of the store, also while the daemon runs or after it crashed; out of eve.json or the readable log where no store \
      is. `minewatch rules RULE` tells what an alert means.
        minewatch alerts -f
        minewatch alerts --since 2h --level high
        minewatch alerts --since 2026-12-01T17:00Z --miner r3-u12 --json
      """)

  @OptionGroup var source: StoreOption

  @Flag(name: [.customShort("f"), .long], help: "Go on with new alerts as they come, until interrupted.")
  var follow = false

  @Option(
    help: ArgumentHelp("Only alerts since then: 2h, 30m, or a time such as 2026-12-01T17:00Z.", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Only this rule, by name or number.", valueName: "rule"))
  var rule: String?

  @Option(help: ArgumentHelp("Only this miner: its address, MAC or name.", valueName: "miner"))
  var miner: String?

  @Option(help: ArgumentHelp("Only alerts of this level or worse.", valueName: "level"))
  var level: Level?

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("The latest so many.", valueName: "number"))
  var count: Int?

  @Flag(help: "EVE JSON Lines instead of readable ones.")
  var json = false

  func validate() throws {
    if let count, count < 0 { throw ValidationError("--count is \(count), and must be 0 or more") }
  }

  func run() throws {
    let query = try query()
    let policy = try source.policy()
    do {
      var feed = try AlertFeed(
        storePath: source.path(policy), logs: source.store == nil ? policy?.alerts : nil, query: query)
      repeat {
        for alert in try feed.next() { try Output.line(json ? alert.json : alert.line(isColoured: Screen.isColoured)) }
        if follow { Thread.sleep(forTimeInterval: AlertFeed.pause) }
      } while follow
    } catch let failure as StoreFailure {
      throw Failure.exit(failure)
    }
  }

  private func query() throws -> AlertQuery {
    var query = AlertQuery()
    query.level = level
    query.miner = miner
    query.limit = count
    if let rule { query.rule = try Rules.named(rule).reference.name }
    if let since {
      do throws(WrongValue) {
        query.since = try Moment.parse(since, now: Timestamp.now)
      } catch {
        throw ValidationError("--since: \(error.why)")
      }
    }
    return query
  }
}
