"""What to do next, and what was found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.errors import ModelError, RecipeError
from napari_cellseg.network.files import find_model
from napari_cellseg.parameters import Area, Microns, Parameters
from napari_cellseg.pipeline.needs import unfit
from napari_cellseg.preprocess import Scale
from napari_cellseg.session.tally import Tally, maps_of, tally

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.state import Session

OPEN = (
    "Open a stack: File › Open…, or try one of File › Open Sample › Cell segmentation: "
    "nuclei, or cells with dark nuclei."
)


DATA = " (DATA: a folder with images/ and labels/)"
"""What a command is given, where one is named."""


def advice(session: Session, counted: Tally | None = None) -> str:
    """Words for what to do next; ``counted`` if the frames were counted already.

    Two lines of the dock at most: what is below must not move as they change.
    """
    if session.stack is None:
        return OPEN
    if not_installed_words(session.recipe):
        return "This recipe's model is not here yet: see under Recipe."
    if unfit_words(session.recipe):
        return "The model does not fit this recipe: see under Recipe."
    if uncalibrated_words(session):
        return "Enter the right size of a pixel (µm/px): this recipe needs it."
    t = session.frame
    if t in session.pinned:
        return "Put back by Undo; Apply to all frames makes them anew."
    if not session.shown:
        return _to_begin(session)
    if not session.can_follow(t) and not session.up_to_date(t):
        return _to_predict(session)
    return _to_apply(session, counted or tally(session))


def _to_begin(session: Session) -> str:
    """Words for what to do where no frame has a result."""
    corrections = session.corrections
    if corrections is None or not corrections.marks:
        return "Press Predict frame to see a first result."
    number = len(corrections.marks)
    frames = "1 frame" if number == 1 else f"{number} frames"
    if session.restored:
        return (
            f"Corrections of {frames} are back; Predict all finds the other cells "
            "again."
        )
    return f"Corrections of {frames} are kept; Predict all shows them again."


def _to_apply(session: Session, frames: Tally) -> str:
    """Words for what to do with the other frames."""
    done, total = frames.fresh, frames.total
    if done == total and not any(session.counts.values()):
        return f"No cells found: change {_what_finds(session.recipe)}."
    t = session.frame
    empty = session.counts.get(t) == 0 and session.up_to_date(t)
    if done == total and empty:
        return f"Done; no cells in frame {t}. Adjust, or save: Plugins › Export masks."
    if done == total:
        return "Done. Move the sliders to adjust, or save: Plugins › Export masks."
    if empty:
        return f"No cells in frame {t}: change {_what_finds(session.recipe)}."
    if session.stopped:
        return f"Stopped: {done} of {total} are up to date; Apply to all frames."
    if frames.all_follow:
        return "Adjust while you look at it: all frames follow."
    if frames.lost:
        return (
            f"{frames.lost} of {total} frames can no longer follow (see Memory): Apply "
            "to all frames."
        )
    if session.pinned:
        put_back = len(session.pinned)
        return f"{put_back} of {total} put back by Undo; Apply to all frames."
    wanting = total - done - len(frames.late)
    return f"Adjust, then Apply to all frames: it predicts {wanting} of {total} frames."


def _what_finds(recipe: Recipe) -> str:
    """Words for what is to be changed where nothing is found."""
    by = {"value": "the threshold, ", "blobs": "the sensitivity, "}
    size = "the diameter" if recipe.uses_diameter else "the scale"
    return f"{by.get(recipe.postprocess.threshold_by, '')}{size} or the contrast"


def count_words(session: Session) -> str:
    """Words for the number of cells in the frame on screen."""
    number = session.counts.get(session.frame)
    if number is None:
        return ""
    cells = "1 cell" if number == 1 else f"{number} cells"
    where = (
        "" if session.stack and session.stack.single else f" in frame {session.frame}"
    )
    return f"{cells}{where}"


def change_words(session: Session) -> str:
    """Words for what the frame on screen shows beside the last setting.

    The cells that changed with it; or that it shows what was before, unless that is
    about to change.
    """
    t, changes = session.frame, session.changes
    if session.glancing and not no_before_words(session):
        return "As before the last change."
    if t in session.shown and not session.up_to_date(t) and not session.can_follow(t):
        return "By earlier parameters."
    if changes is None:
        return ""
    if not changes:
        return "No cell changed."
    number = max(changes.ids.size, changes.gone)
    cells = "1 cell" if number == 1 else f"{number} cells"
    more = changes.more
    count = f" ({abs(more)} {'more' if more > 0 else 'fewer'})" if more else ""
    return f"{cells} changed{count}"


def unknown_words(session: Session) -> str:
    """Words for why the cells of the frame on screen are not known.

    Empty if they are. Known are cells that were segmented since the frame came on
    screen: of what was made earlier there is no more than labels.
    """
    t = session.frame
    if t in session.pinned:
        return "put back by Undo"
    if session.found is not None:
        return ""
    if session.can_follow(t):
        return "one moment"
    return "predict it again" if t in session.shown else "not predicted"


def no_before_words(session: Session) -> str:
    """Words for why the frame on screen cannot be seen as it was before.

    Empty if it can.
    """
    t, before = session.frame, session.before
    if before is None:
        return "Nothing was changed yet: there is nothing to go back to."
    if t in session.pinned:
        return "This frame was put back by Undo: it stays as it is."
    if not session.has_maps(t, before):
        return (
            "What was predicted of this frame by the settings before is not at hand: "
            "it cannot be shown by them."
        )
    return ""


def lacking_words(session: Session) -> str:
    """Words for what the recipe lacks to be used here; empty if it lacks nothing."""
    recipe = session.recipe
    own = not_installed_words(recipe) or unfit_words(recipe)
    return own or uncalibrated_words(session)


def not_installed_words(recipe: Recipe) -> str:
    """Words for where a recipe's model comes from; empty if it is here."""
    try:
        find_model(recipe.network.model)
    except ModelError as error:
        command = training_command(recipe)
        return f"{error}{DATA}" if command else str(error)
    return ""


