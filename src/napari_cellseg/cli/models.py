"""``models``: the networks that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from napari_cellseg.cli._failures import say
from napari_cellseg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellseg.network.bundle import Bundle


def models() -> None:
    """List the installed models, and whether each is whole.

    With the size of the file, its checksum and a summary of the model card.
    """
    from napari_cellseg.network.files import installed_models

    files = installed_models()
    if not files:
        say("No model is installed; train one, or name a .safetensors file.")
    whole = [_show(name, path) for name, path in files.items()]
    if not all(whole):
        raise typer.Exit(1)


def _show(name: str, path: Path) -> bool:
    from napari_cellseg.network.bundle import load_bundle

    size = f"{path.stat().st_size / 1e6:.1f} MB"
    try:
        bundle = load_bundle(path)
    except ModelError as error:
        typer.echo(f"{name}  {size}  damaged")
        say(f"Error: {error}")
        return False
    maps = ", ".join(bundle.architecture.maps)
    typer.echo(f"{name}  {size}  checksum fits ({bundle.checksum[:12]})")
    typer.echo(f"  predicts {maps} of {_seen(bundle)}")
    for line in _card(bundle.card):
        typer.echo(f"  {line}")
    return True


def _seen(bundle: Bundle) -> str:
    """Words for what images are brought to; the oldest cards do not say it."""
    scale = bundle.card.get("scale") or {"to": "cell diameter"}
    words = {
        "cell diameter": f"cells brought to {bundle.diameter:g} px",
        "pixel size": f"images brought to {scale.get('pixel_size')} µm a pixel",
        "image size": "images brought to {0} x {0} px".format(scale.get("side")),
        "factor": f"images enlarged by {scale.get('factor')}",
    }
    if scale["to"] == "factor" and scale.get("factor") == 1:
        return "images as they are"
    return words.get(scale["to"], "images")


def _pretrained(card: Mapping[str, Any]) -> str:
    """Words for the weights that training began with; empty if they were drawn."""
    said = card.get("pretrained") or {}
    asked, used = said.get("asked", "no"), said.get("used", "no")
    if asked == used:
        return "" if used == "no" else f"began with weights of {used}"
    return f"began with weights: {used} (the recipe asks for {asked})"


def _card(card: Mapping[str, Any]) -> list[str]:
    """Summary of a model card, of what it says."""
    # of those that were held out the card has the names
    images = card.get("split") or card.get("images", {})
    counts = {k: len(n) if isinstance(n, list) else n for k, n in images.items()}
    number = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    lines = [f"learnt from {', '.join(card['data'])}"] if card.get("data") else []
    lines += [f"images: {number}"] if number else []
    lines += [f"epochs: {card['epoch']}"] if "epoch" in card else []
    began = _pretrained(card)
    lines += [began] if began else []
    plain = (str, int, float)
    for key in ("license", "limits", "scores"):
        said = card.get(key)
        if isinstance(said, dict):
            said = ", ".join(f"{k} {v}" for k, v in said.items())
        lines += [f"{key}: {said}"] if isinstance(said, plain) else []
    return lines
