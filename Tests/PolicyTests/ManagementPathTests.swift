import Foundation
import Testing

@testable import Policy

/// What ships of the vocabulary knows the requests that miners take over HTTP for what they do
/// (HashSource/hashsource_antminer_S21x, www/pages/cgi-bin; UpstreamData/pyasic, pyasic/web; braiins/bos-plus-api,
/// proto/bos/v1; bitaxeorg/ESP-Miner, main/http_server/http_server.c).
@Suite
struct ManagementPathTests {
  static let requests: [(method: String, path: String, parameters: [String: String], classes: [ActionClass])] = [
    ("GET", "/cgi-bin/get_miner_conf.cgi", [:], [.read]),
    ("POST", "/cgi-bin/set_miner_conf.cgi", ["pools.url": "x"], [.pool, .performance]),
    ("POST", "/cgi-bin/set_miner_conf.cgi", ["miner-mode": "1"], [.pool, .performance, .mining]),
    ("POST", "/cgi-bin/passwd.cgi", ["newPwd": ""], [.credentials]), ("GET", "/cgi-bin/reboot.cgi", [:], [.boot]),
    ("GET", "/cgi-bin/reset_conf.cgi", [:], [.reset]), ("POST", "/cgi-bin/upgrade.cgi", [:], [.firmware]),
    ("POST", "/cgi-bin/upgrade_clear.cgi", [:], [.firmware, .reset]), ("POST", "/cgi-bin/blink.cgi", [:], [.locate]),
    ("POST", "/cgi-bin/set_network_conf.cgi", [:], [.network]),
    ("POST", "/braiins.bos.v1.ActionsService/PauseMining", [:], [.mining]),
    ("POST", "/braiins.bos.v1.ActionsService/Reboot", [:], [.boot]),
    ("POST", "/braiins.bos.v1.ActionsService/FactoryReset", [:], [.reset]),
    ("POST", "/braiins.bos.v1.PoolService/SetPoolGroups", [:], [.pool]),
    ("POST", "/braiins.bos.v1.PerformanceService/SetPowerTarget", [:], [.performance]),
    ("POST", "/braiins.bos.v1.MinerService/DisableHashboards", [:], [.mining]),
    ("POST", "/braiins.bos.v1.CoolingService/SetImmersionMode", [:], [.performance]),
    ("POST", "/braiins.bos.v1.UpgradeService/UpdateAutoUpgradeConfig", [:], [.firmware]),
    ("POST", "/braiins.bos.v1.AuthenticationService/SetPassword", [:], [.credentials]),
    ("POST", "/braiins.bos.v1.NetworkService/SetNetworkConfiguration", [:], [.network]),
    ("POST", "/braiins.bos.v1.MinerService/GetMinerStats", [:], [.read]),
    ("PUT", "/api/v1/actions/pause", [:], [.mining]), ("PUT", "/api/v1/actions/factory-reset", [:], [.reset]),
    ("PUT", "/api/v1/performance/power-target", ["watt": "900"], [.performance]),
    ("GET", "/api/v1/miner/stats", [:], [.read]),
    ("POST", "/graphql", ["query": "mutation"], [.pool, .performance, .mining, .boot]),
    ("POST", "/graphql", ["graphql": "mutation"], [.pool, .performance, .mining, .boot]),
    ("POST", "/graphql", ["graphql": "unknown"], [.pool, .performance, .mining, .boot]),
    ("POST", "/graphql", ["graphql": "query"], [.read]), ("GET", "/graphql", [:], [.read]),
    ("GET", "/graphql", ["graphql": "mutation"], [.pool, .performance, .mining, .boot]),
    ("GET", "/power_off", [:], [.performance, .mining]), ("GET", "/resetcore", [:], [.performance, .mining]),
    ("GET", "/miner_power", [:], [.read]), ("POST", "/cgconf.cgi", [:], [.read]),
    ("POST", "/cgconf.cgi", ["pool1": "x"], [.pool, .performance]),
    ("POST", "/cgconf.cgi", ["mode": "2"], [.performance]),
    ("GET", "/reboot.cgi", [:], [.boot]), ("POST", "/modeconf.cgi", [:], [.performance]),
    ("POST", "/cgi-bin/luci", [:], [.read]), ("GET", "/cgi-bin/luci/admin/system/reboot/call", [:], [.boot]),
    ("POST", "/api/v1/mining/stop", [:], [.mining]), ("POST", "/api/v1/system/reboot", [:], [.boot]),
    ("POST", "/api/v1/settings", ["miner.pools.url": "x"], [.pool]),
    ("POST", "/api/v1/settings", ["password.pw": ""], [.credentials]),
    ("POST", "/api/v1/find-miner", [:], [.locate]), ("GET", "/api/v1/summary", [:], [.read]),
    ("POST", "/coin", ["param": "x"], [.pool]), ("POST", "/miner", ["param": "Stop"], [.mining]),
    ("POST", "/softreboot", [:], [.boot]), ("POST", "/criticaltemp", [:], [.performance]),
    ("POST", "/systemupdate", [:], [.firmware]), ("GET", "/capabilities", [:], [.read]),
    ("POST", "/updatepools", [:], [.pool]), ("POST", "/mode", ["sleep": "on"], [.mining]),
    ("POST", "/mode", ["mode": "eco"], [.performance]), ("POST", "/firmware-upgrade", ["url": "x"], [.firmware]),
    ("POST", "/factory-reset", [:], [.reset]), ("POST", "/password", [:], [.credentials]),
    ("POST", "/timedate", ["ntp": "x"], [.network]), ("GET", "/mode", [:], [.read]),
    ("POST", "/kaonsu/v1/maintenance", ["type": "reboot"], [.boot]),
    ("POST", "/kaonsu/v1/maintenance", ["type": "passwd"], [.credentials]),
    ("POST", "/kaonsu/v1/miner_config", [:], [.pool, .performance]), ("GET", "/kaonsu/v1/brief", [:], [.read]),
    ("PUT", "/mcb/newpool", ["url": "x"], [.pool]), ("GET", "/mcb/status", [:], [.read]),
    ("POST", "/user/userpanel", ["post": "4"], [.read]), ("POST", "/user/userpanel", ["locate": "1"], [.locate]),
    ("POST", "/api/updatePools", [:], [.pool]), ("POST", "/api/poweroff", [:], [.mining, .boot]),
    ("POST", "/api/getAll", [:], [.read]), ("GET", "/api/info_v1", [:], [.read]),
    ("PATCH", "/api/system", ["stratumURL": "x"], [.pool]),
    ("PATCH", "/api/system", ["frequency": "500"], [.performance]),
    ("DELETE", "/api/system/pools/1", [:], [.pool]), ("POST", "/api/system/restart", [:], [.boot]),
    ("POST", "/api/system/pause", [:], [.mining]), ("POST", "/api/system/OTA", [:], [.firmware]),
    ("GET", "/api/system/info", [:], [.read]),
  ]

  private static func shipped() throws -> CommandBook {
    try PolicyReader.read(
      text: """
        miners: {networks: [10.20.0.0/16]}
        pools: [{name: p, endpoints: ["stratum+tcp://p.example:3333"], accounts: [a]}]
        """, file: "p.yaml", rules: .sample, builtIn: BuiltInData(commands: "\(configs)/commands.d")
    ).commands
  }

  @Test func `every request is known`() throws {
    let book = try Self.shipped()
    for (method, path, parameters, classes) in Self.requests {
      let reading = book.reading(.http, path, method: method, parameters: parameters.map { ($0.key, $0.value) })
      #expect(reading?.classes == classes, "\(method) \(path) \(parameters)")
    }
  }

  @Test func `the makers' passwords are known`() throws {
    let logins = try Self.shipped().logins
    #expect(logins.contains(CommandBook.Login(vendor: "bitmain", user: "root", password: "root")))
    #expect(logins.contains(CommandBook.Login(vendor: "vnish", user: nil, password: "admin")))
    #expect(logins.count >= 10)
  }
}
