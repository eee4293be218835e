import Capture
import Yams

/// A policy file as a tree of texts, lists and groups, each with its place. The only file that knows Yams.
///
/// Every scalar is text here: YAML's guesses (`off` is false, 2026-12-01 is a date) are left to whoever knows what the
/// place asks for. Anchors, aliases and merge keys are refused: with them a few lines can stand for billions of values.
struct Document {
  struct Node {
    var position: FilePosition
    var content: Content
  }

  enum Content {
    /// `isPlain`: written without quotes.
    case text(String, isPlain: Bool)
    case list([Node])
    case group([(key: Node, value: Node)])
  }

  var root: Node
  /// Repeated keys, by place. The first of each is in the tree, the others too.
  var repeated: [(key: String, position: FilePosition)] = []

  /// What is wrong where, so that nothing of the file can be read.
  struct SyntaxError: Error, Equatable {
    var message: String
    var position: FilePosition
  }

  /// - Throws: ``SyntaxError`` where libyaml gives up.
  init(parsing text: String) throws(SyntaxError) {
    // Every alias may double what composing has to hash where it stands in a key, so refuse before, not after.
    if let position = Self.manyAliases(in: text) {
      throw SyntaxError(message: Self.aliasMessage, position: position)
    }
    // A repeated key makes Yams give up at once. Mark it, put a name of the same width in its place, go on: the other
    // errors are to be told too.
    var source = text
    while true {
      do {
        let parser = try Parser(yaml: source, resolver: .basic, encoding: .utf8)
        // Yams holds anchors weakly: they live as long as the parser.
        root = try withExtendedLifetime(parser) { try Self.convert(parser.singleRoot(), depth: 0) }
        return
      } catch let error as YamlError {
        guard case .duplicatedKeysInMapping(let keys, let context) = error, repeated.count < 32,
          let duplicate = RepeatedKey(keys, after: context.mark, in: source)
        else {
          throw SyntaxError(error, text: source)
        }
        repeated.append((duplicate.key, duplicate.position))
        source = duplicate.renamed(in: source, number: repeated.count)
      } catch let error as SyntaxError {
        throw error
      } catch {
        throw SyntaxError(message: "is not valid YAML", position: FilePosition(line: 1, column: 1))
      }
    }
  }

  private static func convert(_ node: Yams.Node?, depth: Int) throws(SyntaxError) -> Node {
    let start = FilePosition(line: 1, column: 1)
    guard let node else { return Node(position: start, content: .group([])) }
    let position = node.mark.map { FilePosition(line: $0.line, column: $0.column) } ?? start
    guard node.anchor == nil else { throw SyntaxError(message: aliasMessage, position: position) }
    guard depth < Limits.policyDepth else {
      throw SyntaxError(message: depthMessage, position: position)
    }
    switch node {
    case .scalar(let scalar):
      return Node(position: position, content: .text(scalar.string, isPlain: scalar.style == .plain))
    case .sequence(let sequence):
      var items: [Node] = []
      for item in sequence { items.append(try convert(item, depth: depth + 1)) }
      return Node(position: position, content: .list(items))
    case .mapping(let mapping):
      var pairs: [(key: Node, value: Node)] = []
      for (key, value) in mapping {
        pairs.append((try convert(key, depth: depth + 1), try convert(value, depth: depth + 1)))
      }
      return Node(position: position, content: .group(pairs))
    case .alias:
      throw SyntaxError(message: aliasMessage, position: position)
    }
  }

  static let depthMessage = "is nested deeper than \(Limits.policyDepth) levels"
  static let aliasMessage =
    "a value that begins with * or & is an alias or anchor, which policy files do not have (put text in quotes)"

  /// The place of the fifth word that could be an alias, if there are so many. Fewer cannot make a file big.
  private static func manyAliases(in text: String) -> FilePosition? {
    var found = 0
    var position = FilePosition(line: 1, column: 0)
    var canBegin = true
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == UInt8(ascii: "\n") {
        position = FilePosition(line: position.line + 1, column: 0)
        canBegin = true
      }
      position.column += byte & 0xc0 == 0x80 ? 0 : 1
      if previous == UInt8(ascii: "*"), canBegin, byte > 0x20 {
        found += 1
        if found > 4 { return FilePosition(line: position.line, column: position.column - 1) }
      }
      switch previous {
      case UInt8(ascii: "*"): canBegin = false
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), 0: break
      default: canBegin = ":-?,[{!".utf8.contains(previous)
      }
      previous = byte
    }
    return nil
  }
}
