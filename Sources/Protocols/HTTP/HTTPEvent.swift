/// What one HTTP connection says that somebody may want to judge.
package enum HTTPEvent: Sendable {
  /// What a connection of HTTP/1.x is for. Said at the first request that tells, or when it ends without one; and again when a
  /// later request turns out to mine, or to mine for another user.
  case introduced(HTTPUse)
  /// A request, once: when its body is whole, or as much of it is there as is kept.
  case request(HTTPRequest)
  /// A response, once, likewise.
  case response(HTTPResponse)
  /// A body whose length nobody announced goes on. Said at ``HTTPBody/firstMilestone`` bytes and whenever they have doubled.
  case transfer(HTTPTransfer)
}

/// What an HTTP connection is for.
package enum HTTPUse: Sendable, Equatable {
  case web
  /// The first request asks for a tunnel, or to go over to another protocol: what it is for shows inside, if it is granted.
  case passage
  /// getwork or getblocktemplate: mining without Stratum.
  case mining(HTTPMining)

  package var identity: AppProtocol { if case .mining = self { .getwork } else { .http } }
}

/// Mining over HTTP, as a request tells (pooler/cpuminer util.c).
package struct HTTPMining: Sendable, Equatable {
  /// `getwork`, `getblocktemplate`, `submitblock`, `eth_getWork`...
  package var method: String
  /// Who is paid, from Basic credentials.
  package var user: String?

  package init(method: String, user: String? = nil) {
    self.method = method
    self.user = user
  }
}

/// One request, as far as it matters. Texts are cut at ``Capture/Limits/wireText``; no secret is in any of them.
package struct HTTPRequest: Sendable {
  /// `GET`, `POST`... in capital letters.
  package var method: String
  /// As sent, without query and fragment.
  package var target: String
  /// The target as a web server understands it: see ``HTTPPath``. For matching only.
  package var path: String
  /// The target was written so that it is not what it seems.
  package var isDisguised = false
  package var isHTTP2 = false
  package var host: String?
  package var agent: String?
  /// Media type in lower case, without parameters.
  package var contentType: String?
  /// `gzip`...: what the body says is then unknown.
  package var contentEncoding: String?
  /// Bytes of the body, as announced.
  package var contentLength: UInt64?
  /// Bytes of the body that were there when this was said.
  package var bodyBytes: UInt64 = 0
  /// What the query and the body say, by name: see ``HTTPFields``.
  package var fields: [HTTPField] = []
  /// Files that the body brings; or, where it is no form and no JSON, the body itself.
  package var uploads: [HTTPUpload] = []
  /// Query and body say more than ``fields`` and ``uploads`` tell: they are too long, have too many fields, or are compressed.
  package var isPartlyRead = false
  package var credentials: [HTTPCredential] = []
  package var mining: HTTPMining?
  /// What was wrong with it, each kind once.
  package var anomalies: [HTTPAnomaly] = []

  package init(method: String, target: String, path: String) {
    self.method = method
    self.target = target
    self.path = path
  }

  /// The first value of a field.
  package subscript(field: String) -> String? { fields.first { $0.name == field }?.value }
}

/// One response, as far as it matters.
package struct HTTPResponse: Sendable {
  package var status: Int
  /// The request that it answers; absent when bytes were lost on the way.
  package var request: Request?
  package var server: String?
  /// Of `WWW-Authenticate`: vendors are told by it.
  package var realm: String?
  package var contentType: String?
  package var contentLength: UInt64?
  package var bodyBytes: UInt64 = 0
  /// What a JSON body says: an agent's answer may be a command.
  package var fields: [HTTPField] = []
  /// The first bytes of the body.
  package var start: [UInt8] = []

  package init(status: Int) {
    self.status = status
  }

  /// The first value of a field.
  package subscript(field: String) -> String? { fields.first { $0.name == field }?.value }

  /// What is remembered of a request until it is answered.
  package struct Request: Sendable, Equatable {
    package var method: String
    package var path: String
    package var host: String?

    package init(method: String, path: String, host: String? = nil) {
      self.method = method
      self.path = path
      self.host = host
    }
  }
}

/// A name and what it says, in a query, a form or a JSON body. The name is in lower case, with dots between levels.
package struct HTTPField: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The start of a file that a request brings.
package struct HTTPUpload: Sendable, Equatable {
  /// As the sender calls it, where it does.
  package var fileName: String?
  /// At most ``Capture/Limits/httpContentStart`` bytes.
  package var start: [UInt8]

  package init(fileName: String? = nil, start: [UInt8]) {
    self.fileName = fileName
    self.start = start
  }
}

/// How much of a body without announced length has passed.
package struct HTTPTransfer: Sendable, Equatable {
  package var sender: Role
  package var bytes: UInt64
  package var request: HTTPResponse.Request?

  package init(sender: Role, bytes: UInt64, request: HTTPResponse.Request? = nil) {
    self.sender = sender
    self.bytes = bytes
    self.request = request
  }
}
