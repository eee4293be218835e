import Capture

extension HealthySite.Plan {
  /// Days at the chain's pace, with all that days bring: blocks, pools that end sessions or are gone for a while, reboots.
  package mutating func bring(days: Int) {
    for hour in 0..<24 * days {
      let begin = 3_600 * hour
      for block in 0..<6 { add(.newBlock, begin + 600 * block + (hour * 97 + block * 131) % 500) }
      // Each miner once a quarter of a day, not all at once.
      for miner in stride(from: hour % 6, to: miners, by: 6) {
        add(.reconnect(miner: miner), begin + 600 + (miner * 61) % 2_400)
      }
      if hour % 3 == 1 { add(.reboot(miner: (hour / 3) % miners), begin + 1_700) }
      if hour % 24 == 5 { add(.outage(.seconds(600)), begin + 3_000) }
    }
    length = .seconds(86_400 * days)
  }

  private mutating func add(_ incident: HealthySite.Incident, _ seconds: Int) {
    incidents.append((.seconds(seconds), incident))
  }
}
