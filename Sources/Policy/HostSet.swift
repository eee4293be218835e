package import Decode

/// Names, addresses and ranges, as a policy lists hosts.
package struct HostSet: Sendable {
  package init() {}
}
