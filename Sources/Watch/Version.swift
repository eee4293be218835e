/// What this build calls itself, in events, in `--version` and in the change log.
package enum Version {
  package static let number = "0.1.0"
  package static let text = "minewatch \(number)"
}
