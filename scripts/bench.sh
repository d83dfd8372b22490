#!/bin/sh
# Run the benchmarks, one after the other: they time themselves and need quiet cores.
#   bench.sh [NAME...]   the names of files in benchmarks/, without .py; all by default
set -eu

if [ $# -eq 0 ]; then
    set -- $(find benchmarks -name '[a-z]*.py' -exec basename {} .py \; | sort)
fi
for name in "$@"; do
    echo "== $name"
    "$BIN/python" "benchmarks/$name.py"
done
