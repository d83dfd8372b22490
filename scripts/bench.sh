#!/bin/sh
# Run the benchmarks, one after the other: they time themselves and need quiet cores.
#   bench.sh [NAME...]   names of files in benchmarks/, without .py; all by default
# What they print goes to docs/performance.md as well, but for what docs/results.md has:
# accuracy, errors and published.
# One whose docstring says "Needs a display" gets a virtual screen where there is Xvfb.
# One that fails, for want of data say, leaves its section as it is.
set -eu

run() {
    if grep -q "Needs a display" "$1" && command -v xvfb-run > /dev/null; then
        LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb \
            xvfb-run -a -s "-screen 0 1600x1000x24" "$BIN/python" "$1"
    else
        "$BIN/python" "$1"
    fi
}

if [ $# -eq 0 ]; then
    set -- $(find benchmarks -name '[a-z]*.py' -exec basename {} .py \; | sort)
fi
out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=
for name in "$@"; do
    echo "== $name"
    if ! run "benchmarks/$name.py" > "$out"; then
        failed="$failed $name"
        continue
    fi
    cat "$out"
    case "$name" in
        accuracy | errors | published) ;;
        *) "$BIN/python" scripts/performance_page.py "$name" < "$out" ;;
    esac
done
if [ -n "$failed" ]; then
    echo "bench: failed:$failed" >&2
    exit 1
fi
