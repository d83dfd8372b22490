"""Suspects one after the other, and what the user said of them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

from napari_cellseg.correction.review.identity import frame, holds
from napari_cellseg.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_cellseg.correction.review.records import Suspect

Verdict: TypeAlias = Literal["accepted", "corrected", "skipped"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Row(NamedTuple):
    """A line of the exported table; its fields are the columns."""

    frame: int
    label: int
    y: float
    x: float
    doubt: float
    reasons: str
    verdict: str
    checked: bool


class Queue:
    """Suspects by falling doubt, verdicts on them, and the frames that were checked.

    Verdicts outlive the suspects: those of a new review take over the verdicts that
    still hold for them, see `identity`.

    Parameters
    ----------
    suspects : iterable of Suspect
        In the order in which they are looked at.
    verdicts : mapping of str to str, optional
        What was said before, by key.
    checked : iterable of int
        Frames that were checked as a whole.

    Attributes
    ----------
    suspects : tuple of Suspect
        Those of the newest review.
    checked : set of int
        Frames that the user has checked as a whole; that says nothing of the suspects.

    Examples
    --------
    >>> from napari_cellseg.correction.review.records import Reason, Suspect
    >>> reasons = (Reason("border", "touches the border", 0.5),)
    >>> one, two = (Suspect(0, i, reasons, (9.0, 9.0 * i), 30) for i in (1, 2))
    >>> queue = Queue([one, two])
    >>> queue.judge(one, "accepted")
    >>> queue.verdict(one), queue.next() == two
    ('accepted', True)
    """

    def __init__(
        self,
        suspects: Iterable[Suspect] = (),
        verdicts: Mapping[str, Verdict] | None = None,
        checked: Iterable[int] = (),
    ) -> None:
        self.suspects = tuple(suspects)
        self.checked = set(checked)
        self._said: dict[int, dict[str, Verdict]] = {}
        for key, verdict in (verdicts or {}).items():
            self._said.setdefault(frame(key), {})[key] = verdict

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """All that was said, by key, of suspects that are gone too."""
        said: dict[str, Verdict] = {}
        for of_frame in self._said.values():
            said |= of_frame
        return said

    def replace(self, suspects: Iterable[Suspect]) -> None:
        """Take the suspects of a new review."""
        self.suspects = tuple(suspects)

    def verdict(self, suspect: Suspect) -> Verdict | None:
        """Return what was said last of a suspect and still holds, if anything was."""
        said = self._said.get(suspect.t, {})
        if suspect.key in said:
            return said[suspect.key]
        keys = [key for key in said if holds(key, suspect.key)]
        return said[keys[-1]] if keys else None

    def judge(self, suspect: Suspect, verdict: Verdict) -> None:
        """Say something of a suspect, in place of what was said of it.

        Raises
        ------
        ValueError
            If the verdict is none.
        """
        if verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {VERDICTS}, not {verdict!r}")
        self.withdraw(suspect)
        self._said.setdefault(suspect.t, {})[suspect.key] = verdict

    def withdraw(self, suspect: Suspect) -> None:
        """Forget what was said of a suspect."""
        said = self._said.get(suspect.t, {})
        for key in [key for key in said if holds(key, suspect.key)]:
            del said[key]

    def next(self, after: Suspect | None = None) -> Suspect | None:
        """Return the next suspect without a verdict.

        Parameters
        ----------
        after : Suspect, optional
            Whose turn it is; the first without it, or if it is none of these. After the
            last comes the first.

        Returns
        -------
        Suspect or None
            None if all others have a verdict.
        """
        begin = self._position(after) + 1
        turn = self.suspects[begin:] + self.suspects[: max(begin - 1, 0)]
        return next((s for s in turn if self.verdict(s) is None), None)

    def previous(self, before: Suspect | None = None) -> Suspect | None:
        """Return the suspect before one, judged or not; None before the first.

        Without `before`, or if it is none of these, the last.
        """
        at = self._position(before)
        if at < 0:
            at = len(self.suspects)
        return self.suspects[at - 1] if at > 0 else None

    def rows(self) -> Iterator[Row]:
        """Lines of the table, in the order of the suspects."""
        for suspect in self.suspects:
            y, x = suspect.place
            yield Row(
                frame=suspect.t,
                label=suspect.label,
                y=round(y, 2),
                x=round(x, 2),
                doubt=round(suspect.doubt, 3),
                reasons=suspect.words,
                verdict=self.verdict(suspect) or "",
                checked=suspect.t in self.checked,
            )

    def write_csv(self, path: Path) -> None:
        """Write the table, UTF-8 with a header.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file)
                table.writerow(Row._fields)
                table.writerows(self.rows())
        except OSError as error:
            raise OutputError(
                f"{path}: the review cannot be written ({error.strerror}); choose "
                "another folder"
            ) from error

    def _position(self, suspect: Suspect | None) -> int:
        """Place in the queue; -1 if it is not there."""
        if suspect is None or suspect not in self.suspects:
            return -1
        return self.suspects.index(suspect)
