import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
package import Watch

/// The web program at work: listens, answers, and ends in order on SIGTERM.
package struct WebServer: Sendable {
  private let site: WebSite
  private let address: ListenAddress
  private let log: OperationLog
  private let reload: @Sendable () -> Void

  /// - Parameter reload: what SIGHUP asks for.
  package init(
    _ site: WebSite, at address: ListenAddress, log: OperationLog, reload: @escaping @Sendable () -> Void
  ) {
    self.site = site
    self.address = address
    self.log = log
    self.reload = reload
  }

  /// - Throws: what NIO says when the address cannot be had.
  package func run() async throws {
    var logger = Logger(label: "minewatch-web")
    logger.logLevel = .warning
    let bound: BindAddress =
      switch address {
      case .internet(let host, let port): .hostname(host, port: port)
      case .unix(let path): .unixDomainSocket(path: path)
      }
    let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
      maxHeaderFieldSize: WebLimits.headBytes, maxHeaderListSize: WebLimits.headBytes, maxHeaderFieldCount: 100)
    let (address, log) = (address, log)
    let application = Application(
      router: site.router(),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [HeadDeadline()], idleTimeout: .seconds(WebLimits.idleSeconds),
          httpDecoderConfiguration: decoder)),
      configuration: ApplicationConfiguration(
        address: bound, availableConnectionsDelegate: MaximumAvailableConnections(WebLimits.connections)),
      services: [Reloading(reload: reload)],
      onServerRunning: { channel in
        let place = Self.place(address, channel.localAddress?.port)
        log.say(.notice, "listening on \(place)")
        ServiceNotifier().ready("listening on \(place)")
      },
      logger: logger)
    try await application.runService()
  }

  /// Where one can look: with the port that was free, where any would do.
  private static func place(_ address: ListenAddress, _ port: Int?) -> String {
    guard case .internet(let host, let wanted) = address else { return "\(address)" }
    return "http://\(ListenAddress.internet(host: host, port: port ?? wanted))/"
  }
}
