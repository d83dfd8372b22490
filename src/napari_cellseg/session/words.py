"""What to do next, and what was found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.state import Session

OPEN = (
    "Open a stack: File › Open…, or try "
    "File › Open Sample › Cell segmentation › Simulated nuclei."
)


def advice(session: Session) -> str:
    """Words for what to do next."""
    if session.stack is None:
        return OPEN
    if not session.shown:
        return "Press Predict frame to see a first result."
    if not session.can_follow(session.frame):
        return _to_predict(session)
    frames = len(session.stack)
    done = sum(session.up_to_date(t) for t in range(frames))
    if done == frames and not any(session.counts.values()):
        return (
            "No cells found: set the expected diameter by hand, lower the threshold, "
            "or change the contrast."
        )
    if done == frames:
        return "Done. Move the sliders to adjust, or save: Plugins › Export masks."
    return (
        f"Adjust while you look at it, then Apply to all frames "
        f"({done} of {frames} are up to date)."
    )


def count_words(session: Session) -> str:
    """Words for the number of cells in the frame on screen."""
    number = session.counts.get(session.frame)
    if number is None:
        return ""
    cells = "1 cell" if number == 1 else f"{number} cells"
    where = (
        "" if session.stack and session.stack.single else f" in frame {session.frame}"
    )
    late = "" if session.up_to_date(session.frame) else " (by earlier parameters)"
    return f"{cells}{where}{late}"


def difference(old: Recipe, new: Recipe) -> str:
    """Words for what changes from one recipe to another."""
    if old.name != new.name:
        return f"recipe {old.name} → {new.name}"
    changes = []
    for section, values in new:
        before = getattr(old, section)
        if values == before or not isinstance(values, Parameters):
            continue
        for name, field in type(values).model_fields.items():
            a, b = getattr(before, name), getattr(values, name)
            if a != b:
                changes.append(f"{field.title} {_say(a)} → {_say(b)}")
    return ", ".join(changes)


def _say(value: object) -> str:
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value}"


def _to_predict(session: Session) -> str:
    t = session.frame
    if t in session.shown:
        return (
            "Contrast, diameter or model changed since this frame was predicted: press "
            "Predict frame to see what that does."
        )
    return f"Frame {t} has no result yet: press Predict frame, or Predict all."
