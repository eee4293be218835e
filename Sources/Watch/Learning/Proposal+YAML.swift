import Rules
import Sinks

/// A proposal as the text of a policy, for a person to read line by line.
extension Proposal {
  /// - Parameters:
  ///   - origin: what was watched, in words: `24 hours of span0`.
  ///   - findings: what the watch itself found meanwhile, one sentence each.
  func yaml(origin: String, site: String?, leftOut: UInt64, findings: [String]) -> String {
    var text = PolicyText()
    text.comment("Proposed by `minewatch learn` from \(origin): \(counted(minerCount, "miner")).")
    text.comment("Read every line before you use it: what was seen is not always what should be.")
    text.comment("Then: minewatch check --config FILE")
    if leftOut > 0 { text.comment("\(leftOut) facts found no room: watch a part of the site at a time.") }
    if !odd.isEmpty { text.comment("What looked odd stands at the end, and is not allowed here.") }
    text.blank()
    if let site {
      text.line("site: \(text.quoted(site))")
      text.blank()
    }
    text.line("miners:")
    text.list("networks", networks, indent: 2)
    text.list("managers", managers, indent: 2)
    text.blank()
    writePools(&text)
    writeServices(&text)
    writeOdd(&text, findings)
    return text.text
  }

  private func writePools(_ text: inout PolicyText) {
    guard !pools.isEmpty else {
      text.comment("No mining was seen, so there is no pool to propose; a policy needs one.")
      text.line("pools: []")
      return
    }
    text.line("pools:")
    for pool in pools {
      text.line("  - name: \(text.quoted(pool.name))")
      text.list("endpoints", pool.endpoints, indent: 4)
      if pool.accounts.isEmpty {
        text.line("    # No login was seen, so anybody may be paid here: add accounts.")
      } else {
        text.list("accounts", pool.accounts, indent: 4)
      }
    }
    text.blank()
  }

  private func writeServices(_ text: inout PolicyText) {
    text.line("services:")
    for (key, entries) in [("dns", dns), ("ntp", ntp), ("dhcp", dhcp)] {
      if entries.isEmpty {
        text.line("  # \(key): none was seen; as long as none is named, every private address may serve.")
      } else {
        text.list(key, entries, indent: 2)
      }
    }
    guard !allow.isEmpty else {
      if (dns + ntp + dhcp).isEmpty { text.line("  allow: []") }
      return
    }
    text.line("  # Whatever else many miners reach. Ask of each whether a miner needs it.")
    text.line("  allow:")
    for allowance in allow {
      text.line("    - name: \(text.quoted(allowance.name))  \(text.note(allowance.note))")
      text.line("      hosts: [\(text.quoted(allowance.host))]")
      text.line("      ports: [\(allowance.ports.map(text.quoted).joined(separator: ", "))]")
    }
  }

  private func writeOdd(_ text: inout PolicyText, _ findings: [String]) {
    if !odd.isEmpty {
      text.blank()
      text.comment("What looked odd, and was left out: under this policy it is reported.")
      for sentence in odd { text.comment("  - \(sentence)") }
    }
    if !findings.isEmpty {
      text.blank()
      text.comment("What the watch found meanwhile, whatever a policy allows:")
      for sentence in findings { text.comment("  - \(sentence)") }
    }
  }
}

/// Lines of YAML in which nothing from the wire can be anything but a text or a comment.
private struct PolicyText {
  private(set) var text = ""

  mutating func line(_ line: String) {
    text += line + "\n"
  }

  mutating func blank() {
    if !text.hasSuffix("\n\n") { text += "\n" }
  }

  mutating func comment(_ sentence: String) {
    line("# " + WireEscape.escaped(sentence, as: .sentence))
  }

  mutating func list(_ key: String, _ entries: [Proposal.Entry], indent: Int) {
    let margin = String(repeating: " ", count: indent)
    guard !entries.isEmpty else { return line("\(margin)\(key): []") }
    line("\(margin)\(key):")
    for entry in entries { line("\(margin)  - \(quoted(entry.value))  \(note(entry.note))") }
  }

  func note(_ note: String) -> String {
    "# " + WireEscape.escaped(note, as: .sentence)
  }

  /// In double quotes, where JSON's escapes are YAML's (YAML 1.2.2 §7.3.1).
  func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.element(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
