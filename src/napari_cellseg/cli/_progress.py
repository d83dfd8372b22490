"""Progress on standard error, and Ctrl-C between two steps."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import FrameType

    from napari_cellseg.pipeline.export import Progress as Step

WORDS = {"frames": "", "writing": " (linking, writing)", "done": ""}


def follow(steps: Iterator[Step], title: str) -> Step:
    """Run an export to its end, showing how far it is; the last step."""
    with _bar() as bar, interruptible() as check:
        task = bar.add_task(title, total=None, count="")
        step = None
        try:
            for step in steps:
                words = f"{title}{WORDS[step.step]}"
                bar.update(task, description=words, **_share(step))
                check()
        except KeyboardInterrupt as stop:
            _throw(steps, stop)
    assert step is not None
    return step


def _throw(steps: Iterator[Step], stop: KeyboardInterrupt) -> None:
    """Let the export keep its finished frames, and say so in the error's notes."""
    generator: Generator[Step] = steps  # type: ignore[assignment]
    generator.throw(stop)


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C back until the function given is called; a second one comes at once.

    A file that is being written is so never cut in the middle.
    """
    caught = threading.Event()

    def hold(number: int, frame: FrameType | None) -> None:
        if caught.is_set():
            signal.default_int_handler(number, frame)
        caught.set()

    def check() -> None:
        if caught.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = signal.signal(signal.SIGINT, hold)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def _share(step: Step) -> dict[str, Any]:
    return {
        "completed": step.done,
        "total": step.total,
        "count": f"{step.done}/{step.total}",
    }


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def follow_words(steps: Iterator[tuple[str, Step | None]]) -> None:
    """Run something of several parts to its end, a bar a part."""
    with _bar() as bar, interruptible() as check:
        words, task = "", None
        for said, step in steps:
            if task is None or said != words:
                if task is not None:
                    bar.update(task, total=1, completed=1)
                words, task = said, bar.add_task(said, total=None, count="")
            if step is not None:
                bar.update(task, **_share(step))
            check()
