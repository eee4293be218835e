package import Protocols

/// A thing that Minewatch speaks up about: everything that an analyst asks at 03:00, beside the logic that decides it.
package struct Rule: Sendable {
  /// How a finding names its rule.
  package struct Reference: Hashable, Sendable {
    /// EVE's `signature_id` under generator 3333. Never changes meaning, never reused.
    package let id: Int
    /// Stable name, as policy files and reports say it: "pool.unlisted".
    package let name: String
    /// EVE's `signature`: one line that tells what happened.
    package let title: String
    /// EVE's `category`.
    package let category: String
    package let techniques: [Technique]
    /// EVE's `rev`: rises when the logic changes.
    package let revision: Int

    package init(
      id: Int, name: String, title: String, category: String, techniques: [Technique] = [], revision: Int = 1
    ) {
      self.id = id
      self.name = name
      self.title = title
      self.category = category
      self.techniques = techniques
      self.revision = revision
    }
  }

  package let reference: Reference
  package let level: Level
  /// What it sees, and why that matters.
  package let rationale: String
  /// What to do now.
  package let advice: String
  /// What else can cause it.
  package let falsePositives: [String]
  package let parameters: [Parameter]
  /// Called for every observation, in time order.
  package let judge: @Sendable (Observation, inout Analysis) -> Void

  /// A threshold that a policy can set under `detection.rules`.
  package struct Parameter: Sendable {
    package let name: String
    package let value: Value
    package let summary: String

    package enum Value: Equatable, Sendable {
      case duration(Duration)
      /// 0...1.
      case fraction(Double)
      case count(Int)
    }
  }
}
