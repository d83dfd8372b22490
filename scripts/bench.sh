#!/bin/sh
# Run every benchmark, one after the other: they time themselves and need quiet cores.
set -eu

for file in benchmarks/bench_*.py; do
    [ -e "$file" ] || { echo "There are no benchmarks yet." >&2; exit 1; }
    echo "== $file"
    "$BIN/python" "$file"
done
