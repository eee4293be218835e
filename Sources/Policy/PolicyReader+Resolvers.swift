import Capture

/// Public resolvers that speak encrypted DNS: data in the form of the indicators.
extension PolicyReader {
  mutating func readPublicResolvers(_ folder: String?) {
    guard let folder else { return }
    guard TextFile.isFolder(folder) else {
      problems.warning("no public resolvers: \(folder) is no folder", in: file, at: nil)
      return
    }
    // The lists are read into the indicators' place, which is empty meanwhile.
    let indicators = policy.detection.indicators
    policy.detection.indicators = Indicators()
    readLists(in: folder)
    policy.publicResolvers = policy.detection.indicators
    policy.detection.indicators = indicators
  }
}
