/// Miners that stop and start again and again.
extension FleetWatch {
  /// How long a stop is remembered of a miner, in seconds.
  static let oscillationMemory = 3_600

  /// Whether half of those who stopped have done so before, again and again.
  mutating func judgeOscillation(of members: [Int], _ population: Int, _ settings: FleetSettings) {
    let again = members.filter { rows[$0].stops >= settings.oscillationStops }
    guard again.count >= max(3, members.count / 2) else { return }
    let stops = again.map { rows[$0].stops }.max() ?? 0
    events.oscillations.append(
      .init(
        rows: again, population: population, stops: stops,
        seconds: now - (again.map { rows[$0].firstStop }.min() ?? now),
        last: again.map { rows[$0].lastStop }.max() ?? now,
        loss: sight.loss(since: now - Self.oscillationMemory)))
  }

  /// Whether the shares of this round go on a swing of the site's.
  mutating func judgeSwing(_ expected: Double, _ seconds: Int, _ settings: FleetSettings) {
    guard seconds < 2 * Self.roundLength else { return swing.forget() }
    let found = swing.pass(
      observed: observed, expected: expected, isDisturbed: rate.isLow || stops.gathering != nil,
      below: settings.swingRate / Double(Self.roundsADay / Self.roundsAMinute))
    guard let found else { return }
    events.swings.append(
      .init(
        period: found.period, share: found.share, seconds: SwingTest.seconds, probability: found.probability,
        population: countedRows, loss: sight.loss(since: now - SwingTest.seconds)))
  }
}
