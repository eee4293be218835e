import Synchronization

/// Keeps the struct that holds it where it lies.
///
/// A large struct of plain fields is handed to a method that only reads it as a copy on the stack: 2.9 KB of what the rules know,
/// three hundred times a login, which was a third of the time that judging took. A struct with an atomic in it is known by its
/// address (SE-0410), so it is handed over by that.
package struct InPlace: ~Copyable, Sendable {
  private let anchor = Atomic<UInt8>(0)

  package init() {}
}
