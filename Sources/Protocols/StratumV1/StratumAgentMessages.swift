import Capture
import Decode
import Flows

/// What BTCAgent's frames mean.
extension StratumSessionState {
  /// The id under which shares in frames wait: their replies are numbered, and come in order.
  private static var frameRequest: UInt32 { 0x7f7f_7f7f }

  mutating func interpret(
    _ frame: BTCAgentFrame, _ bytes: RawSpan, at start: Int, _ sender: inout Role, _ ledger: inout StratumLedger,
    _ events: inout [StratumEvent]
  ) {
    messages &+= 1
    ledger.counters.messages &+= 1
    learn(frame.speaker, isSure: true, &sender)
    let row = StratumMethod.row(ofFrame: frame.method)
    method = UInt8(truncatingIfNeeded: row &+ 1)
    if frame.speaker != sender {
      ledger.counters.unexpectedMethods &+= 1
      if oddMethodsLeft > 0 {
        oddMethodsLeft &-= 1
        say(.unexpectedMethod(StratumMethod.spellings[row], sender: sender, reason: .wrongSide), ledger, &events)
      }
    }
    switch frame.method {
    case .agentRegister:
      guard let texts = frame.texts(bytes, at: start) else { return }
      if !texts.agent.isEmpty { ledger.agents[Int(index)] = bytes.text(texts.agent, limit: Limits.wireText) }
      meet(
        JSONValue(.string, from: texts.worker.lowerBound, to: texts.worker.upperBound), bytes, &ledger,
        &events)
    case .agentSubmit:
      sums.submitted &+= 1
      ledger.beats[Int(index)].count(at: ledger.seconds)
      ledger.counters.sharesSubmitted &+= 1
      // Which of the workers it is, and so the difficulty, only the agent and the pool know.
      let request = StratumRequest(id: Self.frameRequest, seconds: ledger.seconds, kind: .submit, user: 0)
      ledger.requests.add(request, to: &requests)
    case .agentOther where frame.command == .submitResponse:
      guard let request = ledger.requests.remove(Self.frameRequest, from: &requests) else { return }
      settle(accepted: frame.accepts(bytes, at: start), worth: 0, of: request.user, &ledger)
    default: break
    }
    introduce(if: messages >= Self.introductionMessages, &ledger, &events)
  }
}
