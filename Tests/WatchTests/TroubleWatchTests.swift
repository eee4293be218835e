import Sinks
import Testing

@testable import Watch

struct TroubleWatchTests {
  private let log = "log /var/log/minewatch/alerts.log"

  @Test func `says once that something fails, and once that it works again`() {
    var watch = TroubleWatch()
    let well = [SinkCondition(name: log, trouble: nil), SinkCondition(name: "store /x.db", trouble: nil)]
    var ill = well
    ill[0].trouble = "\(log): No space left on device: free some space"
    #expect(watch.hear(well).isEmpty && watch.failing.isEmpty)
    let news = watch.hear(ill)
    #expect(news.map(\.sentence) == [ill[0].trouble] && news.map(\.level) == [.error])
    #expect(watch.failing == [log])
    #expect(watch.hear(ill).isEmpty)
    #expect(watch.hear(well).map(\.sentence) == ["\(log): written again"])
    #expect(watch.failing.isEmpty)
  }

  @Test func `says when the cause becomes another, and forgets what a new policy does not name`() {
    var watch = TroubleWatch()
    _ = watch.hear([SinkCondition(name: log, trouble: "full")])
    #expect(watch.hear([SinkCondition(name: log, trouble: "gone")]).map(\.sentence) == ["gone"])
    #expect(watch.hear([]).isEmpty && watch.failing.isEmpty)
  }
}
