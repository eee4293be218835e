/// A door through which a device is told what to do. The raw value is what `commands.d` says.
package enum ManagementSurface: String, CaseIterable, Sendable {
  /// cgminer's socket API in JSON or text, and what speaks like it: btminer v2, LuxOS, Avalon, Braiins, VNish.
  case cgminer
  /// Whatsminer's API v3: length and JSON.
  case btminer3
  /// The daemon behind Whatsminer's own tool.
  case remoteDaemon = "remote-daemon"
  /// Datagrams that find miners or announce them.
  case discovery
  /// HTTP, gRPC included: a method and a path.
  case http
  /// What a miner's own agent is answered: here the server of the flow commands, and its client obeys.
  case agent
}

/// One command to a device's management, as it was said. What it does to the device, the rules look up.
///
/// It is told as soon as it was read; what became of it comes in an ``APIAnswer`` with the same number, if it comes.
package struct APIRequest: Equatable, Sendable {
  package var surface: ManagementSurface
  /// Counts requests of the flow, from 0. Commands that came joined in one request share its number.
  package var number: UInt32
  /// The name as said: `addpool`, `set.miner.pools`, `MT01`. For HTTP the request's target: `/cgi-bin/set_miner_conf.cgi`.
  package var command: String
  /// Of HTTP; empty elsewhere.
  package var method: String
  package var parameters: APIParameters
  /// The content is encrypted, so that neither command nor parameters can be read.
  package var isHidden: Bool
  /// It is written so that two readers may take it for different things, which hides a command from one of them.
  package var isAmbiguous = false
  /// Not all of it was read, so that it may say more than its parameters tell: where to mine, or what to install.
  package var isPartlyRead = false

  package init(
    _ surface: ManagementSurface, number: UInt32, command: String, method: String = "",
    parameters: APIParameters = APIParameters(), isHidden: Bool = false
  ) {
    self.surface = surface
    self.number = number
    self.command = command
    self.method = method
    self.parameters = parameters
    self.isHidden = isHidden
    isPartlyRead = parameters.lacksTarget
  }
}

/// What became of a request.
package struct APIAnswer: Equatable, Sendable {
  package enum Outcome: String, Sendable {
    case accepted
    /// Not allowed to whoever asked.
    case denied
    /// Not understood, or it went wrong.
    case failed
    /// An answer that does not tell.
    case unclear
  }

  /// Of the request in the same flow that it answers.
  package var number: UInt32
  package var outcome: Outcome
  /// What the device says about it, if anything.
  package var text: String

  package init(number: UInt32, outcome: Outcome, text: String = "") {
    self.number = number
    self.outcome = outcome
    self.text = text
  }
}

/// An image or a package that follows a command in the same connection.
package struct APIUpload: Equatable, Sendable {
  /// Of the request that it belongs to.
  package var number: UInt32
  /// Bytes as announced; nil where nobody said.
  package var announced: UInt64?
  /// Bytes of it that were seen when this was said.
  package var bytes: UInt64

  package init(number: UInt32, announced: UInt64?, bytes: UInt64) {
    self.number = number
    self.announced = announced
    self.bytes = bytes
  }
}
