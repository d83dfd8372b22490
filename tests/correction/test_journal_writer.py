"""Writers against full disks, other writers, kill -9, and their own past."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from napari_cellseg.correction.journal import (
    CheckedRecord,
    EditRecord,
    Fingerprint,
    RecipeRecord,
    open_journal,
    opened,
    place,
    read,
    writer,
)
from napari_cellseg.correction.marks import Change, Edit, Mark
from napari_cellseg.correction.shape import Shape

PRINT = Fingerprint((4, 20, 20), "uint16", (1, 2, 3))
OTHER = Fingerprint((4, 20, 30), "uint16", (1, 2, 3))


def draw(label: int) -> EditRecord:
    """Record a cell drawn in frame 0."""
    mark = Mark(Shape.of(np.ones((3, 3), bool), 0, label))
    return EditRecord("edit", Edit(f"Draw {label}", (Change(0, label, None, mark),)))


def look(path: Path, of: Fingerprint = PRINT):
    return open_journal(path, of, "movie.tif")


def write(path: Path, *labels: int) -> None:
    """Add edits to a journal, and close it."""
    journal = look(path).go_on()
    for label in labels:
        journal.append(draw(label))
    assert journal.close()


def labels(path: Path) -> list[int]:
    """Labels that the edits of a journal draw."""
    content = read(path)
    assert not content.torn
    return [record.edit.changes[0].label for record in content.records]


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("NAPARI_CELLSEG_CORRECTIONS", str(tmp_path / "data"))
    monkeypatch.setattr(writer, "RETRY", 0.02)
    folder = tmp_path / "images"
    folder.mkdir()
    return folder / "movie.tif.corrections"


def files(path: Path) -> set[str]:
    """Names in the journal's folder."""
    return {found.name for found in path.parent.iterdir()}


def test_opening_leaves_nothing_behind(path):
    found = look(path)
    assert not found.found
    assert (found.words, found.problem) == ("", "")
    assert found.go_on().close()
    assert found.anew().close()
    assert files(path) == set()


def test_a_journal_goes_on_where_it_ended(path):
    write(path, 1, 2)
    found = look(path)
    assert found.found
    assert found.words.startswith("2 corrections in 1 frame, last 2")
    write(path, 3)
    assert labels(path) == [1, 2, 3]
    assert sorted(look(path).state.marks[0]) == [1, 2, 3]
    assert files(path) == {path.name}


def test_a_closed_journal_takes_nothing(path):
    journal = look(path).go_on()
    assert journal.close()
    with pytest.raises(RuntimeError, match="closed"):
        journal.append(draw(1))


def test_two_generations_are_kept(path):
    for label in (1, 2, 3):
        journal = look(path).anew()
        before = files(path) - {f".{path.name}.lock"}
        journal.append(draw(label))
        assert journal.close()
    assert before == files(path) == {path.name, path.name + ".1"}
    assert labels(path) == [3]
    assert labels(path.with_name(path.name + ".1")) == [2]


def test_begun_anew_without_an_edit_the_old_one_stays(path):
    write(path, 1)
    assert look(path).anew().close()
    assert labels(path) == [1]
    assert files(path) == {path.name}


def test_a_damaged_journal_is_kept_and_its_good_part_goes_on(path):
    write(path, 1, 2)
    damaged = path.read_bytes()[:-3]
    path.write_bytes(damaged)
    found = look(path)
    assert "damaged" in found.problem
    assert path.read_bytes() == damaged
    write(path, 3)
    assert labels(path) == [1, 3]
    assert path.with_name(path.name + ".1").read_bytes() == damaged
    assert files(path) == {path.name, path.name + ".1"}


