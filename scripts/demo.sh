#!/bin/sh
# Run the demo; without the window where Qt would abort for want of a system library.
set -eu

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    missing=$(sh "$(dirname "$0")/system_packages.sh" check)
    if [ -n "$missing" ]; then
        echo "The window needs system packages that are missing here. To see it:" >&2
        echo "    sudo apt-get install" $missing >&2
        set -- --no-gui "$@"
    fi
fi
exec "$BIN/napari-cellseg" demo "$@"
