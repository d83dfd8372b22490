#!/bin/sh
# What napari's window and its tests need of the system:
#   system_packages.sh check     print the missing packages, by Debian name
#   system_packages.sh install   install them, or say how
# macOS needs none. Libraries are looked for by file, since distributions rename packages.
set -eu

# file that must be there: Debian package that brings it
libraries="
libGL.so.1:libgl1
libEGL.so.1:libegl1
libGLX_mesa.so.0:libglx-mesa0
libdbus-1.so.3:libdbus-1-3
libfontconfig.so.1:libfontconfig1
libglib-2.0.so.0:libglib2.0-0
libxcb-cursor.so.0:libxcb-cursor0
libxcb-icccm.so.4:libxcb-icccm4
libxcb-image.so.0:libxcb-image0
libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-randr.so.0:libxcb-randr0
libxcb-render-util.so.0:libxcb-render-util0
libxcb-shape.so.0:libxcb-shape0
libxcb-xinerama.so.0:libxcb-xinerama0
libxcb-xkb.so.1:libxcb-xkb1
libxkbcommon-x11.so.0:libxkbcommon-x11-0
"
programs="xvfb-run:xvfb Xvfb:xvfb xauth:xauth"

missing_libraries() {
    present=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
    for pair in $libraries; do
        case "$present" in
            *"${pair%%:*}"*) ;;
            *) echo "${pair#*:}" ;;
        esac
    done
}

missing_programs() {
    for pair in $programs; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || echo "${pair#*:}"
    done
}

# Mesa's software renderer has changed its file name more than once.
missing_renderer() {
    if command -v dpkg >/dev/null 2>&1; then
        dpkg -s libgl1-mesa-dri >/dev/null 2>&1 || echo libgl1-mesa-dri
    fi
}

[ "$(uname -s)" = Linux ] || exit 0

case "${1:-check}" in
    check)
        missing_libraries
        ;;
    install)
        packages=$( (missing_libraries; missing_programs; missing_renderer) | sort -u)
        if [ -n "$packages" ]; then
            # shellcheck disable=SC2086 # one argument a package
            sh "$(dirname "$0")/apt_install.sh" $packages
        fi
        ;;
    *)
        echo "usage: system_packages.sh check|install" >&2
        exit 2
        ;;
esac
