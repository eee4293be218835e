import Capture

/// A table in a CSV file: its first line names the columns, in any order and case.
struct Table<Column: PolicyKeys> {
  var columns: Set<Column>
  /// Where the line of column names begins.
  var start: FilePosition?
  var rows: [Row] = []

  struct Row {
    fileprivate let fields: [Column: CSV.Field]
    /// Where it begins.
    let position: FilePosition

    /// Nil where the column is missing or the field empty.
    subscript(column: Column) -> CSV.Field? { fields[column] }
  }
}

extension PolicyReader {
  /// Reads a table. What is wrong inside of it is told with its own path.
  ///
  /// - Parameter name: the path as the policy has it, for the digest.
  /// - Returns: why the file cannot be read at all.
  mutating func readTable<Column: PolicyKeys>(
    _ path: String, named name: String, _ read: (inout PolicyReader, Table<Column>) -> Void
  ) -> String? {
    do {
      let bytes = try TextFile.bytes(of: path, limit: Limits.listFile)
      fingerprint.add(path: name, bytes)
      let rows = try CSV.rows(of: try TextFile.text(bytes))
      guard let header = rows.first else {
        problems.error("is empty: begin with a line of column names", in: path, at: nil)
        return nil
      }
      if let table = table(Column.self, header, rows.dropFirst(), path) { read(&self, table) }
    } catch let wrong as WrongValue {
      return wrong.why
    } catch let wrong as TextFile.NotUTF8 {
      problems.error(wrong.message, in: path, at: wrong.position)
    } catch let wrong as CSV.SyntaxError {
      problems.error(wrong.message, in: path, at: wrong.position)
    } catch {
      return "cannot be read"
    }
    return nil
  }

  private mutating func table<Column: PolicyKeys>(
    _: Column.Type, _ header: [CSV.Field], _ rows: ArraySlice<[CSV.Field]>, _ path: String
  ) -> Table<Column>? {
    guard let places = places(of: Column.self, header, path) else { return nil }
    var table = Table<Column>(columns: Set(places.keys), start: header.first?.position)
    for row in rows {
      guard let position = row.first?.position else { continue }
      guard row.count == header.count else {
        problems.error("has \(row.count) fields, not \(header.count)", in: path, at: position)
        continue
      }
      let fields = places.mapValues { row[$0] }.filter { !$0.value.text.isEmpty }
      table.rows.append(Table.Row(fields: fields, position: position))
    }
    return table
  }

  private mutating func places<Column: PolicyKeys>(
    of _: Column.Type, _ header: [CSV.Field], _ path: String
  ) -> [Column: Int]? {
    var places: [Column: Int] = [:]
    var isGood = true
    for (index, field) in header.enumerated() {
      let name = field.text.lowercased()
      if let column = Column(rawValue: name) {
        guard places.updateValue(index, forKey: column) != nil else { continue }
        problems.error("the column \(name.quoted) stands twice", in: path, at: field.position)
      } else {
        problems.error(
          "unknown column \(field.text.quoted)\(Nearest.hint(for: name, in: Column.names))", in: path,
          at: field.position)
      }
      isGood = false
    }
    return isGood ? places : nil
  }

  /// A field, read by `parse`; nil where it is absent or wrong.
  ///
  /// - Parameter wrong: what a text is that `parse` refuses.
  mutating func read<Value>(
    _ field: CSV.Field?, _ wrong: String, _ path: String, _ parse: (String) -> Value?
  ) -> Value? {
    guard let field else { return nil }
    if let value = parse(field.text) { return value }
    problems.error("\(field.text.quoted) is \(wrong)", in: path, at: field.position)
    return nil
  }
}
