import Capture

/// Kinds of miners, as data: `models.csv`.
extension PolicyReader {
  /// The table `models.csv` beside the policy, if there is one, then the one that ships with the program. A model that the
  /// site lists takes the place of one of the same name.
  mutating func readModels(_ builtIn: String?) {
    let own = TextFile.path("models.csv", besides: file)
    if !file.isEmpty, TextFile.exists(own), !TextFile.isSame(own, builtIn) {
      let why = readTable(own, named: own) { reader, table in reader.readModels(table, own, except: []) }
      if let why { problems.error(why, in: own, at: nil) }
    }
    let taken = Set(policy.models.models.map(\.name))
    guard let builtIn else { return }
    let why = readTable(builtIn, named: builtIn) { reader, table in reader.readModels(table, builtIn, except: taken) }
    if let why { problems.warning("no models of miners: \(builtIn) \(why)", in: file, at: nil) }
  }

  private enum Column: String, PolicyKeys {
    case model, agents, ths, watts, jth, source, date
  }

  private mutating func readModels(_ table: Table<Column>, _ path: String, except taken: Set<String>) {
    let missing = Column.allCases.filter { !table.columns.contains($0) }
    guard missing.isEmpty else {
      problems.error(
        "lacks the column\(missing.count == 1 ? "" : "s") \(missing.map(\.rawValue.quoted).joined(separator: ", "))",
        in: path, at: table.start)
      return
    }
    for row in table.rows { readModel(row, path, except: taken) }
  }

  private mutating func readModel(_ row: Table<Column>.Row, _ path: String, except taken: Set<String>) {
    for column in [Column.model, .watts, .source, .date] where row[column] == nil {
      problems.error("has no \(column.rawValue)", in: path, at: row.position)
    }
    let rate = read(row[.ths], "no rate in TH/s from 0.001 to 100000", path) { Self.number($0, in: 0.001...100_000) }
    let watts = read(row[.watts], "no power in watts from 1 to 1000000", path) { Self.number($0, in: 1...1_000_000) }
    let efficiency = read(row[.jth], "no efficiency in J/TH from 1 to 100000", path) {
      Self.number($0, in: 1...100_000)
    }
    let date = read(row[.date], "no month or day (write 2026-08 or 2026-08-31)", path) { try? DataDate(parsing: $0) }
    // A table typed from data sheets has typing mistakes; the third number finds them.
    if let rate, let watts, let efficiency, let place = row[.jth], abs(watts / rate - efficiency) > 0.05 * efficiency {
      problems.error(
        "\(place.text.quoted) is not watts by TH/s, which is \((watts / rate * 10).rounded() / 10)", in: path,
        at: place.position)
    }
    guard let name = row[.model], let watts, let date, !taken.contains(name.text) else { return }
    if policy.models.contains(named: name.text) {
      problems.error("\(name.text.quoted) is listed before", in: path, at: name.position)
    } else if policy.models.count >= Limits.minerModels {
      problems.error("more than \(Limits.minerModels) models in all", in: path, at: name.position)
    } else {
      let agents = row[.agents]?.text.split(separator: "|").map(String.init) ?? []
      policy.models.add(MinerModel(name: name.text, terahashes: rate, watts: watts, date: date), agents: agents)
    }
  }

  private static func number(_ text: String, in range: ClosedRange<Double>) -> Double? {
    Double(text).flatMap { range.contains($0) ? $0 : nil }
  }
}
