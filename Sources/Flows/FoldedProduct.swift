extension UInt64 {
  /// Both halves of the product with another word, folded together: the step that wyhash made known, which spreads the bits of
  /// both over all 64 in one multiplication. With a secret in either word nobody can choose what falls together.
  @inlinable
  package func foldedProduct(with other: UInt64) -> UInt64 {
    let product = multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}
