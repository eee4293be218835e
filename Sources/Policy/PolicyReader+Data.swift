import Capture

/// Data in YAML that ships with the program, or that a policy names: read with the same care as the policy itself.
extension PolicyReader {
  /// Reads another file as though it were this one: what is wrong in it is told with its own path.
  ///
  /// - Returns: why the file cannot be read at all.
  mutating func readData(_ path: String, _ read: (inout PolicyReader, Setting) -> Void) -> String? {
    do {
      let bytes = try TextFile.bytes(of: path, limit: Limits.policyFile)
      fingerprint.add(path: path, bytes)
      readData(text: try TextFile.text(bytes), path, read)
    } catch let error as TextFile.NotUTF8 {
      problems.error(error.message, in: path, at: error.position)
    } catch let error as WrongValue {
      return error.why
    } catch {
      return "cannot be read"
    }
    return nil
  }

  private mutating func readData(text: String, _ path: String, _ read: (inout PolicyReader, Setting) -> Void) {
    let (outerFile, outerRepeated) = (file, repeated)
    file = path
    defer { (file, repeated) = (outerFile, outerRepeated) }
    do {
      let document = try Document(parsing: text)
      note(repeatedKeysOf: document)
      read(&self, Setting(path: "", node: document.root))
    } catch {
      problems.error(error.message, in: path, at: error.position)
    }
  }

  mutating func note(repeatedKeysOf document: Document) {
    for (key, position) in document.repeated {
      problems.error("\(key.quoted) stands twice in one group", in: file, at: position)
    }
    repeated = Set(document.repeated.map(\.position))
  }
}
