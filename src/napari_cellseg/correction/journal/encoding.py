"""Records to bytes and back: compact JSON, packed by zlib.

A shape is its box and its bits in base64; shapes of before and after resemble each
other, which zlib finds. A record that was written is read by every later version.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from napari_cellseg.correction.journal.fingerprint import Fingerprint
from napari_cellseg.correction.journal.records import (
    EDIT_KINDS,
    BaseRecord,
    CheckedRecord,
    EditRecord,
    Header,
    RecipeRecord,
    Record,
    StateRecord,
    VerdictRecord,
)
from napari_cellseg.correction.marks import Change, Edit, Mark
from napari_cellseg.correction.packed import Packed
from napari_cellseg.correction.shape import Shape

if TYPE_CHECKING:
    from napari_cellseg.correction.marks import Marks

LEVEL = 1
"""zlib's: the next ones take twice as long and save a sixth."""


def encode(record: Header | Record) -> bytes:
    """Return a record's payload.

    Examples
    --------
    >>> decode(encode(CheckedRecord(3, True, when=0)))
    CheckedRecord(t=3, on=True, when=0)
    """
    text = json.dumps(_plain(record), separators=(",", ":"))
    return zlib.compress(text.encode(), LEVEL)


def decode(payload: bytes) -> Header | Record:
    """Return the record of a payload.

    Raises
    ------
    ValueError
        If it is not one: damaged, or of an unknown kind.
    """
    try:
        return _record(json.loads(zlib.decompress(payload)))
    except (zlib.error, LookupError, TypeError, AttributeError) as error:
        message = f"not a record: {error!r}"
        raise ValueError(message) from error


def _plain(record: Header | Record) -> dict[str, Any]:
    """Return what JSON can hold; numbers of numpy's become Python's."""
    plain: dict[str, Any]
    match record:
        case Header(print_, name, version, when):
            sizes = [list(map(int, print_.shape)), print_.dtype, list(print_.frames)]
            plain = {"kind": "header", "of": sizes, "name": name, "version": version}
        case EditRecord(kind, edit, when):
            changes = [_from_change(change) for change in edit.changes]
            plain = {"kind": kind, "words": edit.words, "changes": changes}
        case RecipeRecord(text, when):
            plain = {"kind": "recipe", "text": text}
        case CheckedRecord(t, on, when):
            plain = {"kind": "checked", "t": int(t), "on": bool(on)}
        case VerdictRecord(key, verdict, when):
            plain = {"kind": "review", "key": key, "verdict": verdict}
        case BaseRecord(t, labels, when):
            plain = {"kind": "base", "t": int(t), "labels": _from_packed(labels)}
        case StateRecord(when=when):
            plain = _from_state(record)
    return plain | {"when": when}


def _from_state(state: StateRecord) -> dict[str, Any]:
    frames = [
        [int(t), [[int(label), _from_mark(mark)] for label, mark in marks.items()]]
        for t, marks in state.marks.items()
    ]
    return {
        "kind": "state",
        "marks": frames,
        "checked": sorted(map(int, state.checked)),
        "verdicts": dict(state.verdicts),
        "recipe": state.recipe,
        "edits": int(state.edits),
        "bases": [[int(t), _from_packed(each)] for t, each in state.bases.items()],
    }


def _from_packed(labels: Packed) -> list[Any]:
    data = b64encode(labels.data).decode("ascii")
    return [list(map(int, labels.shape)), labels.dtype, data]


def _from_change(change: Change) -> list[Any]:
    marks = _from_mark(change.before), _from_mark(change.after)
    return [int(change.t), int(change.label), *marks]


def _from_mark(mark: Mark | None) -> list[Any] | None:
    if mark is None:
        return None
    shapes = _from_shape(mark.cell), _from_shape(mark.void)
    return [*shapes, mark.status, bool(mark.based)]


def _from_shape(shape: Shape | None) -> list[Any] | None:
    if shape is None:
        return None
    box = (shape.y, shape.x, shape.height, shape.width)
    return [*map(int, box), b64encode(shape.bits).decode("ascii")]


def _record(plain: dict[str, Any]) -> Header | Record:
    kind, when = plain["kind"], plain["when"]
    if kind in EDIT_KINDS:
        changes = tuple(_change(*change) for change in plain["changes"])
        return EditRecord(kind, Edit(plain["words"], changes), when)
    match kind:
        case "header":
            shape, dtype, frames = plain["of"]
            print_ = Fingerprint(tuple(shape), dtype, tuple(frames))
            return Header(print_, plain["name"], plain["version"], when)
        case "recipe":
            return RecipeRecord(plain["text"], when)
        case "checked":
            return CheckedRecord(plain["t"], plain["on"], when)
        case "review":
            return VerdictRecord(plain["key"], plain["verdict"], when)
        case "base":
            return BaseRecord(plain["t"], _packed(*plain["labels"]), when)
        case "state":
            return _state(plain)
    message = f"unknown kind {kind!r}"
    raise ValueError(message)


def _state(plain: dict[str, Any]) -> StateRecord:
    marks = {t: _marks(of_frame) for t, of_frame in plain["marks"]}
    return StateRecord(
        marks,
        frozenset(plain["checked"]),
        plain["verdicts"],
        plain["recipe"],
        plain["edits"],
        {t: _packed(*labels) for t, labels in plain.get("bases", ())},
        plain["when"],
    )


def _packed(shape: list[int], dtype: str, data: str) -> Packed:
    return Packed(tuple(shape), dtype, b64decode(data))


def _marks(plain: list[Any]) -> Marks:
    marks = ((label, _mark(mark)) for label, mark in plain)
    return {label: mark for label, mark in marks if mark is not None}


def _change(t: int, label: int, before: Any, after: Any) -> Change:
    return Change(t, label, _mark(before), _mark(after))


def _mark(plain: list[Any] | None) -> Mark | None:
    if plain is None:
        return None
    cell, void, status, based = plain
    return Mark(_shape(cell), _shape(void), status, based)


def _shape(plain: list[Any] | None) -> Shape | None:
    if plain is None:
        return None
    y, x, height, width, bits = plain
    return Shape(y, x, height, width, b64decode(bits))
