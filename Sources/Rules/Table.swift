/// Something that has a key of its own, which never changes.
package protocol Keyed: Sendable {
  associatedtype Key: PlaceKey

  var key: Key { get }
}

/// Rows side by side, found by key, then read and changed where they stand.
///
/// A dictionary would copy a row to show a part of it, and of a large site it takes twice or three times what is in it: see
/// ``PlaceIndex``. A place holds until a row is removed.
package struct Table<Row: Keyed>: Sendable {
  /// In the order in which they came, as long as none was removed.
  package private(set) var rows: [Row] = []
  private var index = PlaceIndex<Row.Key>()

  /// - Parameter limit: so many at the most. A table that grew would be copied, and what it was copied from kept by the allocator;
  ///   room that is not used costs nothing.
  package init(limit: Int) { rows.reserveCapacity(limit) }

  /// Where a key's row stands; nil when there is none.
  @inline(__always)
  func place(of key: Row.Key) -> Int? { index.place(of: key) { rows[$0].key } }

  /// A copy of a key's row.
  package subscript(key: Row.Key) -> Row? { place(of: key).map { rows[$0] } }

  /// Adds a row whose key has none.
  @discardableResult
  mutating func append(_ row: Row) -> Int {
    index.add(rows.count, of: row.key) { rows[$0].key }
    rows.append(row)
    return rows.count - 1
  }

  /// Takes a key's row out; the last one comes to its place.
  mutating func remove(_ key: Row.Key) -> Row? {
    guard let place = place(of: key) else { return nil }
    index.remove(place, of: key) { rows[$0].key }
    let row = rows[place]
    let last = rows.removeLast()
    if place < rows.count {
      index.move(rows.count, to: place, of: last.key)
      rows[place] = last
    }
    return row
  }

  /// Takes out all that something is true of. All places are others then.
  mutating func removeAll(where isOut: (Row) -> Bool) {
    rows.removeAll(where: isOut)
    index.removeAll()
    for place in rows.indices { index.add(place, of: rows[place].key) { rows[$0].key } }
  }

  mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    index.removeAll()
  }
}

extension Table: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { rows.count }

  /// The row at a place.
  package subscript(place: Int) -> Row {
    _read { yield rows[place] }
    _modify { yield &rows[place] }
  }
}
