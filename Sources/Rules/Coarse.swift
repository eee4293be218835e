/// A number that is kept with the 24 bits of a `Float`, where a site has a hundred thousand of it.
@propertyWrapper
package struct Coarse: Equatable, Sendable, BitwiseCopyable {
  private var stored: Float

  package init(wrappedValue: Double) { stored = Float(wrappedValue) }

  package var wrappedValue: Double {
    @inline(__always) get { Double(stored) }
    @inline(__always) set { stored = Float(newValue) }
  }
}
