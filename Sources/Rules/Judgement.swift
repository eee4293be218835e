package import Capture
package import Protocols

/// What a rule says about an observation: only what the rule alone can know.
///
/// The analyst adds the rest (rule, level, advice, miner, time, flow) and makes a ``Finding`` of it.
///
/// A class, because nearly every answer of a rule is that it has nothing to say: nil is a word then, and not all of these fields.
package final class Judgement {
  /// A clause that ends the readable line, after miner and destination: `authorized as "mallory.x"`.
  package var brief: String
  /// One sentence that can stand alone.
  package var message: String
  /// Beside rule and miner, what makes two findings the same: a destination, an account, a name.
  package var subject: String
  /// The subject that this undoes: an interface that is up again is not down. When that one comes again it is told anew.
  package var undoes: String?
  /// Set where this case matters less or more than the rule's own level says; a policy's level does not change it then.
  package var level: Level?
  /// Set where it happened at another time than the observation.
  package var time: Timestamp?
  /// Set where it is about another flow than the observation's.
  package var flow: FlowFacts?
  /// Set where a miner is concerned that is no end of a flow.
  package var miner: Endpoint?
  /// Set where many miners did it together: the finding is then about no single one.
  package var miners: Finding.Crowd?
  /// What is reported went from the flow's server to its client.
  package var fromServer: Bool
  /// What the other end is called, where it is not simply the name its address is bound to.
  package var destinationName: String?
  /// Where the facts stand in `alert.context`.
  package var section: String?
  package var facts: [(name: String, value: Finding.FactValue)]

  package init(
    _ brief: String, message: String, subject: String, undoes: String? = nil, level: Level? = nil,
    time: Timestamp? = nil, flow: FlowFacts? = nil, miner: Endpoint? = nil, miners: Finding.Crowd? = nil,
    fromServer: Bool = false,
    destinationName: String? = nil, section: String? = nil,
    facts: [(name: String, value: Finding.FactValue)] = []
  ) {
    self.brief = brief
    self.message = message
    self.subject = subject
    self.undoes = undoes
    self.level = level
    self.time = time
    self.flow = flow
    self.miner = miner
    self.miners = miners
    self.fromServer = fromServer
    self.destinationName = destinationName
    self.section = section
    self.facts = facts
  }
}
