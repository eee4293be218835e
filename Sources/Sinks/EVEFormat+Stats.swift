extension EVEFormat {
  func write(_ entries: [StatsRecord.Entry], to json: inout JSONWriter) {
    for entry in entries {
      switch entry.value {
      case .count(let count): json.field(entry.name, count)
      case .number(let number): json.field(entry.name, number)
      case .text(let text): json.field(entry.name, text)
      case .group(let entries): json.object(entry.name) { write(entries, to: &$0) }
      }
    }
  }
}
