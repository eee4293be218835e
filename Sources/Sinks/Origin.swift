/// Whose events these are: what stands in every one of them.
package struct Origin: Equatable, Sendable {
  /// This machine's name.
  package var host: String
  /// The policy's `site`.
  package var site: String
  /// Names of the interfaces (or capture files), by the index that `FlowFacts.interface` gives.
  package var interfaces: [String]
  /// For syslog's tag.
  package var processID: Int32

  package init(host: String, site: String, interfaces: [String] = [], processID: Int32 = 0) {
    self.host = host
    self.site = site
    self.interfaces = interfaces
    self.processID = processID
  }
}
