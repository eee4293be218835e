import Capture
import Decode

extension PolicyReader {
  mutating func readInventory(_ setting: Setting) {
    guard let name = value(setting, SettingText.line), let rows = rows(of: name, setting) else { return }
    let path = TextFile.path(name, besides: file)
    guard let header = rows.first, let columns = columns(header, path) else {
      if rows.isEmpty { problems.error("is empty: begin with a line of column names", in: path, at: nil) }
      return
    }
    var seen = Seen()
    for row in rows.dropFirst() { readRow(row, columns, width: header.count, path, &seen) }
    let inventory = policy.miners.inventory
    if inventory.isEmpty {
      warn("\(name.quoted) lists no miners", at: setting)
    } else if !inventory.hasMACs, !inventory.addresses.contains(where: policy.miners.networks.contains) {
      warn("\(name.quoted) has no address that is in miners.networks", at: setting)
    }
  }

  private enum Column: String, PolicyKeys {
    case ip, mac, name, rack, model, watts
  }

  /// What stands in one row only.
  private struct Seen {
    var addresses: [IPAddress: Int] = [:]
    var macs: [MACAddress: Int] = [:]
  }

  private mutating func rows(of name: String, _ setting: Setting) -> [[CSV.Field]]? {
    let path = TextFile.path(name, besides: file)
    do {
      let bytes = try TextFile.bytes(of: path, limit: Limits.listFile)
      fingerprint.add(path: name, bytes)
      return try CSV.rows(of: try TextFile.text(bytes))
    } catch let wrong as WrongValue {
      error("\(path) \(wrong.why)", at: setting)
    } catch let wrong as TextFile.NotUTF8 {
      problems.error(wrong.message, in: path, at: wrong.position)
    } catch let wrong as CSV.SyntaxError {
      problems.error(wrong.message, in: path, at: wrong.position)
    } catch {
      self.error("\(path) cannot be read", at: setting)
    }
    return nil
  }

  private mutating func columns(_ header: [CSV.Field], _ path: String) -> [Column: Int]? {
    var columns: [Column: Int] = [:]
    var isGood = true
    for (index, field) in header.enumerated() {
      let name = field.text.lowercased()
      if let column = Column(rawValue: name) {
        guard columns.updateValue(index, forKey: column) == nil else {
          problems.error("the column \(name.quoted) stands twice", in: path, at: field.position)
          isGood = false
          continue
        }
      } else {
        problems.error(
          "unknown column \(field.text.quoted)\(Nearest.hint(for: name, in: Column.names))", in: path,
          at: field.position)
        isGood = false
      }
    }
    guard isGood else { return nil }
    guard columns[.name] != nil, columns[.ip] != nil || columns[.mac] != nil else {
      problems.error("needs a column \"name\" and one of \"ip\" and \"mac\"", in: path, at: header.first?.position)
      return nil
    }
    return columns
  }

  private mutating func readRow(
    _ row: [CSV.Field], _ columns: [Column: Int], width: Int, _ path: String, _ seen: inout Seen
  ) {
    guard row.count == width else {
      problems.error("has \(row.count) fields, not \(width)", in: path, at: row.first?.position)
      return
    }
    let field = { (column: Column) -> CSV.Field? in
      columns[column].map { row[$0] }.flatMap { $0.text.isEmpty ? nil : $0 }
    }
    let address = read(field(.ip), "no IP address (write 10.20.3.4)", path) { IPAddress($0) }
    let mac = read(field(.mac), "no MAC address (write 02:1a:2b:3c:4d:5e)", path) { MACAddress($0) }
    let watts = read(field(.watts), "no power in watts from 0 to 1000000", path) { text in
      Double(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }
    guard let name = field(.name) else {
      problems.error("has no name", in: path, at: row.first?.position)
      return
    }
    guard let line = row.first?.position.line else { return }
    if let address, let place = field(.ip), let other = seen.addresses.updateValue(line, forKey: address) {
      problems.error("\(address) stands in line \(other) already", in: path, at: place.position)
    }
    if let mac, let place = field(.mac), let other = seen.macs.updateValue(line, forKey: mac) {
      problems.error("\(mac) stands in line \(other) already", in: path, at: place.position)
    }
    if field(.ip) == nil, field(.mac) == nil {
      problems.error("has neither ip nor mac", in: path, at: row.first?.position)
    }
    policy.miners.inventory.add(
      Inventory.Entry(name: name.text, rack: field(.rack)?.text, model: field(.model)?.text, watts: watts),
      address: address, mac: mac)
  }

  private mutating func read<Value>(
    _ field: CSV.Field?, _ wrong: String, _ path: String, _ parse: (String) -> Value?
  ) -> Value? {
    guard let field else { return nil }
    if let value = parse(field.text) { return value }
    problems.error("\(field.text.quoted) is \(wrong)", in: path, at: field.position)
    return nil
  }
}
