/// What the sizes of a TLS session's records look like: mining has a shape that encryption does not hide.
///
/// A share goes up as a record of its own and is answered by a small one; domain.md §1.6 and §1.9 give the sizes.
package struct TLSCadence: Equatable, Sendable {
  /// Times that the client spoke.
  package var requests: Int
  /// Of those, how many were as long as a share and answered with what is as long as a pool's reply.
  package var shares: Int

  package init(requests: Int, shares: Int) {
    self.requests = requests
    self.shares = shares
  }
}
