import Capture

// From heads and bodies to what is told of them.

extension HTTPRequest {
  init(_ head: HTTPHead, _ body: HTTPBody) {
    self.init(method: head.method, target: head.target, path: head.path)
    let content = HTTPContent(head, body)
    isDisguised = head.isDisguised
    host = head.host
    agent = head.agent
    contentType = head.mediaType
    contentEncoding = head.contentEncoding
    if case .bytes(let bytes) = head.length { contentLength = bytes }
    bodyBytes = body.byteCount
    fields = content.fields
    uploads = content.uploads
    isPartlyRead = content.isPartlyRead
    credentials = head.credentials + content.credentials
    anomalies = head.anomalies
    mining = HTTPMining(head, content)
  }
}

extension HTTPResponse {
  init(_ head: HTTPHead, _ body: HTTPBody, to request: Request?) {
    self.init(status: head.status)
    let content = HTTPContent(head, body)
    self.request = request
    server = head.server
    realm = head.realm
    contentType = head.mediaType
    if case .bytes(let bytes) = head.length { contentLength = bytes }
    bodyBytes = body.byteCount
    fields = content.fields
    start = Array(body.start.prefix(Limits.httpContentStart))
  }
}

extension HTTPMining {
  /// Calls that ask for work or hand it in (pooler/cpuminer cpu-miner.c; ethereum's and BSV's own words).
  private static let methods: Set = [
    "getwork", "getblocktemplate", "submitblock", "getminingcandidate", "submitminingsolution", "getauxblock",
    "createauxblock", "submitauxblock", "eth_getwork", "eth_submitwork", "eth_submithashrate", "eth_submitlogin",
  ]

  /// - Returns: nil when the request does not mine.
  init?(_ head: HTTPHead, _ content: HTTPContent) {
    let isCall = content.call.map { Self.methods.contains($0.lowercased()) } ?? false
    guard isCall || head.saysMining else { return nil }
    method = content.call ?? "long poll"
    user = head.credentials.first { $0.scheme == .basic }?.user
  }
}

extension APIRequest {
  /// A request as a command to whatever serves it, for those who know what it does.
  init(_ request: HTTPRequest, number: UInt32) {
    var parameters = APIParameters()
    for field in request.fields { parameters.add(field.name, field.value) }
    // A target that is not what it seems is told as what it is.
    self.init(
      .http, number: number, command: request.isDisguised ? request.path : request.target, method: request.method,
      parameters: parameters)
    isPartlyRead = isPartlyRead || request.isPartlyRead
    isAmbiguous = request.isDisguised || request.anomalies.contains(where: \.isAmbiguous)
  }
}

extension APIAnswer.Outcome {
  init(httpStatus status: Int) {
    switch status {
    case 200..<300: self = .accepted
    case 401, 403, 407: self = .denied
    case 400...: self = .failed
    default: self = .unclear
    }
  }
}
