#!/bin/sh
# Create the virtual environment: make_environment.sh FOLDER
# PYTHON names the interpreter; without it the first of the usual names that is 3.11 or
# newer is taken.
set -eu

folder=$1

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

# Debian and Ubuntu keep a part of the standard library in packages of their own.
need_venv_module() {
    python=$1
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        return
    fi
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    sh "$(dirname "$0")/apt_install.sh" "$package"
}

if [ -x "$folder/bin/python" ] && new_enough "$folder/bin/python"; then
    echo "Using the environment in $folder."
else
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "napari-cellseg needs Python 3.11 or newer; ${PYTHON:-python3} here is:" \
            "$("${PYTHON:-python3}" --version 2>&1 || true)." >&2
        echo "Install one (https://www.python.org/downloads), or name it:" \
            "make PYTHON=/path/to/python3.13 ..." >&2
        exit 1
    fi
    need_venv_module "$python"
    echo "Creating the environment in $folder with $("$python" --version)."
    "$python" -m venv --clear "$folder"
fi

# Dependency groups are understood from pip 25.1 on.
"$folder/bin/python" -m pip install --quiet --upgrade "pip>=25.1"
echo "Next: installing. torch and its CUDA libraries are some 6 GB, once."
