/// The techniques that rules name (domain.md §8: ICS and Enterprise matrices, v18.1), so that a typo does not compile.
extension Technique {
  // MARK: ICS

  static let blockReportingMessage = Technique("T0804", "Block Reporting Message", successor: "T1691.002")
  static let dataDestructionICS = Technique("T0809", "Data Destruction")
  static let defaultCredentialsICS = Technique("T0812", "Default Credentials", successor: "T1694.001")
  static let denialOfView = Technique("T0815", "Denial of View")
  static let externalRemoteServicesICS = Technique("T0822", "External Remote Services")
  static let adversaryInTheMiddleICS = Technique("T0830", "Adversary-in-the-Middle")
  static let manipulationOfControl = Technique("T0831", "Manipulation of Control")
  static let modifyParameter = Technique("T0836", "Modify Parameter")
  static let unauthorizedCommandMessage = Technique("T0855", "Unauthorized Command Message", successor: "T1692.001")
  static let systemFirmware = Technique("T0857", "System Firmware", successor: "T1693.001")
  static let supplyChainCompromiseICS = Technique("T0862", "Supply Chain Compromise")
  static let connectionProxy = Technique("T0884", "Connection Proxy")
  static let standardApplicationLayerProtocol = Technique("T0869", "Standard Application Layer Protocol")
  static let internetAccessibleDevice = Technique("T0883", "Internet Accessible Device")
  static let commonlyUsedPort = Technique("T0885", "Commonly Used Port")

  // MARK: Enterprise

  static let dataObfuscation = Technique("T1001", "Data Obfuscation")
  static let remoteSystemDiscovery = Technique("T1018", "Remote System Discovery")
  static let remoteServices = Technique("T1021", "Remote Services")
  static let networkServiceDiscovery = Technique("T1046", "Network Service Discovery")
  static let applicationLayerProtocol = Technique("T1071", "Application Layer Protocol")
  static let dns = Technique("T1071.004", "Application Layer Protocol: DNS")
  static let proxy = Technique("T1090", "Proxy")
  static let defaultAccounts = Technique("T1078.001", "Valid Accounts: Default Accounts")
  static let nonApplicationLayerProtocol = Technique("T1095", "Non-Application Layer Protocol")
  static let ingressToolTransfer = Technique("T1105", "Ingress Tool Transfer")
  static let dataEncoding = Technique("T1132", "Data Encoding")
  static let externalRemoteServices = Technique("T1133", "External Remote Services")
  static let exploitPublicFacingApplication = Technique("T1190", "Exploit Public-Facing Application")
  static let compromiseSoftwareSupplyChain = Technique(
    "T1195.002", "Supply Chain Compromise: Compromise Software Supply Chain")
  static let remoteAccessTools = Technique("T1219", "Remote Access Tools")
  static let serverSoftwareComponent = Technique("T1505", "Server Software Component")
  static let lateralToolTransfer = Technique("T1570", "Lateral Tool Transfer")
  static let computeHijacking = Technique("T1496.001", "Resource Hijacking: Compute Hijacking")
  static let adversaryInTheMiddle = Technique("T1557", "Adversary-in-the-Middle")
  static let transmittedDataManipulation = Technique(
    "T1565.002", "Data Manipulation: Transmitted Data Manipulation")
  static let nonStandardPort = Technique("T1571", "Non-Standard Port")
  static let protocolTunneling = Technique("T1572", "Protocol Tunneling")
  static let encryptedChannel = Technique("T1573", "Encrypted Channel")
  static let compromiseDNSServer = Technique("T1584.002", "Compromise Infrastructure: DNS Server")
  static let modifySystemImage = Technique("T1601", "Modify System Image")
  static let financialTheft = Technique("T1657", "Financial Theft")
}
