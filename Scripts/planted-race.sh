#!/usr/bin/env bash
# Shows that the thread sanitizer catches a race: builds and runs a program with one in it, and fails when nothing is said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/main.swift" <<'SWIFT'
import Foundation

final class Counter: @unchecked Sendable { var value = 0 }

let counter = Counter()
let threads = (0..<2).map { _ in
  Thread { for _ in 0..<10_000_000 { counter.value += 1 } }
}
for thread in threads { thread.start() }
while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
SWIFT
swiftc -sanitize=thread -Onone -o "$folder/race" "$folder/main.swift"
if TSAN_OPTIONS="halt_on_error=1 exitcode=66" "$folder/race" > "$folder/log" 2>&1; then
  echo "the planted race was not caught: the thread sanitizer does not work here" >&2
  exit 1
fi
grep -q "data race\|Swift access race" "$folder/log" || { cat "$folder/log" >&2; exit 1; }
echo "a planted race is caught: $(grep -m 1 'WARNING' "$folder/log")"
