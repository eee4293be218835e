import Capture
import Decode
import Flows

/// What the query and the first bytes of the body of one message mean.
struct HTTPContent {
  private(set) var fields: [HTTPField] = []
  private(set) var uploads: [HTTPUpload] = []
  private(set) var credentials: [HTTPCredential] = []
  /// Method of a JSON-RPC call: `getwork`.
  private(set) var call: String?
  /// There is more, and it may matter.
  private(set) var isPartlyRead = false

  init(_ head: HTTPHead, _ body: HTTPBody) {
    var query = HTTPFields()
    query.addForm(head.query[...])
    var content = HTTPFields()
    // A body that is coded says nothing, and is no file that could be told by its first bytes either.
    if head.contentEncoding != nil, head.contentEncoding != "identity" {
      isPartlyRead = body.byteCount > 0
    } else if !body.start.isEmpty {
      uploads = content.read(body, head)
    }
    isPartlyRead = isPartlyRead || query.isPartlyRead || content.isPartlyRead
    query.endOperation()
    content.endOperation()
    fields = query.list + content.list
    credentials = [query.credential(in: .query), content.credential(in: .body)].compactMap(\.self)
    call = content.list.first { $0.name == "method" }?.value
  }
}

extension HTTPFields {
  /// Reads the first bytes of a body by what they look like: senders are careless about its type.
  ///
  /// - Returns: the files that it brings, or it itself as one.
  fileprivate mutating func read(_ body: HTTPBody, _ head: HTTPHead) -> [HTTPUpload] {
    let bytes = body.start
    let type = head.mediaType ?? ""
    if type == "multipart/form-data" { return readMultipart(body, head) }
    // What goes on behind what is kept may say more, unless it is a file.
    if type.hasPrefix("application/grpc") {
      isPartlyRead = body.isFull
      addCall(bytes, head.path)
      return []
    }
    let isForm = type == "application/x-www-form-urlencoded"
    let first = bytes.first { $0 > 0x20 }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      if readJSON(bytes) {
        isPartlyRead = isPartlyRead || body.isFull
        return []
      }
    } else if bytes.beginsLikeForm || isForm {
      addForm(bytes[...])
      // A script begins with a name and a value as well, but no browser calls it a form; and tools call a file one.
      if isForm, bytes.beginsLikeForm {
        isPartlyRead = isPartlyRead || body.isFull
        return []
      }
    }
    // Blanks alone may have anything behind them.
    if first == nil { isPartlyRead = body.isFull }
    return [HTTPUpload(start: Array(bytes.prefix(Limits.httpContentStart)))]
  }

  /// Names of fields are numbers, so what is a secret is told by the call.
  private mutating func addCall(_ bytes: [UInt8], _ path: String) {
    let login = GRPCSecrets.login(path)
    let message = GRPCMessage(bytes)
    isPartlyRead = isPartlyRead || message.isPartlyRead
    for field in message.fields {
      if field.name == login?.user { add("username", Array(field.value.utf8)[...]) }
      if field.name == login?.password { add("password", Array(field.value.utf8)[...]) }
      let isSecret = GRPCSecrets.isSecret(field.name, of: path)
      add(field.name, isSecret ? [] : Array(field.value.utf8)[...])
    }
  }

  private mutating func readMultipart(_ body: HTTPBody, _ head: HTTPHead) -> [HTTPUpload] {
    let form = HTTPMultipart(body.start, contentType: head.contentType)
    for part in form.parts where part.fileName == nil { add(part.name, part.content) }
    var files = form.parts.filter { $0.fileName != nil }
    isPartlyRead = isPartlyRead || form.hasMore || files.isEmpty && body.isFull
    // Bitmain's upgrade.cgi takes whatever comes first, under any name.
    if files.isEmpty { files = form.parts }
    guard !files.isEmpty else { return [HTTPUpload(start: Array(body.start.prefix(Limits.httpContentStart)))] }
    return files.map {
      HTTPUpload(fileName: $0.fileName, start: Array($0.content.prefix(Limits.httpContentStart)))
    }
  }

  private mutating func readJSON(_ bytes: [UInt8]) -> Bool {
    var copy = Slab<UInt8>(count: bytes.count)
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return addJSON(copy.bytes(0..<bytes.count))
  }
}

extension [UInt8] {
  /// A name in printable characters, and what ends it: `pools=1`. A form of one name alone is nothing that matters.
  fileprivate var beginsLikeForm: Bool {
    let name = prefix { 0x20 < $0 && $0 < 0x7f && $0 != UInt8(ascii: "=") }
    return !name.isEmpty && name.endIndex < endIndex && self[name.endIndex] == UInt8(ascii: "=")
  }
}
