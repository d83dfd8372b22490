"""Put a trained model among the shipped ones, its card completed.

    python scripts/ship_model.py RUN.safetensors scores.json card.toml

The scores are what benchmarks/accuracy.py --json wrote of this very file; the card's
words (data, commands, limits) come from the TOML file. The model's name is the run's.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

from napari_cellseg.network.bundle import load_bundle, save_bundle

WEIGHTS = Path(__file__).parents[1] / "src/napari_cellseg/network/weights"


def main() -> None:
    """Read the three files, write the model and its card."""
    run, scores, words = (Path(argument) for argument in sys.argv[1:])
    bundle = load_bundle(run)
    card = dict(bundle.card)
    card |= tomllib.loads(words.read_text(encoding="utf-8"))
    card["scores"] = json.loads(scores.read_text(encoding="utf-8"))
    save_bundle(
        WEIGHTS / run.name,
        bundle.network.state_dict(),
        bundle.architecture,
        bundle.diameter,
        card,
    )
    (WEIGHTS / f"{bundle.name}.md").write_text(_page(bundle.name, card), "utf-8")


def _page(name: str, card: dict[str, object]) -> str:
    """Card for people: the words as they are, the rest as JSON."""
    parts = [f"# Model card: {name}", ""]
    for key, value in card.items():
        words = value if isinstance(value, str) else _code(value)
        parts += [f"## {key.replace('_', ' ').capitalize()}", "", words, ""]
    return "\n".join(parts)


def _code(value: object) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"


if __name__ == "__main__":
    main()
