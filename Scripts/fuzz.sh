#!/usr/bin/env bash
# Drives every function that takes bytes with libFuzzer and the address sanitizer.
#
# Usage: Scripts/fuzz.sh SECONDS [target...]; without names all of them, SECONDS each. What is found stays under out/fuzz; a crash
# belongs into Tests/FuzzTests/Corpus/TARGET, where the tests run it for good.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift

# A build folder of its own: everything in it is instrumented.
export MINEWATCH_FUZZ=1
swift build -c release --scratch-path .build-fuzz --product minewatch-fuzz -Xswiftc -enable-testing
program=.build-fuzz/release/minewatch-fuzz
# Swift's own crash reporter waits for a terminal, and what it would tell libFuzzer tells as well.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0

[ $# -gt 0 ] || mapfile -t names < <("$program" --list)
[ $# -eq 0 ] || names=("$@")
failed=0
for name in "${names[@]}"; do
  folder=out/fuzz/$name
  mkdir -p "$folder/corpus" "$folder/seeds"
  "$program" --seeds "$name" "$folder/seeds"
  kept=Tests/FuzzTests/Corpus/$name
  [ -d "$kept" ] || kept=
  if "$program" "$name" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
      -artifact_prefix="$folder/" "$folder/corpus" "$folder/seeds" ${kept:+"$kept"} > "$folder/log" 2>&1; then
    units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
    echo "$name: $units executions, $(find "$folder/corpus" -type f | wc -l) inputs kept"
  else
    failed=1
    echo "$name: FAILED, see $folder/log" >&2
    tail -n 12 "$folder/log" >&2
  fi
done
exit $failed
