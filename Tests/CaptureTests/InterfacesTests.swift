import Capture
import Glibc
import Testing

@Suite struct InterfacesTests {
  @Test func `lists network interfaces and nothing else`() {
    let names = Interfaces.available
    #expect(names.contains("lo"))
    #expect(names.allSatisfy { $0 == "any" || Interfaces.exists($0) })
  }

  @Test(arguments: ["", "no-such-one", "../lo", "a name that is longer than any interface's may be"])
  func `knows that an interface is absent`(name: String) {
    #expect(!Interfaces.exists(name))
    #expect(Interfaces.state(of: name) == .absent)
  }

  @Test(.disabled(if: geteuid() == 0, "root may capture"))
  func `says that it may not capture`() {
    let failure = #expect(throws: CaptureError.self) { _ = try LiveCapture(interface: "lo", source: 0) }
    #expect(failure == .captureNotPermitted(name: "lo"))
  }
}
