package import Capture
import Decode
import Foundation
import Protocols
package import Rules

extension EVEFormat {
  /// An event of type `miner`: what one worker did in the minute that ended at `time`.
  package func line(_ worker: MinuteAccount.WorkerLine, at time: Timestamp) -> [UInt8] {
    event("miner", at: time) { json in
      json.object("miner") { write(worker, to: &$0) }
    }
  }

  /// The event of type `fleet` of a minute.
  package func fleetLine(_ minute: MinuteAccount) -> [UInt8] {
    event("fleet", at: minute.time) { json in
      json.object("fleet") { json in
        json.field("site", origin.site)
        json.field("miners", minute.minersSeen)
        write(minute.site, to: &json)
        write(minute.pools, as: "pools", to: &json)
        write(minute.accounts, as: "accounts", to: &json)
      }
    }
  }

  private func write(_ worker: MinuteAccount.WorkerLine, to json: inout JSONWriter) {
    json.field("site", origin.site)
    writeIdentity(worker.miner, to: &json)
    if let model = worker.model { json.field("model", model) }
    if let user = worker.user {
      json.field("user", user)
      json.field("account", Hashrates.account(of: user))
    }
    if let pool = worker.pool { json.field("pool", pool) }
    json.field("server_ip", worker.server.address.description)
    json.field("server_port", worker.server.port)
    json.field("accepted", worker.work.accepted)
    json.field("rejected", worker.work.rejected)
    json.field("unknown", worker.work.unknown)
    write(worker.estimates, to: &json)
  }

  private func write(_ groups: [MinuteAccount.GroupLine], as name: String, to json: inout JSONWriter) {
    json.array(name) { json in
      for group in groups.prefix(Limits.eventList) {
        json.object { json in
          json.field("name", group.name)
          write(group, to: &json)
        }
      }
    }
  }

  private func write(_ group: MinuteAccount.GroupLine, to json: inout JSONWriter) {
    json.field("workers", group.workers)
    json.field("unreadable", group.unreadable)
    json.field("accepted", group.work.accepted)
    json.field("rejected", group.work.rejected)
    json.field("unknown", group.work.unknown)
    write(group.estimates, to: &json)
  }

  private func write(_ estimates: [HashrateEstimate], to json: inout JSONWriter) {
    json.array("hashrate") { json in
      for estimate in estimates { json.object { estimate.write(to: &$0) } }
    }
  }
}

extension HashrateEstimate {
  /// Without `ths` the rate is not known, which is not zero.
  package func write(to json: inout JSONWriter) {
    json.field("minutes", minutes)
    json.field("seconds", seconds.rounded())
    if let terahashes { json.field("ths", terahashes.significant) }
    if let range {
      json.field("low_ths", range.lowerBound.significant)
      json.field("high_ths", range.upperBound.significant)
    }
    if let relativeError { json.field("error", relativeError.significant) }
    json.field("shares", shares)
    json.field("unknown_shares", unknownShares)
  }
}

extension Double {
  /// Rounded to six digits: far finer than chance is, and short to read.
  package var significant: Double {
    guard isFinite, self != 0 else { return self }
    let scale = pow(10, 5 - log10(abs(self)).rounded(.down))
    let rounded = (self * scale).rounded() / scale
    return rounded.isFinite ? rounded : self
  }
}
