# Minewatch's one command surface. `make help` prints the lines below that have two hashes.

SWIFT    ?= swift
RELEASE  := .build/release
JOBS     ?= $(shell nproc)
IMPORTS  := --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help build release run replay test check lint fmt bless bench bench-compare soak prove deb install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

build: ## a debug build of everything
	@Scripts/debian-packages.sh build
	$(SWIFT) build $(IMPORTS)

release: ## an optimised build of the sensor and the simulator
	@Scripts/debian-packages.sh build
	$(SWIFT) build -c release --product minewatch
	$(SWIFT) build -c release --product minewatch-simulate

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

prove: ## 30 modelled days of 1,000 miners: false alarms against the stated rate, delay and power of true ones
	@Scripts/debian-packages.sh build
	$(SWIFT) build -c release --product minewatch-simulate
	$(RELEASE)/minewatch-simulate prove $(PROVE)

bench-compare: ## BASE=revision: the same, and that revision on this machine in turns
	@Scripts/debian-packages.sh bench
	@$(MAKE) --no-print-directory release
	@Scripts/bench-compare.sh $(RELEASE) "$(BASE)" $(BENCH)

deb: ## a Debian package in out/, with the Swift runtime in it; fails on what lintian finds
	@Scripts/debian-packages.sh deb
	$(SWIFT) build -c release --static-swift-stdlib --product minewatch
	$(SWIFT) build -c release --static-swift-stdlib --product minewatch-web
	@package=$$(Scripts/deb.sh $(RELEASE) out) && lintian --fail-on error,warning "$$package" && ls -sh "$$package"

install: release ## programs, units, manual, sample policy and data under DESTDIR (as root)
	$(SWIFT) build -c release --product minewatch-web
	Scripts/install.sh $(RELEASE) "$(DESTDIR)"

clean: ## remove what was built
	rm -rf .build
