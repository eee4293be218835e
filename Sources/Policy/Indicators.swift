/// Names, addresses, ranges and ports that no miner should ever have to do with.
package struct Indicators: Sendable {
  package init() {}
}
