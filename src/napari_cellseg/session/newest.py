"""Which answers are stale: older than one that was taken for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.session.requests import Answer


class Newest:
    """The number of the newest answer, for each frame and each thing wanted of it."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], int] = {}
        self._first = 0

    def begin(self, number: int) -> None:
        """Work on another stack: requests before a number were for a former one."""
        self._numbers.clear()
        self._first = number

    def pass_over(self, frame: int, number: int) -> None:
        """Take no labels of a frame that were requested before a number."""
        self._numbers[frame, "labels"] = number

    def take(self, answer: Answer) -> bool:
        """Take an answer in, unless it is stale; whether it was taken."""
        number, parts = answer.request.number, list(_parts(answer))
        newest = max((self._numbers.get(part, 0) for part in parts), default=0)
        if number < max(newest, self._first):
            return False
        self._numbers.update(dict.fromkeys(parts, number))
        return True


def _parts(answer: Answer) -> Iterator[tuple[int, str]]:
    t = answer.request.frame
    for name, part in (
        ("labels", answer.segmentation),
        ("contrast", answer.contrast),
        ("comparison", answer.comparison),
        ("error", answer.error or None),
    ):
        if part is not None:
            yield t, name
