/// Folders of dated data files that ship with the program; nil for none.
package struct BuiltInData: Sendable {
  /// Lists of indicators.
  package var indicators: String?
  /// The vocabulary of miner management.
  package var commands: String?

  package init(indicators: String? = nil, commands: String? = nil) {
    self.indicators = indicators
    self.commands = commands
  }

  package static let none = BuiltInData()
}
