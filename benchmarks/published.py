"""A published system as its paper measures it, beside what the paper reports.

    python benchmarks/published.py draghici2025 [--model FILE] [--data ../shared/data]
        [--recipe2 nuclei --model2 FILE]

Without a recipe, all whose models are at hand. What is held out, the model's card says.
--recipe2 is scored on the same images by the same measures; its model must have
been trained without them, as the shipped `nuclei` was not.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from _data import segmented
from _elements import elements
from _grounds import BY_CARD, GROUNDS, MEASURES
from _single_channel import single_channel
from _timing import row, table
from napari_cellseg.errors import ModelError
from napari_cellseg.metrics import evaluate
from napari_cellseg.network.bundle import load_bundle
from napari_cellseg.network.files import find_model
from napari_cellseg.recipe import Recipe, load_recipe, override

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _grounds import Ground, HeldOut

    Scores = dict[str, dict[str, float | None]]

SYSTEMS = (*GROUNDS, "alkofahi2018")


@dataclass(frozen=True)
class Options:
    """Where the data lie, what competes, and which tables are wanted."""

    data: Path
    rivals: tuple[Recipe, ...]
    only: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe", nargs="?", choices=SYSTEMS)
    parser.add_argument("--model", help="its model; else the one of its name")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--recipe2", help="another recipe to score beside it")
    parser.add_argument("--model2", help="the other's model")
    parser.add_argument("--set2", action="append", default=[], dest="settings2")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", default="", help="part of a table's title")
    parser.add_argument("--json", type=Path, help="write the scores there as well")
    chosen = parser.parse_args()
    if (chosen.model or chosen.recipe2) and not chosen.recipe:
        parser.error("--model and --recipe2 need a recipe")
    rivals: tuple[Recipe, ...] = ()
    if chosen.recipe2:
        rivals = (_recipe(chosen.recipe2, chosen.model2, chosen.settings2),)
    options = Options(chosen.data, rivals, chosen.only)
    scores: dict[str, Scores] = {}
    for name in [chosen.recipe] if chosen.recipe else SYSTEMS:
        recipe = _recipe(name, chosen.model, chosen.settings)
        try:
            scores[name] = measure(recipe, options)
        except (FileNotFoundError, ModelError) as error:
            if chosen.recipe:
                raise SystemExit(str(error)) from error
            print(f"\n{name} is left out: {error}")
    if chosen.json:
        text = json.dumps(scores, indent=2, allow_nan=False)
        chosen.json.write_text(text + "\n", encoding="utf-8")


def _recipe(name: str, model: str | None, settings: Sequence[str]) -> Recipe:
    named = [f"network.model={json.dumps(model)}"] if model else []
    return override(load_recipe(name), [*named, *settings])


def measure(recipe: Recipe, options: Options) -> Scores:
    """Print the tables of a system, and give what is in them."""
    recipes = (recipe, *options.rivals)
    for each in recipes:
        find_model(each.network.model)
    if recipe.name == "alkofahi2018":
        return single_channel(recipes, options.only)
    held = held_out(recipe) if recipe.name in BY_CARD else ()
    scores: Scores = {}
    for ground in GROUNDS[recipe.name]:
        if options.only in ground.title:
            scores[ground.title] = compare(ground, recipes, options.data, held)
    if recipe.name == "draghici2025" and options.only in "Table 1":
        (sample,) = GROUNDS[recipe.name][0].samples(options.data, held)
        elements(sample, recipe)
    return scores


def held_out(recipe: Recipe) -> HeldOut:
    """Images that a model was not trained on: those for tests, else for validation.

    Raises
    ------
    ModelError
        If the model's card names none.
    """
    parts = load_bundle(recipe.network.model).card.get("split", {})
    for part in ("test", "validation"):
        if parts.get(part):
            return tuple(parts[part])
    raise ModelError(
        f"The card of the model {recipe.network.model!r} names no images that were "
        "held out: train it with training.validation or training.test above 0."
    )


def compare(
    ground: Ground, recipes: Sequence[Recipe], data: Path, held: HeldOut
) -> dict[str, float | None]:
    """Print one ground's table: a row a measure, a column a recipe."""
    print(f"\n{ground.title}\n")
    reports = [
        evaluate(segmented(ground.samples(data, held), recipe)) for recipe in recipes
    ]
    frames = {len(report.frames) for report in reports}
    table("measure", "paper", *(recipe.name for recipe in recipes))
    row("images", "", *frames, *[""] * (len(recipes) - 1))
    scores: dict[str, float | None] = {}
    for name, value in MEASURES.items():
        values = [value(report) for report in reports]
        published = ground.paper.get(name)
        row(name, "" if published is None else published, *(f"{v:.4f}" for v in values))
        scores |= {
            f"{recipe.name}, {name}": None if math.isnan(v) else round(v, 4)
            for recipe, v in zip(recipes, values, strict=True)
        }
    return scores


if __name__ == "__main__":
    main()
