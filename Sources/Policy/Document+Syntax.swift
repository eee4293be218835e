import Yams

extension Document.SyntaxError {
  /// libyaml's complaint in words for somebody who writes a policy, not a parser.
  init(_ error: YamlError, text: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      self.init(
        message: Self.sentence(problem, context, text.scalar(at: mark)),
        position: FilePosition(line: mark.line, column: mark.column))
    case .reader(let problem, let offset, _, _):
      self.init(
        message: problem == "control characters are not allowed"
          ? "a control character stands here" : "is not text in UTF-8",
        position: text.position(ofCharacter: offset ?? 0))
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        message: "\(keys.first?.quoted ?? "a key") stands twice in one group",
        position: FilePosition(line: max(context.mark.line, 1), column: max(context.mark.column, 1)))
    default:
      self.init(message: "is not valid YAML", position: FilePosition(line: 1, column: 1))
    }
  }

  private static func sentence(
    _ problem: String, _ context: YamlError.Context?, _ character: Unicode.Scalar?
  ) -> String {
    let beginning = context.map { "line \($0.mark.line), column \($0.mark.column)" } ?? "an earlier line"
    switch problem {
    case "found character that cannot start any token":
      return character == "\t"
        ? "a tab cannot indent: use spaces"
        : "a value cannot begin with \(String(character ?? " ").quoted): put it in quotes"
    case "found a tab character where an indentation space is expected",
      "found a tab character that violates indentation":
      return "a tab cannot indent: use spaces"
    case "mapping values are not allowed in this context":
      return "a second \":\" in one line, or an indentation that fits no group: put text with \": \" in quotes"
    case "could not find expected ':'": return "a key without \":\" after it, or an indentation that fits no group"
    case "did not find expected key":
      return "this does not fit the group that begins at \(beginning): look at the indentation and the quotes"
    case "did not find expected '-' indicator":
      return "this does not fit the list that begins at \(beginning): look at the indentation and the dashes"
    case "did not find expected ',' or ']'": return "the list that begins at \(beginning) lacks \",\" or \"]\" here"
    case "did not find expected ',' or '}'": return "the group that begins at \(beginning) lacks \",\" or \"}\" here"
    case "did not find expected node content": return "a value is missing here"
    case "block sequence entries are not allowed in this context":
      return "a list with dashes cannot begin here: put it on lines of its own"
    case "mapping keys are not allowed in this context": return "a key cannot begin here"
    case "found unexpected end of stream": return "the quotes that open at \(beginning) are never closed"
    case "found unknown escape character": return "no such escape in double quotes: write \\\\ for a backslash"
    case "found undefined alias", "did not find expected alphabetic or numeric character": return Document.aliasMessage
    case "but found another document": return "a second document begins here: a policy is one"
    case let problem where problem.hasPrefix("Maximum nesting level"): return Document.depthMessage
    default: return "is not valid YAML: \(problem)"
    }
  }
}

extension String {
  fileprivate func scalar(at mark: Mark) -> Unicode.Scalar? {
    var lines = unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(mark.line - 1)
    return lines.popFirst()?.dropFirst(mark.column - 1).first
  }

  /// - Parameter offset: in characters, as Yams counts them.
  fileprivate func position(ofCharacter offset: Int) -> FilePosition {
    var position = FilePosition(line: 1, column: 1)
    for character in self.prefix(max(offset, 0)) {
      if character.isNewline {
        position = FilePosition(line: position.line + 1, column: 1)
      } else {
        position.column += character.unicodeScalars.count
      }
    }
    return position
  }
}