def training_command(recipe: Recipe) -> str:
    """Command that makes a recipe's model; empty if it is here, or none makes it."""
    try:
        find_model(recipe.network.model)
    except ModelError as error:
        _, _, command = str(error).partition("Train it with: ")
        return command
    return ""


def unfit_words(recipe: Recipe) -> str:
    """Words for what a recipe's model does not predict; empty if it fits."""
    return unfit(recipe)


def uncalibrated_words(session: Session) -> str:
    """Words for what is in µm in the recipe and cannot be px; empty if it can."""
    stack, recipe = session.stack, session.recipe
    if stack is None:
        return ""
    try:
        recipe.calibrate(stack.pixel_size)
    except RecipeError as error:
        if stack.pixel_size:
            return str(error)
    else:
        return ""
    what = _join(_physical(recipe))
    return f"This recipe gives {what} in µm: enter the size of a pixel above (µm/px)."


def _physical(recipe: Recipe) -> list[str]:
    """Titles of what a recipe gives in µm, as words in a sentence."""
    scale = str(Scale.model_fields["pixel_size"].title)
    titles = [scale] if recipe.scale.to == "pixel size" else []
    for section in (recipe.postprocess, recipe.cells):
        fields = type(section).model_fields
        titles += [
            str(fields[name].title)
            for name, value in section
            if isinstance(value, (Microns, Area))
        ]
    return titles


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
    t, resolved = session.frame, session.resolved
    shown = session.shown.get(t)
    if shown is None:
        return f"Frame {t} has no result yet: press Predict frame, or Predict all."
    if resolved is None:
        return "The diameter is estimated anew: press Predict frame to see it."
    if maps_of(shown) == maps_of(resolved):
        return "This frame can no longer follow (see Memory): press Predict frame."
    what = _what_sees(session.recipe, shown, resolved)
    return f"{what} changed: press Predict frame to see it."


def _what_sees(recipe: Recipe, shown: Recipe, resolved: Recipe) -> str:
    """Words for what decides about maps, and is other than in what is shown."""
    scales = {
        "cell diameter": "diameter",
        "pixel size": "pixel size",
        "image size": "image size",
        "factor": "factor",
    }
    sections = {
        "preprocess": "contrast",
        "scale": scales[recipe.scale.to],
        "network": "model",
    }
    changed = [
        words
        for section, words in sections.items()
        if getattr(shown, section) != getattr(resolved, section)
    ]
    return _join(changed).capitalize()


def _join(words: list[str]) -> str:
    """Join words as a sentence does."""
    return " and ".join((", ".join(words[:-1]), words[-1])).removeprefix(" and ")
