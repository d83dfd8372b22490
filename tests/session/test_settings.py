from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from napari_cellseg.settings import (
    GB,
    LIMITS,
    Settings,
    grant,
    load_settings,
    machine_memory,
    save_settings,
    settings_file,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A computer of 16 GB, of which 10 are free, without a container around us."""
    memory = SimpleNamespace(total=16 * GB, available=10 * GB)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    monkeypatch.setattr("napari_cellseg.settings.LIMITS", ())
    return memory


def test_a_quarter_unless_less_is_free(machine: SimpleNamespace) -> None:
    assert grant(Settings()).limit == 4 * GB
    machine.available = 3 * GB
    assert grant(Settings()).limit == 3 * GB
    # what results take already is theirs
    assert grant(Settings(), held=2 * GB).limit == 4 * GB


def test_no_more_than_is_free_and_that_is_said(machine: SimpleNamespace) -> None:
    assert grant(Settings(memory=9.5)) == grant(Settings(memory=9.5), held=0)
    assert grant(Settings(memory=9.5)).limit == int(9.5 * GB)
    for memory in (12.0, 500.0):
        found = grant(Settings(memory=memory))
        assert found.limit == 10 * GB
        assert "only 10.0 GB are free" in found.words


@pytest.mark.parametrize("place", LIMITS)
def test_a_container_has_less_than_the_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[str, str]
) -> None:
    memory = SimpleNamespace(total=16 * GB, available=10 * GB)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    assert machine_memory(tmp_path) == (16 * GB, 10 * GB)
    limit, used = (tmp_path / name for name in place)
    limit.parent.mkdir(exist_ok=True)
    limit.write_text(f"{6 * GB}\n")
    assert machine_memory(tmp_path) == (6 * GB, 6 * GB)
    used.write_text(f"{2 * GB}\n")
    assert machine_memory(tmp_path) == (6 * GB, 4 * GB)
    used.write_text(f"{7 * GB}\n")
    assert machine_memory(tmp_path) == (6 * GB, 0)
    for none in ("max", str(2**63 - 4096)):
        limit.write_text(none)
        assert machine_memory(tmp_path) == (16 * GB, 10 * GB)


@pytest.mark.parametrize("memory", [None, 2, 2.5])
def test_what_is_saved_is_loaded(tmp_path: Path, memory: float | None) -> None:
    file = tmp_path / "new" / "settings.toml"
    settings = Settings(memory=memory)
    assert save_settings(settings, file) == ""
    assert load_settings(file) == (settings, "")


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == (Settings(), "")
    assert settings_file().name == "settings.toml"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"memory = ", "Invalid value"),
        (b"memory = -1", "memory: Input should be greater"),
        (b"memry = 1", "memry: Extra inputs"),
        (b"\xff\xfe", "decode"),
        (b"memory = true", "memory: Input should be a valid number"),
        (b"memory = " + 9999 * b"[", "nested too deeply"),
    ],
)
def test_a_damaged_file_is_said_and_mended_by_saving(
    tmp_path: Path, text: bytes, why: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(text)
    settings, words = load_settings(file)
    assert settings == Settings()
    assert str(file) in words
    assert why in words
    save_settings(settings, file)
    assert load_settings(file) == (Settings(), "")


def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in save_settings(
        Settings(), tmp_path / "file" / "settings.toml"
    )
