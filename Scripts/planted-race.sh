#!/usr/bin/env bash
# Shows that the thread sanitizer catches a race, and that it takes no mutex for one.
#
# Usage: Scripts/planted-race.sh OBJECT, which is Scripts/tsan-mutex.c compiled. Builds a program whose threads count, bare or under a
# mutex that all of them want at once, and fails when the first is not reported or the second is.
set -euo pipefail
object=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/main.swift" <<'SWIFT'
import Foundation
import Synchronization

final class Counter: @unchecked Sendable {
  var bare = 0
  let guarded = Mutex(0)
}

let counter = Counter()
let isBare = CommandLine.arguments.contains("bare")
let threads = (0..<4).map { _ in
  Thread {
    for _ in 0..<100_000 {
      if isBare { counter.bare += 1 }
      counter.guarded.withLock { value in
        value += 1
        // Long enough now and then for the others to be waiting in the kernel.
        if value % 1_000 == 0 { usleep(1) }
      }
    }
  }
}
for thread in threads { thread.start() }
while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
SWIFT
swiftc -sanitize=thread -Onone -Xlinker "$object" -o "$folder/race" "$folder/main.swift"
export TSAN_OPTIONS="halt_on_error=1 exitcode=66"
if "$folder/race" bare > "$folder/log" 2>&1; then
  echo "the planted race was not caught: the thread sanitizer does not work here" >&2
  exit 1
fi
grep -q "data race\|Swift access race" "$folder/log" || { cat "$folder/log" >&2; exit 1; }
echo "a planted race is caught: $(grep -m 1 'WARNING' "$folder/log")"
if ! "$folder/race" > "$folder/log" 2>&1; then
  echo "what a mutex guards was taken for a race: Scripts/tsan-mutex.c does not work here" >&2
  cat "$folder/log" >&2
  exit 1
fi
echo "a mutex that four threads want at once is none"
