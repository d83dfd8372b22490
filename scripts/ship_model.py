"""Put a trained model among the shipped ones, its card completed.

    python scripts/ship_model.py RUN card.toml [--diameter PX] [--scores JSON]

The card's words (data, commands, limits) come from the TOML file, the scores from what
benchmarks/accuracy.py --json wrote of it. The model's name is the run's. With another
diameter than the training's, images are rescaled to that one.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

from napari_cellseg.network.bundle import load_bundle, save_bundle

WEIGHTS = Path(__file__).parents[1] / "src/napari_cellseg/network/weights"


def main() -> None:
    """Read the files, write the model and its card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("card", type=Path)
    parser.add_argument("--diameter", type=float)
    parser.add_argument("--scores", type=Path)
    options = parser.parse_args()
    bundle = load_bundle(options.run)
    card = dict(bundle.card)
    card |= tomllib.loads(options.card.read_text(encoding="utf-8"))
    if options.scores:
        card["scores"] = json.loads(options.scores.read_text(encoding="utf-8"))
    save_bundle(
        WEIGHTS / options.run.name,
        bundle.network.state_dict(),
        bundle.architecture,
        options.diameter or bundle.diameter,
        card,
        bundle.unit,
        reference=bundle.reference,
    )
    page = _page(bundle.name, card)
    (WEIGHTS / f"{bundle.name}.md").write_text(page, encoding="utf-8")


def _page(name: str, card: dict[str, object]) -> str:
    """Card for people: the words as they are, the rest as JSON."""
    parts = [f"# Model card: {name}", ""]
    # words first, then settings and numbers
    for key, value in sorted(card.items(), key=lambda item: not _is_words(item[1])):
        if _is_words(value):
            items = [value] if isinstance(value, str) else value
            words = "\n\n".join(str(item) for item in items)  # type: ignore[attr-defined]
        else:
            words = _code(value)
        parts += [f"## {key.replace('_', ' ').capitalize()}", "", words, ""]
    return "\n".join(parts)


def _is_words(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(isinstance(item, str) and item for item in items)


def _code(value: object) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"


if __name__ == "__main__":
    main()
