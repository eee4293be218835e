/// Which of how many workers one is: what it takes of the site's bounds, so that all of them together keep to these.
package struct WorkerShare: Equatable, Sendable {
  /// From 0.
  package let index: Int
  package let count: Int

  /// The only worker's.
  package static let whole = WorkerShare(index: 0, of: 1)

  package init(index: Int, of count: Int) {
    precondition((0..<count).contains(index), "a worker is one of those that there are")
    self.index = index
    self.count = count
  }

  /// This worker's part of a bound; at least 1.
  package func of(_ bound: Int) -> Int {
    max(bound / count, 1)
  }
}
