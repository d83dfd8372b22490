"""What the Makefile's scripts say when something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are for sh")
SCRIPTS = Path(__file__).parents[1] / "scripts"


def script(
    name: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(SCRIPTS / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | environment,
    )


def program(folder: Path, name: str, body: str) -> Path:
    """An executable that does as told, in front of the real one."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


def path_with(folder: Path) -> str:
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_an_old_python_is_refused_with_what_to_do(tmp_path: Path) -> None:
    old = program(tmp_path, "python3", 'echo "Python 3.9.2"; exit 1')
    done = script("make_environment.sh", str(tmp_path / "venv"), PYTHON=str(old))
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="apt-get is of Debian and Ubuntu")
class TestAptInstall:
    def test_without_rights_the_command_is_said(self, tmp_path: Path) -> None:
        program(tmp_path, "id", "echo 1000")
        program(tmp_path, "sudo", "exit 1")
        program(tmp_path, "apt-get", "touch ran")
        done = script("apt_install.sh", "xvfb", "libgl1", PATH=path_with(tmp_path))
        assert done.returncode == 1
        assert "apt-get install -y --no-install-recommends xvfb libgl1" in done.stderr
        assert not (tmp_path / "ran").exists()

    def test_a_python_without_venv_says_its_package(self, tmp_path: Path) -> None:
        answer = (
            'case "$2" in *ensurepip*) exit 1;; *venv*) echo python3.12-venv;; esac'
        )
        python = program(tmp_path, "python3", answer)
        program(tmp_path, "id", "echo 1000")
        program(tmp_path, "sudo", "exit 1")
        program(tmp_path, "apt-get", "exit 0")
        done = script(
            "make_environment.sh",
            str(tmp_path / "venv"),
            PYTHON=str(python),
            PATH=path_with(tmp_path),
        )
        assert done.returncode == 1
        assert "install -y --no-install-recommends python3.12-venv" in done.stderr

    def test_as_root_the_packages_are_installed(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        program(tmp_path, "id", "echo 0")
        program(tmp_path, "apt-get", f'echo "$@" >> {log}')
        done = script("apt_install.sh", "xvfb", PATH=path_with(tmp_path))
        assert done.returncode == 0, done.stderr
        assert [line.split()[0] for line in log.read_text().splitlines()] == [
            "update",
            "install",
        ]
        assert "xvfb" in log.read_text()

    def test_a_failed_installation_is_an_error(self, tmp_path: Path) -> None:
        program(tmp_path, "id", "echo 0")
        program(tmp_path, "apt-get", "exit 100")
        done = script("apt_install.sh", "xvfb", PATH=path_with(tmp_path))
        assert done.returncode == 1
        assert "could not install" in done.stderr

    def test_missing_libraries_are_named_by_package(self, tmp_path: Path) -> None:
        program(tmp_path, "ldconfig", "echo libGL.so.1")
        done = script("system_packages.sh", "check", PATH=path_with(tmp_path))
        assert done.returncode == 0
        assert "libxcb-cursor0" in done.stdout.split()
        assert "libgl1" not in done.stdout.split()
