/// A number that is kept in fewer bytes than an `Int` has, where a site has a hundred thousand of it. What does not fit becomes the
/// nearest that does.
@propertyWrapper
package struct Narrow<Stored: FixedWidthInteger & BitwiseCopyable & Sendable>: Equatable, Sendable, BitwiseCopyable {
  private var stored: Stored

  package init(wrappedValue: Int) { stored = Stored(clamping: wrappedValue) }

  package var wrappedValue: Int {
    @inline(__always) get { Int(truncatingIfNeeded: stored) }
    @inline(__always) set { stored = Stored(clamping: newValue) }
  }
}