def test_without_links_the_damaged_file_is_copied(path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write(path, 1, 2)
    path.write_bytes(damaged := path.read_bytes()[:-3])
    write(path, 3)
    assert labels(path) == [1, 3]
    assert path.with_name(path.name + ".1").read_bytes() == damaged


def test_a_long_journal_goes_on_from_its_state(path, monkeypatch):
    write(path, *[1] * 50)
    long = path.stat().st_size
    state = look(path).state
    monkeypatch.setattr(opened, "LARGE", long - 1)
    write(path, 2)
    assert path.stat().st_size < long / 5
    found = look(path)
    assert found.state.edits == 51
    assert sorted(found.state.marks[0]) == [1, 2]
    assert found.records[0] == state
    assert len(labels(path.with_name(path.name + ".1"))) == 50


@pytest.mark.parametrize("spoil", ["newer", "image", "text", "folder"])
def test_what_cannot_be_used_is_left_as_it_is(path, spoil):
    if spoil == "folder":
        path.mkdir()
    else:
        write(path, 1)
    if spoil == "newer":
        old, new = b"format 1", b"format 9"
        path.write_bytes(path.read_bytes().replace(old, new))
    if spoil == "text":
        path.write_text("notes on what to correct")
    of = OTHER if spoil == "image" else PRINT
    before = None if spoil == "folder" else path.read_bytes()
    found = open_journal(path, of, "second.tif")
    assert not found.found
    assert "movie.tif-2.corrections" in found.problem
    if spoil == "image":
        assert "movie.tif (4 × 20 × 20, uint16)" in found.problem
        assert "second.tif (4 × 20 × 30, uint16)" in found.problem
    journal = found.anew()
    journal.append(draw(5))
    assert journal.close()
    second = path.with_name("movie.tif-2.corrections")
    assert labels(second) == [5]
    assert path.is_dir() if before is None else path.read_bytes() == before
    assert open_journal(path, of, "second.tif").path == second


@pytest.mark.parametrize("existing", [False, True])
def test_two_writers_do_not_mix(path, existing):
    if existing:
        write(path, 1)
    one, two = look(path), look(path)
    notes = []
    first, second = one.go_on(), two.go_on(on_note=notes.append)
    first.append(draw(2))
    assert first.sync()
    second.append(draw(3))
    assert second.sync()
    third = look(path)
    assert third.problem.count("open in another window") == 2
    assert third.path.name == "movie.tif-3.corrections"
    assert first.close()
    assert second.close()
    assert labels(path) == [1, 2] if existing else [2]
    beside = path.with_name("movie.tif-2.corrections")
    assert second.path == beside
    # what was restored is in the second one, too
    assert sorted(look(beside).state.marks[0]) == ([1, 3] if existing else [3])
    assert existing or "movie.tif-2.corrections" in notes[0]


def test_a_journal_that_grew_since_it_was_read_is_not_overwritten(path):
    write(path, 1)
    found = look(path)
    write(path, 2)
    journal = found.go_on()
    journal.append(draw(3))
    assert journal.close()
    assert labels(path) == [1, 2]
    assert sorted(look(journal.path).state.marks[0]) == [1, 3]


class Disk:
    """Stands in for os.write: takes so many bytes, then has `error`."""

    def __init__(self, room: int, error: int = errno.ENOSPC) -> None:
        self.room, self.error = room, error
        self._write = os.write

    def write(self, fd: int, data: memoryview) -> int:
        if self.room <= 0:
            raise OSError(self.error, os.strerror(self.error))
        written = self._write(fd, data[: self.room])
        self.room -= written
        return written


def until(condition) -> None:
    """Wait for something to become so."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("room", [0, 10, 400, 700])
@pytest.mark.parametrize("existing", [False, True])
def test_a_full_disk_loses_nothing(path, monkeypatch, room, existing):
    before = [1, 2] if existing else []
    if existing:
        write(path, *before)
    disk, said = Disk(room), []
    monkeypatch.setattr(os, "write", disk.write)
    journal = look(path).go_on(on_trouble=said.append)
    for label in range(3, 13):
        journal.append(draw(label))
    until(lambda: journal.trouble)
    assert "The disk is full: corrections are kept in memory" in journal.trouble
    assert not journal.sync(0.05)
    if path.exists():
        # whole at every moment, though the disk filled within a record
        got = labels(path)
        assert got == [*before, *range(3, 13)][: len(got)]
        assert got[: len(before)] == before
    disk.room = 10**6
    assert journal.sync()
    until(lambda: not journal.trouble)
    assert said == [said[0], ""]
    assert journal.close()
    assert labels(path) == [*before, *range(3, 13)]


def test_what_the_disk_lost_at_the_sync_is_written_again(path, monkeypatch):
    write(path, 1)
    before, real, said = path.stat().st_size, os.fsync, []

    def fsync(fd: int) -> None:
        if not said:
            os.truncate(path, before)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    journal = look(path).go_on(on_trouble=said.append)
    journal.append(draw(2))
    journal.append(draw(3))
    assert journal.close()
    assert len(said) == 2
    assert labels(path) == [1, 2, 3]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_fails_ends_no_journal(path, monkeypatch):
    disk = Disk(0)
    monkeypatch.setattr(os, "write", disk.write)

    def listen(words: str) -> None:
        raise ValueError(words)

    journal = look(path).go_on(on_trouble=listen)
    journal.append(draw(1))
    until(lambda: not journal._thread.is_alive())
    disk.room = 10**6
    journal.append(draw(2))
    assert journal.close()
    assert labels(path) == [1, 2]
    assert files(path) == {path.name}


def test_closing_on_a_full_disk_gives_up_in_time(path, monkeypatch, caplog):
    monkeypatch.setattr(os, "write", Disk(0).write)
    journal = look(path).go_on()
    journal.append(draw(1))
    assert not journal.close(0.1)
    assert "lacks the last 1 records" in caplog.text
    monkeypatch.undo()
    until(lambda: not files(path))


def test_a_journal_that_vanishes_is_told(path):
    write(path, 1)
    journal = look(path).go_on()
    journal.append(draw(2))
    assert journal.sync()
    away = path.with_name("away")
    path.rename(away)
    journal.append(draw(3))
    until(lambda: "no longer there" in journal.trouble)
    away.rename(path)
    assert journal.sync()
    assert journal.close()
    assert labels(path) == [1, 2, 3]


def read_only(monkeypatch, folder: Path) -> None:
    """Have a folder refuse files."""
    for module in (opened, sys.modules[place.__module__]):
        monkeypatch.setattr(module, "writable", lambda other: other != folder)


def test_in_a_read_only_folder_corrections_go_on_aside(path, monkeypatch):
    write(path, 1)
    read_only(monkeypatch, path.parent)
    found = look(path)
    assert found.found
    assert "/data/" in found.problem.replace("\\", "/")
    journal = found.go_on()
    journal.append(draw(2))
    assert journal.close()
    assert labels(path) == [1]
    assert journal.path.parent.name == "data"
    assert sorted(look(path).state.marks[0]) == [1, 2]


def test_a_folder_that_can_be_written_again_hides_nothing_newer(path, monkeypatch):
    write(path, 1)
    with monkeypatch.context() as context:
        read_only(context, path.parent)
        write(path, 2)
    found = look(path)
    assert found.path.parent.name == "data"
    assert sorted(found.state.marks[0]) == [1, 2]
    assert found.problem == f"Older corrections of this image lie in {path}."
    write(path, 3)
    assert sorted(look(path).state.marks[0]) == [1, 2, 3]
    assert labels(path) == [1]


@pytest.mark.parametrize("later", [0, 1])
def test_of_several_journals_the_newest_is_taken_up(path, later):
    windows = [look(path).go_on(), look(path).go_on()]
    for window, label in ((windows[1 - later], 1), (windows[later], 2)):
        window.append(draw(label))
        assert window.sync()
        time.sleep(0.002)
    for window in windows:
        assert window.close()
    found = look(path)
    assert found.path == windows[later].path
    assert sorted(found.state.marks[0]) == [2]
    assert str(windows[1 - later].path) in found.problem


def test_a_name_that_is_missing_hides_none_after_it(path):
    write(path, 1)
    third = path.with_name("movie.tif-3.corrections")
    path.rename(third)
    assert look(path).path == third
    write(path, 2)
    assert labels(third) == [1, 2]
    assert files(path) == {third.name}


def test_work_goes_before_a_newer_journal_without_any(path):
    write(path, 1)
    journal = look(path.with_name("movie.tif-2.corrections")).go_on()
    journal.append(RecipeRecord("name = 'a'"))
    assert journal.close()
    assert (look(path).path, look(path).problem) == (path, "")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="as root")
def test_a_folder_that_turns_read_only(path):
    journal = look(path).go_on()
    path.parent.chmod(0o500)
    journal.append(draw(1))
    until(lambda: "may not be written to" in journal.trouble)
    path.parent.chmod(0o700)
    assert journal.close()
    assert labels(path) == [1]


def child(path: Path, body: str) -> subprocess.Popen[str]:
    """Start a process that has an open journal."""
    program = f"""
        import sys, time
        from napari_cellseg.correction.journal import *
        from pathlib import Path
        path, of = Path({str(path)!r}), {PRINT!r}
        journal = open_journal(path, of, "movie.tif").go_on()
        """
    program = textwrap.dedent(program) + textwrap.dedent(body)
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


FOREVER = """
    t = 0
    while True:
        journal.append(CheckedRecord(t, True))
        if t % 7 == 0:
            print("synced" if journal.sync() else "lost", t, "-", flush=True)
        else:
            print("added", t, time.monotonic(), flush=True)
            time.sleep(0.0005)
        t += 1
    """


def is_safe(word: str, when: str, a_second_ago: float) -> bool:
    return word == "synced" or (word == "added" and float(when) < a_second_ago)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_at_any_moment_all_that_was_acknowledged_is_there(path):
    before = 0
    for runs in (0.05, 0.2, 1.3):
        process = child(path, FOREVER)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(runs + random.Random(runs).uniform(0, 0.2))
        a_second_ago = time.monotonic() - 1
        process.send_signal(signal.SIGKILL)
        said = [line.split() for line in process.communicate()[0].splitlines()]
        safe = [int(t) for word, t, when in said if is_safe(word, when, a_second_ago)]
        found = look(path)
        # a torn end is allowed, a gap or a lost record is not; nor is a stale lock
        assert found.path == path
        assert found.problem == "" or "damaged" in found.problem
        got = [record.t for record in found.records[before:]]
        assert got == list(range(len(got)))
        assert len(got) > max(safe, default=0)
        before += len(got)


def test_a_process_that_forgets_to_close_writes_all_as_it_ends(path):
    process = child(path, "for t in range(500): journal.append(CheckedRecord(t, True))")
    assert process.wait(20) == 0
    process.communicate()
    assert [record.t for record in look(path).records] == list(range(500))
    assert files(path) == {path.name}


def test_a_journal_in_use_by_another_process(path):
    body = """
        journal.append(CheckedRecord(1, True))
        journal.sync()
        print("ready", flush=True)
        time.sleep(60)
        """
    process = child(path, body)
    assert process.stdout is not None
    process.stdout.readline()
    found = look(path)
    assert "open in another window" in found.problem
    journal = found.go_on()
    journal.append(CheckedRecord(2, True))
    assert journal.close()
    assert journal.path.name == "movie.tif-2.corrections"
    process.kill()
    process.communicate()
    again = look(path)
    assert (again.path, again.state.checked) == (journal.path, {2})
    assert again.problem == f"Older corrections of this image lie in {path}."
