import ArgumentParser
import Capture
import Store
import Watch

struct Miners: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "miners",
    abstract: "The fleet: hashrate from shares, pool, user, agent, when last seen.",
    discussion: """
      A line for each miner and user name; a proxy has one for each of its users. ± is half of the range that the true \
      rate is in, 19 times out of 20. A miner whose difficulty is not known has no rate, which is not zero; one of the \
      inventory that nobody has seen is listed as such.
      """)

  @OptionGroup var source: StoreOption

  @Option(help: "Order: address, name, user, pool, hashrate or seen.")
  var sort = MinerListing.Order.address

  @Option(help: ArgumentHelp("Only this miner: its address, MAC or name.", valueName: "miner"))
  var miner: String?

  @Option(help: ArgumentHelp("Only miners at this pool, by the policy's name.", valueName: "pool"))
  var pool: String?

  @Flag(help: "Only miners that do not mine, and those of the inventory that were never seen.")
  var silent = false

  @Option(help: ArgumentHelp("Minutes that hashrate is taken over, up to a day's 1440.", valueName: "minutes"))
  var window = 15

  @Flag(help: "A JSON object a line.")
  var json = false

  func validate() throws {
    guard (1...1_440).contains(window) else { throw ValidationError("--window is \(window), and must be 1 to 1440") }
  }

  func run() throws {
    let policy = try source.policy()
    let store = try source.open(policy)
    var query = MinerListing.Query()
    query.order = sort
    query.miner = miner
    query.pool = pool
    query.isSilentOnly = silent
    query.window = window
    let listing: MinerListing
    let age: String?
    do {
      age = try StatusReport(store, now: Timestamp.now).age
      listing = try MinerListing(store, policy: policy, query: query)
    } catch {
      throw Failure.exit(error)
    }
    if json {
      if !listing.lines.isEmpty { try Output.line(listing.json) }
    } else {
      if let age { try Output.line(age) }
      try Output.line(listing.text(width: Screen.size?.columns, isColoured: Screen.isColoured))
    }
  }
}

extension MinerListing.Order: ExpressibleByArgument {}
