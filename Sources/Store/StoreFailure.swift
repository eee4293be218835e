/// Why the store could not be read or written: one sentence with what, where and the cure.
package struct StoreFailure: Error, Equatable, Sendable {
  package let sentence: String

  package init(_ sentence: String) {
    self.sentence = sentence
  }
}
