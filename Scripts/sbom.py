#!/usr/bin/env python3
"""Writes what the programs are made of as SPDX 2.3 (JSON): sbom.py OUTPUT [--binaries FOLDER]

Swift packages come from Package.resolved, as far as a product of this package needs them (`swift package show-dependencies`);
Debian's libraries from what the binaries link, and the Swift runtime from the compiler. Fails for a package whose licence it cannot tell:
a new dependency has to be looked at.
"""
import argparse, datetime, hashlib, json, os, re, subprocess, sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# The licences that dependencies may have, each told by a sentence of its text.
LICENCES = [
    ("Apache-2.0", "Apache License"),
    ("MIT", "Permission is hereby granted, free of charge"),
    ("BSD-3-Clause", "Neither the name"),
]
# C that Swift packages carry inside.
EMBEDDED = {
    "swift-crypto": [("BoringSSL", "Apache-2.0", "https://boringssl.googlesource.com/boringssl")],
    "yams": [("libyaml", "MIT", "https://github.com/yaml/libyaml")],
}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def version():
    with open(os.path.join(ROOT, "Sources/Watch/Version.swift")) as file:
        return re.search(r'number = "([^"]+)"', file.read()).group(1)


def licence(folder, name):
    for file in sorted(os.listdir(folder)):
        if file.upper().startswith("LICEN"):
            with open(os.path.join(folder, file), errors="replace") as text:
                content = text.read()
            for identifier, sentence in LICENCES:
                if sentence in content:
                    return identifier
    sys.exit(f"sbom: {name} has no licence that is known here: look at it, then add it to {os.path.basename(__file__)}")


def needed():
    """Identities of the packages that the graph of this one reaches."""
    found = set()

    def walk(node):
        for child in node["dependencies"]:
            if child["identity"] not in found:
                found.add(child["identity"])
                walk(child)

    walk(json.loads(run("swift", "package", "--skip-update", "show-dependencies", "--format", "json")))
    return found


def swift_packages():
    with open(os.path.join(ROOT, "Package.resolved")) as file:
        pins = {pin["identity"]: pin for pin in json.load(file)["pins"]}
    wanted = needed()
    missing = wanted - pins.keys()
    if missing:
        sys.exit(f"sbom: Package.resolved does not name {', '.join(sorted(missing))}: run `swift package resolve`")
    checkouts = os.path.join(ROOT, ".build/checkouts")
    folders = {name.lower(): os.path.join(checkouts, name) for name in os.listdir(checkouts)}
    for identity in sorted(wanted):
        pin = pins[identity]
        yield {
            "name": identity, "version": pin["state"]["version"], "revision": pin["state"]["revision"],
            "location": pin["location"], "licence": licence(folders[identity], identity),
        }
        for name, kind, home in EMBEDDED.get(identity, []):
            yield {"name": name, "version": f"as in {identity} {pin['state']['version']}", "location": home, "licence": kind}


def debian_libraries(binaries):
    """Packages of the shared libraries that the programs link."""
    names = set()
    for program in ("minewatch", "minewatch-web"):
        path = os.path.join(binaries, program)
        if os.path.exists(path):
            names |= set(re.findall(r"=> (/\S+)", run("ldd", path)))
    packages = {}
    for path in sorted(names):
        for candidate in (path, os.path.realpath(path), "/usr" + path):
            owner = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
            if owner.returncode == 0:
                package = owner.stdout.split(":")[0]
                packages[package] = run("dpkg-query", "-W", "-f=${Version}", package)
                break
    return packages


def package(identifier, name, version, **more):
    entry = {"SPDXID": identifier, "name": name, "versionInfo": version, "filesAnalyzed": False,
             "downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
             "copyrightText": "NOASSERTION"}
    entry.update(more)
    return entry


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("output")
    options.add_argument("--binaries", default=os.path.join(ROOT, ".build/release"))
    options = options.parse_args()

    own = version()
    packages = [package("SPDXRef-minewatch", "minewatch", own, licenseConcluded="Apache-2.0", licenseDeclared="Apache-2.0")]
    for part in swift_packages():
        identifier = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", part["name"])
        entry = package(identifier, part["name"], part["version"], downloadLocation=f"git+{part['location']}",
                        licenseConcluded=part["licence"], licenseDeclared=part["licence"])
        if "revision" in part:
            entry["downloadLocation"] += f"@{part['revision']}"
            purl = f"pkg:swift/{part['location'].removeprefix('https://').removesuffix('.git')}@{part['version']}"
            entry["externalRefs"] = [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
        packages.append(entry)
    compiler = re.search(r"Swift version (\S+)", run("swift", "--version")).group(1)
    packages.append(package("SPDXRef-swift-runtime", "swift-runtime", compiler, licenseConcluded="Apache-2.0",
                            licenseDeclared="Apache-2.0", downloadLocation="https://www.swift.org/download/"))
    for name, number in debian_libraries(options.binaries).items():
        purl = f"pkg:deb/debian/{name}@{number}"
        packages.append(package(f"SPDXRef-deb-{re.sub('[^A-Za-z0-9.-]', '-', name)}", name, number, externalRefs=[
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]))

    # The same sources make the same document.
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = json.dumps(packages, sort_keys=True)
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"minewatch-{own}",
        "documentNamespace": f"https://spdx.org/spdxdocs/minewatch-{own}-{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        "creationInfo": {"created": created, "creators": ["Tool: minewatch Scripts/sbom.py"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-minewatch"},
            *({"spdxElementId": "SPDXRef-minewatch", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": p["SPDXID"]}
              for p in packages[1:]),
        ],
    }
    identifiers = [p["SPDXID"] for p in packages]
    assert len(set(identifiers)) == len(identifiers), "two packages of one name"
    os.makedirs(os.path.dirname(os.path.abspath(options.output)), exist_ok=True)
    with open(options.output, "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    print(f"{options.output}: {len(packages)} packages")


if __name__ == "__main__":
    main()
