# Minewatch's one command surface. `make help` prints the lines below that have two hashes.

SWIFT    ?= swift
RELEASE  := .build/release
JOBS     ?= $(shell nproc)
# What is measured and proved is what is packaged: the Swift runtime is in the program. Frame pointers are not: they are 2 % of a
# packet, and backtraces, which the units switch off, are what they would be for.
# The compiler orders some of what it writes by hash or by address: one thread, and neither drawn by lot, make it repeat itself. Where a
# container forbids the latter, a few instructions may stand in another order.
OPTIMISE := -c release --static-swift-stdlib --omit-frame-pointers -Xswiftc -num-threads -Xswiftc 1 -Xlinker --build-id=none
REPEAT   := SWIFT_DETERMINISTIC_HASHING=1 $(shell setarch -R true 2>/dev/null && echo setarch -R)
BUILD    := $(REPEAT) $(SWIFT) build $(OPTIMISE) --product
IMPORTS  := --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help build release run replay test test-asan test-tsan check lint fmt bless bench bench-compare bench-peers bench-growth prove
.PHONY: soak fuzz flood sbom packaged reproduce deb install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

build: ## a debug build of everything
	@Scripts/debian-packages.sh build
	$(SWIFT) build $(IMPORTS)

release: ## an optimised build of the sensor and the simulator
	@Scripts/debian-packages.sh build
	$(BUILD) minewatch
	$(BUILD) minewatch-simulate

run: release ## the main job at work: IFACE= CONFIG= live, without them on a synthesised attack
	@Scripts/run.sh $(RELEASE)

replay: release ## PCAP=file [CONFIG=policy]: alerts of a capture
	$(RELEASE)/minewatch replay $(if $(CONFIG),--config $(CONFIG)) $(PCAP)

test: ## everything that has to hold: format, imports, unit, golden, live and system tests
	@Scripts/debian-packages.sh test
	@$(MAKE) --no-print-directory lint
	$(SWIFT) build --build-tests $(IMPORTS)
	@# Three minutes of what `make soak` runs for hours, and nothing beside it: what it measures is the sensor alone.
	@python3 Scripts/soak.py .build/debug --time 2m --days 2 --rate 4000 --miners 500 --month-miners 10
	$(SWIFT) test --skip-build

check: test ## the same as test

# Optimised, as what is released is: a debug build under a sanitizer takes an hour and a half. In .build, where the programs look for
# the checkout's data. Left out: a package of sanitized programs, whose unit would be killed by its watchdog (30 s) long before they are
# through.
SANITIZED = -c release -Xswiftc -enable-testing
CHOSEN    = $(if $(FILTER),--filter "$(FILTER)",--skip PackageTests)

test-asan: ## the tests under the address sanitizer; FILTER=regex for some of them
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(SANITIZED) --sanitize=address --scratch-path .build/asan-release $(CHOSEN)

TSAN_RUNTIME = .build/tsan-runtime.o

test-tsan: ## the tests under the thread sanitizer, after it has shown that it catches a planted race; FILTER=regex
	@mkdir -p .build && clang -O1 -Wall -Werror -c -o $(TSAN_RUNTIME) Scripts/tsan-runtime.c
	@Scripts/planted-race.sh $(TSAN_RUNTIME)
	TSAN_OPTIONS=halt_on_error=1 $(SWIFT) test $(SANITIZED) --sanitize=thread --scratch-path .build/tsan-release \
	  -Xlinker $(CURDIR)/$(TSAN_RUNTIME) $(CHOSEN)

lint: ## format as written in .swift-format, nothing else
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

fmt: ## format all sources
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

bless: ## record the golden alerts anew; fails, so that you read `git diff` before you commit
	MINEWATCH_BLESS=1 $(SWIFT) test --filter GoldenTests

bench: ## packets per CPU second against a bare libpcap loop; fails when a packet costs more than it may
	@Scripts/debian-packages.sh bench
	@$(MAKE) --no-print-directory release
	@python3 Scripts/bench.py $(RELEASE) --check $(BENCH)

soak: ## TIME=60m DAYS=30: live over a veth for long, then a simulated month; fails when memory, files or threads grow
	@Scripts/debian-packages.sh soak
	@$(MAKE) --no-print-directory release
	@python3 Scripts/soak.py $(RELEASE) --time $(or $(TIME),60m) --days $(or $(DAYS),30) $(SOAK)

bench-peers: ## packets per CPU second of nDPI, tshark and, where they are, Suricata, Snort and Zeek, as Markdown
	@Scripts/debian-packages.sh peers
	@$(MAKE) --no-print-directory release
	@python3 Scripts/bench-peers.py $(RELEASE) $(BENCH)

fuzz: ## TIME=60: every function that takes bytes under libFuzzer and the address sanitizer, so many seconds each; TARGETS=
	@Scripts/debian-packages.sh build
	@Scripts/fuzz.sh $(or $(TIME),60) $(TARGETS)

flood: ## a million SYNs, half-open flows, fragments, names, users...: memory, alerts, and what is told behind it
	@Scripts/debian-packages.sh bench
	@$(MAKE) --no-print-directory release
	@python3 Scripts/flood.py $(RELEASE) $(FLOOD)

sbom: ## what the programs are made of, as SPDX, in out/
	@python3 Scripts/sbom.py out/minewatch.spdx.json

packaged: ## the programs of the package, as optimised as `make release` builds them
	@Scripts/debian-packages.sh build
	$(BUILD) minewatch
	$(BUILD) minewatch-web

reproduce: ## two clean builds of the package: the same bytes, or what differs
	@Scripts/reproduce.sh

bench-growth: ## packets per CPU second and memory from 100 miners to a million flows, and a new block's burst live, as Markdown
	@Scripts/debian-packages.sh growth
	@$(MAKE) --no-print-directory release
	@python3 Scripts/bench-growth.py $(RELEASE) --burst $(GROWTH)

prove: ## 30 modelled days of 1,000 miners: false alarms, delay and power of true ones, into docs/proof.md (PROVE=options: not)
	@Scripts/debian-packages.sh build
	$(BUILD) minewatch-simulate
	$(RELEASE)/minewatch-simulate prove $(PROVE) $(if $(PROVE),,> docs/proof.md && cat docs/proof.md)

bench-compare: ## BASE=revision: the same, and that revision on this machine in turns
	@Scripts/debian-packages.sh bench
	@$(MAKE) --no-print-directory release
	@Scripts/bench-compare.sh $(RELEASE) "$(BASE)" $(BENCH)

deb: ## a Debian package in out/, with the Swift runtime in it; fails on what lintian finds
	@Scripts/debian-packages.sh deb
	@$(MAKE) --no-print-directory packaged
	@package=$$(Scripts/deb.sh $(RELEASE) out) && lintian --fail-on error,warning "$$package" && ls -sh "$$package"

install: packaged ## programs, units, manual, sample policy and data under DESTDIR (as root)
	Scripts/install.sh $(RELEASE) "$(DESTDIR)"

clean: ## remove what was built
	rm -rf .build .build-fuzz
