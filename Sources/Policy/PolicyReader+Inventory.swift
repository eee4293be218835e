import Capture
import Decode

extension PolicyReader {
  mutating func readInventory(_ setting: Setting) {
    guard let name = value(setting, SettingText.line) else { return }
    let path = TextFile.path(name, besides: file)
    let why = readTable(path, named: name) { reader, table in reader.readInventory(table, path) }
    if let why {
      error("\(path) \(why)", at: setting)
      return
    }
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

  private mutating func readInventory(_ table: Table<Column>, _ path: String) {
    guard table.columns.contains(.name), !table.columns.isDisjoint(with: [.ip, .mac]) else {
      problems.error("needs a column \"name\" and one of \"ip\" and \"mac\"", in: path, at: table.start)
      return
    }
    var seen = Seen()
    for row in table.rows { readRow(row, path, &seen) }
  }

  private mutating func readRow(_ row: Table<Column>.Row, _ path: String, _ seen: inout Seen) {
    let address = read(row[.ip], "no IP address (write 10.20.3.4)", path) { IPAddress($0) }
    let mac = read(row[.mac], "no MAC address (write 02:1a:2b:3c:4d:5e)", path) { MACAddress($0) }
    let watts = read(row[.watts], "no power in watts from 0 to 1000000", path) { text in
      Double(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }
    guard let name = row[.name] else {
      problems.error("has no name", in: path, at: row.position)
      return
    }
    let line = row.position.line
    if let address, let place = row[.ip], let other = seen.addresses.updateValue(line, forKey: address) {
      problems.error("\(address) stands in line \(other) already", in: path, at: place.position)
    }
    if let mac, let place = row[.mac], let other = seen.macs.updateValue(line, forKey: mac) {
      problems.error("\(mac) stands in line \(other) already", in: path, at: place.position)
    }
    if row[.ip] == nil, row[.mac] == nil {
      problems.error("has neither ip nor mac", in: path, at: row.position)
    }
    policy.miners.inventory.add(
      Inventory.Entry(name: name.text, rack: row[.rack]?.text, model: row[.model]?.text, watts: watts),
      address: address, mac: mac)
  }
}
