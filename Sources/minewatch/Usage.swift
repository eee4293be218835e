import ArgumentParser

/// What several commands ask of their arguments.
enum Usage {
  /// An option whose file has no name.
  static func checkNamed(_ path: String?, _ option: String) throws {
    if path?.isEmpty == true { throw ValidationError("\(option) is empty: name a file") }
  }

  /// Interfaces that can be: one that is named twice would have each packet counted twice.
  static func checkInterfaces(_ names: [String]) throws {
    for (index, name) in names.enumerated() {
      if name.isEmpty { throw ValidationError("--interface is empty: name an interface") }
      if names[..<index].contains(name) { throw ValidationError("--interface \(name) stands twice: name it once") }
    }
  }
}
