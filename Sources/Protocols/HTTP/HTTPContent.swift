import Capture
import Decode
import Flows

/// What the query and the first bytes of the body of one message mean.
struct HTTPContent {
  private(set) var fields: [HTTPField] = []
  private(set) var upload: HTTPUpload?
  private(set) var credentials: [HTTPCredential] = []
  /// Method of a JSON-RPC call: `getwork`.
  private(set) var call: String?

  init(_ head: HTTPHead, _ body: HTTPBody) {
    var query = HTTPFields()
    query.addForm(head.query[...])
    var content = HTTPFields()
    // A body that is coded says nothing, and is no file that could be told by its first bytes either.
    if head.contentEncoding == nil || head.contentEncoding == "identity", !body.start.isEmpty {
      upload = content.read(body.start, head)
    }
    fields = query.list + content.list
    credentials = [query.credential(in: .query), content.credential(in: .body)].compactMap(\.self)
    call = content.list.first { $0.name == "method" }?.value
  }
}

extension HTTPFields {
  /// Reads the first bytes of a body by what they look like: senders are careless about its type.
  ///
  /// - Returns: the file that it brings, or is.
  fileprivate mutating func read(_ bytes: [UInt8], _ head: HTTPHead) -> HTTPUpload? {
    let type = head.mediaType ?? ""
    if type == "multipart/form-data" { return readMultipart(bytes, head) }
    if type.hasPrefix("application/grpc") {
      addCall(bytes, head.path)
      return nil
    }
    if let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      if readJSON(bytes) { return nil }
    } else if type == "application/x-www-form-urlencoded" {
      addForm(bytes[...])
      return nil
    }
    return HTTPUpload(start: Array(bytes.prefix(Limits.httpContentStart)))
  }

  /// Names of fields are numbers, so what is a secret is told by the call.
  private mutating func addCall(_ bytes: [UInt8], _ path: String) {
    let login = GRPCSecrets.login(path)
    for field in GRPCMessage(bytes).fields {
      if field.name == login?.user { add("username", Array(field.value.utf8)[...]) }
      if field.name == login?.password { add("password", Array(field.value.utf8)[...]) }
      let isSecret = GRPCSecrets.isSecret(field.name, of: path)
      add(field.name, isSecret ? [] : Array(field.value.utf8)[...])
    }
  }

  private mutating func readMultipart(_ bytes: [UInt8], _ head: HTTPHead) -> HTTPUpload? {
    let parts = HTTPMultipart(bytes, contentType: head.contentType).parts
    for part in parts where part.fileName == nil { add(part.name, part.content) }
    // Bitmain's upgrade.cgi takes whatever comes first, under any name.
    let file = parts.first { $0.fileName != nil } ?? parts.first
    let start = (file?.content ?? bytes[...]).prefix(Limits.httpContentStart)
    return HTTPUpload(fileName: file?.fileName, start: Array(start))
  }

  private mutating func readJSON(_ bytes: [UInt8]) -> Bool {
    var copy = Slab<UInt8>(count: bytes.count)
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return addJSON(copy.bytes(0..<bytes.count))
  }
}
