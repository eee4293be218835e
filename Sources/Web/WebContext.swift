package import Hummingbird
import Logging

/// What goes with a request. Nothing is known of who asks: the socket decides who may.
package struct WebContext: RequestContext {
  package var coreContext: CoreRequestContextStorage

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
  }

  /// For a request that came over no connection: tests put some to the router.
  init(logger: Logger) {
    coreContext = CoreRequestContextStorage(source: Unconnected(logger: logger))
  }

  private struct Unconnected: RequestContextSource {
    let logger: Logger
  }
}
