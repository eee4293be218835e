import HTTPTypes
import Hummingbird
import Policy
import Sinks
import Store

/// Stands before every route: refuses strangers' names, turns failures into answers, and sends the headers that keep a browser
/// from doing anything but show the page.
struct Guard: RouterMiddleware {
  let names: HostNames

  func handle(
    _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    var response = await answer(request, context, next)
    for (name, value) in Self.headers { response.headers[name] = value }
    return response
  }

  private func answer(
    _ request: Request, _ context: WebContext, _ next: (Request, WebContext) async throws -> Response
  ) async -> Response {
    guard names.answers(to: request.head.authority) else {
      return Self.refusal(
        .misdirectedRequest, "this server does not go by that name; start it with --name to have it answer")
    }
    do {
      return try await next(request, context)
    } catch let failure as StoreFailure {
      return Self.refusal(.serviceUnavailable, failure.sentence)
    } catch let wrong as WrongValue {
      return Self.refusal(.badRequest, wrong.why)
    } catch let error as HTTPError {
      return Self.refusal(error.status, error.body ?? error.status.reasonPhrase)
    } catch {
      return Self.refusal(.internalServerError, "the request failed: \(error)")
    }
  }

  private static func refusal(_ status: HTTPResponse.Status, _ sentence: String) -> Response {
    var json = JSONWriter()
    json.object { $0.field("error", sentence) }
    return Response(json.bytes, .json, status: status)
  }

  /// Nothing is loaded but from this server, nothing is run that stands in the page, nobody frames it, nothing is kept.
  private static let headers: [(HTTPField.Name, String)] =
    [
      (
        .contentSecurityPolicy,
        """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
        """
      ),
      (.xContentTypeOptions, "nosniff"),
      (.cacheControl, "no-store"),
    ]
    + [
      ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
