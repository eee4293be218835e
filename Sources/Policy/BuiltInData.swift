/// Where the dated data is that ships with the program: folders, and a file; nil for none.
package struct BuiltInData: Sendable {
  /// Lists of indicators.
  package var indicators: String?
  /// The vocabulary of miner management.
  package var commands: String?
  /// Public pools.
  package var pools: String?
  /// The table of models of miners.
  package var models: String?
  /// Lists of public resolvers.
  package var resolvers: String?
  /// Why some of it is not there, as a sentence's start; nil when all is, or nothing is wanted.
  package var missing: String?

  package init(
    indicators: String? = nil, commands: String? = nil, pools: String? = nil, models: String? = nil,
    resolvers: String? = nil
  ) {
    self.indicators = indicators
    self.commands = commands
    self.pools = pools
    self.models = models
    self.resolvers = resolvers
  }

  package static let none = BuiltInData()
}
