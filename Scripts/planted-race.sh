#!/usr/bin/env bash
# Shows that the thread sanitizer catches races, and that it takes neither a mutex nor a count of references for one.
#
# Usage: Scripts/planted-race.sh OBJECT, which is Scripts/tsan-runtime.c compiled. Builds a program, optimised, whose threads count: bare,
# in an array whose length is read bare, or under a mutex that all of them want at once, with the array lent out of it. Fails when one of
# the first two is not reported or the third is.
set -euo pipefail
object=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/main.swift" <<'SWIFT'
import Foundation
import Synchronization

final class Counter: @unchecked Sendable {
  var bare = 0
  var bareList: [Int] = []
  let guarded = Mutex(0)
  let list = Mutex<[Int]>([])
  /// Lent out: read after the mutex was given back.
  var latest: Int? { list.withLock { $0 }.last }
}

let counter = Counter()
let isBare = CommandLine.arguments.contains("bare")
let isBareList = CommandLine.arguments.contains("list")
let threads = (0..<4).map { _ in
  Thread {
    for _ in 0..<100_000 {
      if isBare { counter.bare += 1 }
      if isBareList, counter.bareList.count < 10 { counter.guarded.withLock { _ in counter.bareList.append(1) } }
      if counter.latest ?? 0 < 1_000 { counter.list.withLock { $0.append($0.count) } }
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
swiftc -sanitize=thread -O -swift-version 6 -Xlinker "$object" -o "$folder/race" "$folder/main.swift"
export TSAN_OPTIONS="halt_on_error=1 exitcode=66"
for race in bare list; do
  if "$folder/race" "$race" > "$folder/log" 2>&1; then
    echo "a planted race ($race) was not caught: the thread sanitizer does not work here" >&2
    exit 1
  fi
  grep -q "data race\|Swift access race" "$folder/log" || { cat "$folder/log" >&2; exit 1; }
  echo "a planted race ($race) is caught: $(grep -m 1 'WARNING' "$folder/log")"
done
if ! "$folder/race" > "$folder/log" 2>&1; then
  echo "what a mutex or a count of references guards was taken for a race: Scripts/tsan-runtime.c does not work here" >&2
  cat "$folder/log" >&2
  exit 1
fi
echo "a mutex that four threads want at once, and an array lent out of one, are none"
