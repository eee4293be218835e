/// What `commands.d` says of one command of one vendor.
package struct CommandEntry: Sendable {
  /// Name of the firmware or maker: `cgminer`, `bitmain`.
  package var vendor: String
  package var meaning: Meaning
  /// Refinements by what a parameter says, in order: the first that matches stands instead of `meaning`.
  var cases: [Case] = []
  /// It only asks whether more is allowed.
  package var isProbe = false

  /// What a command does, and which of its parameters tell how.
  package struct Meaning: Sendable {
    /// At least one, in the order of ``ActionClass``.
    package var classes: [ActionClass]
    package var arguments: [Argument]
  }

  package struct Argument: Sendable {
    package var meaning: ArgumentMeaning
    /// Names or positions of the parameters that hold it, in lower case.
    package var parameters: [String]
  }

  struct Case: Sendable {
    /// Name or position of a parameter, in lower case.
    var parameter: String
    /// In lower case; empty when its being there is enough.
    var values: Set<String>
    var meaning: Meaning
  }
}
