"""What a journal of corrections is made of."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.correction.journal.fingerprint import Fingerprint
    from napari_cellseg.correction.marks import Edit, Marks
    from napari_cellseg.correction.packed import Packed

EditKind = Literal["edit", "undo", "redo"]
EDIT_KINDS: tuple[EditKind, ...] = get_args(EditKind)


def _now() -> float:
    return round(time.time(), 3)


@dataclass(frozen=True, slots=True)
class Header:
    """The first record: whose journal it is.

    Attributes
    ----------
    fingerprint : Fingerprint
        Of the image that was corrected.
    name : str
        The image's, for the user.
    version : str
        Of the package that began the journal.
    when : float
        When that was (seconds since 1970, UTC).
    """

    fingerprint: Fingerprint
    name: str
    version: str
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class EditRecord:
    """Marks that changed, as they changed: replaying it sets each mark's `after`.

    Attributes
    ----------
    kind : {"edit", "undo", "redo"}
        What the user did.
    edit : Edit
        What became of the marks: of an undo the inverse of the edit that it undoes.
    when : float
        When it was (seconds since 1970, UTC).
    """

    kind: EditKind
    edit: Edit
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class RecipeRecord:
    """The recipe from here on (TOML)."""

    text: str
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """Frame `t` was marked as checked, or no longer is."""

    t: int
    on: bool
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """What the user said of a suspect of the review queue; "" takes it back."""

    key: str
    verdict: str
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class BaseRecord:
    """The automatic labels of frame `t`, where the file that they are of changes.

    Written once a frame, before its first edit: some 20 to 60 kB for 1024 x 1024
    pixels. Without it what the file shows later would be taken for automatic.
    """

    t: int
    labels: Packed
    when: float = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class StateRecord:
    """All that the records before it come to: what a generation begins with.

    Attributes
    ----------
    marks : mapping of int to Marks
        By frame; a frame without marks is left out.
    checked : frozenset of int
        Frames that are checked.
    verdicts : mapping of str to str
        By the key of the suspect.
    recipe : str
        The recipe (TOML); empty if none was recorded.
    edits : int
        Corrections that stand: edits less those undone.
    bases : mapping of int to Packed
        By frame, its automatic labels, where they were written down.
    when : float
        When the last of the records was made (seconds since 1970, UTC).
    """

    marks: Mapping[int, Marks]
    checked: frozenset[int] = frozenset()
    verdicts: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
    edits: int = 0
    bases: Mapping[int, Packed] = field(default_factory=dict)
    when: float = field(default_factory=_now)

    @property
    def empty(self) -> bool:
        """Whether there is nothing of the user's work in it; a recipe alone is not."""
        return not (self.marks or self.checked or self.verdicts)


Record: TypeAlias = (
    EditRecord | RecipeRecord | CheckedRecord | VerdictRecord | BaseRecord | StateRecord
)
