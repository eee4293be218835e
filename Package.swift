// swift-tools-version: 6.2

import PackageDescription

/// Whether every target is built with libFuzzer's and the address sanitizer's probes in it: `make fuzz` does.
let isFuzzing = Context.environment["MINEWATCH_FUZZ"] != nil

/// The rules that every target is built under: language mode 6, every unsafe use marked, warnings are errors.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
  ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : [])

/// One stage of the way that data flows. It may depend only on stages before it.
func stage(_ name: String, after dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// The functions that take bytes from outside, each driven with any bytes: by a test, or by libFuzzer.
let fuzzing: Target = {
  let needs: [Target.Dependency] = ["Capture", "Decode", "Flows", "Policy", "Protocols", "Rules", "Simulator"]
  let (path, corpus) = ("Tests/FuzzTests", "Corpus")
  guard isFuzzing else {
    return .testTarget(
      name: "FuzzTests", dependencies: needs, path: path, exclude: ["Runner.swift", corpus], swiftSettings: settings)
  }
  return .executableTarget(
    name: "minewatch-fuzz", dependencies: needs, path: path,
    exclude: ["FuzzSmokeTests.swift", "Mutator.swift", "ReassemblyTests.swift", corpus],
    swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
    // The toolchain's own linker: gold, which it takes unasked, fails on debug information with probes in it.
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}()

let package = Package(
  name: "minewatch",
  products: [
    .executable(name: "minewatch", targets: ["minewatch"]),
    .executable(name: "minewatch-simulate", targets: ["minewatch-simulate"]),
    .executable(name: "minewatch-web", targets: ["minewatch-web"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    // Without its traits: nothing here reads its configuration or decodes its forms.
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CMemory"),

    stage("Capture", after: "CPcap", "CMemory"),
    stage("Decode", after: "Capture"),
    stage("Flows", after: "CMemory", "Capture", "Decode"),
    stage("Policy", after: "Capture", "Decode", .product(name: "Yams", package: "Yams")),
    stage(
      "Protocols", after: "Capture", "Decode", "Flows",
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "CryptoExtras", package: "swift-crypto"),
      .product(name: "SwiftASN1", package: "swift-asn1")),
    stage("Rules", after: "Capture", "Decode", "Flows", "Policy", "Protocols"),
    stage(
      "Sinks", after: "Capture", "Decode", "Policy", "Protocols", "Rules",
      .product(name: "Crypto", package: "swift-crypto")),
    stage(
      "Store", after: "Capture", "Decode", "Policy", "Protocols", "Rules", "Sinks",
      .product(name: "GRDB", package: "GRDB.swift")),

    stage("Simulator", after: "Capture", "Decode"),
    stage("Trial", after: "Decode", "Policy", "Protocols", "Rules", "Simulator"),
    stage(
      "Watch", after: "Capture", "Decode", "Flows", "Policy", "Protocols", "Rules", "Sinks", "Store",
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      .product(name: "UnixSignals", package: "swift-service-lifecycle")),

    stage(
      "Web", after: "Capture", "Decode", "Policy", "Rules", "Sinks", "Store", "Watch",
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      resources: ["index.html", "page.css", "page.js", "icon.svg"].map { .embedInCode("Page/\($0)") }),

    .executableTarget(
      name: "minewatch",
      dependencies: [
        "Capture", "Decode", "Policy", "Rules", "Simulator", "Sinks", "Store", "Watch",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "minewatch-web",
      dependencies: [
        "Capture", "Policy", "Watch", "Web", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "minewatch-simulate",
      dependencies: [
        "Capture", "Simulator", "Trial", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    tests("CaptureTests", "Capture", "Decode", "Simulator"),
    tests("DecodeTests", "Capture", "Decode", "Simulator"),
    tests("FlowsTests", "Capture", "Decode", "Flows", "Simulator"),
    tests("PolicyTests", "Capture", "Decode", "Policy", "Simulator"),
    tests(
      "ProtocolsTests", "Capture", "Decode", "Flows", "Protocols", "Simulator",
      .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto")),
    tests("RulesTests", "Capture", "Decode", "Flows", "Policy", "Protocols", "Rules", "Simulator", "Trial"),
    tests("SinksTests", "Capture", "Decode", "Policy", "Protocols", "Rules", "Simulator", "Sinks"),
    tests(
      "StoreTests", "Capture", "Decode", "Policy", "Protocols", "Rules", "Store",
      .product(name: "GRDB", package: "GRDB.swift")),
    tests("SimulatorTests", "Capture", "Decode", "Simulator"),
    tests(
      "WatchTests", "Capture", "Decode", "Flows", "Policy", "Protocols", "Rules", "Sinks", "Simulator", "Store",
      "Watch",
      .product(name: "Crypto", package: "swift-crypto")),
    tests(
      "WebTests", "Capture", "Decode", "Policy", "Protocols", "Rules", "Store", "Watch", "Web", "minewatch-web",
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "Logging", package: "swift-log")),
    tests("SystemTests", "Capture", "Simulator", "minewatch", "minewatch-simulate"),
    fuzzing,
  ]
)
