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
  is_well=yes
  TIMEFORMAT='%U %S'
  cpu=$({ time "$program" "$name" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$folder/" "$folder/corpus" "$folder/seeds" ${kept:+"$kept"} > "$folder/log" 2>&1; } 2>&1) || is_well=no
  if [ $is_well = yes ]; then
    units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
    edges=$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$folder/log")
    awk -v cpu="$cpu" -v name="$name" -v units="$units" -v edges="$edges" \
      'BEGIN { split(cpu, part); printf "%s: %d executions in %.0f s of CPU, %d edges\n", name, units, part[1] + part[2], edges }'
  else
    failed=1
    echo "$name: FAILED, see $folder/log" >&2
    tail -n 12 "$folder/log" >&2
  fi
done
exit $failed
