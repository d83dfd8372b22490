#!/bin/sh
# What napari's window and its tests need of the system:
#   system_packages.sh check     print the missing packages, by Debian name
#   system_packages.sh install   install them, or say how
# macOS needs none. Libraries are looked for by file, since distributions rename packages.
set -eu

# What Qt and OpenGL link to: file that must be there, Debian package that brings it.
libraries="
libGL.so.1:libgl1
libEGL.so.1:libegl1
libX11.so.6:libx11-6
libX11-xcb.so.1:libx11-xcb1
libdbus-1.so.3:libdbus-1-3
libfontconfig.so.1:libfontconfig1
libfreetype.so.6:libfreetype6
libglib-2.0.so.0:libglib2.0-0
libxcb-cursor.so.0:libxcb-cursor0
libxcb-glx.so.0:libxcb-glx0
libxcb-icccm.so.4:libxcb-icccm4
libxcb-image.so.0:libxcb-image0
libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-randr.so.0:libxcb-randr0
libxcb-render.so.0:libxcb-render0
libxcb-render-util.so.0:libxcb-render-util0
libxcb-shape.so.0:libxcb-shape0
libxcb-shm.so.0:libxcb-shm0
libxcb-sync.so.1:libxcb-sync1
libxcb-util.so.1:libxcb-util1
libxcb-xfixes.so.0:libxcb-xfixes0
libxcb-xkb.so.1:libxcb-xkb1
libxkbcommon.so.0:libxkbcommon0
libxkbcommon-x11.so.0:libxkbcommon-x11-0
"
programs="xvfb-run:xvfb Xvfb:xvfb xauth:xauth"

missing_libraries() {
    # Without this list of libraries nothing is known, and nothing is asked for.
    present=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 0
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

# Mesa's software renderer has changed its file names more than once.
missing_renderer() {
    command -v dpkg >/dev/null 2>&1 || return 0
    for package in libgl1-mesa-dri libglx-mesa0; do
        dpkg -s "$package" >/dev/null 2>&1 || echo "$package"
    done
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
