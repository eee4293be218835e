import Glibc

/// What stands at the other end of our output.
package enum Terminal {
  package static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }

  /// Whether a line can be written over: a dumb terminal would show the commands for that as characters.
  package static func movesCursor(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && ServiceNotifier.variable("TERM") != "dumb"
  }

  /// Colour only for a person who did not ask for none (no-color.org).
  package static func isColoured(_ descriptor: Int32) -> Bool {
    movesCursor(descriptor) && (ServiceNotifier.variable("NO_COLOR") ?? "").isEmpty
  }
}
