"""``recipes``: those installed, or one in full."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from napari_cellseg.parameters import Parameters

_WIDTH = 86


def recipes(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="A recipe to show in full.", show_default=False
        ),
    ] = None,
) -> None:
    """List the installed recipes, or show one in full.

    What is shown is a recipe file: `recipes nuclei > mine.toml` begins a new one.
    """
    from napari_cellseg.recipe import installed_recipes, load_recipe

    if name is not None:
        typer.echo("\n".join(describe(load_recipe(name))))
        return
    for each in installed_recipes():
        recipe = load_recipe(each)
        typer.echo(f"{each}: {recipe.title}. {recipe.source}".rstrip())


def describe(stage: Parameters, section: str = "") -> Iterator[str]:
    """Lines of a TOML file with the meaning of every field above it."""
    kind = type(stage)
    plain = {n: f for n, f in kind.model_fields.items() if not _nested(stage, n)}
    if section and plain:
        yield from ("", f"[{section}]")
    for field, info in plain.items():
        yield from _comment(info)
        yield _assignment(field, getattr(stage, field))
    for field in kind.model_fields:
        if _nested(stage, field):
            path = f"{section}.{field}" if section else field
            yield from describe(getattr(stage, field), path)


def _nested(stage: Parameters, field: str) -> bool:
    from napari_cellseg.parameters import Parameters

    return isinstance(getattr(stage, field), Parameters)


def _comment(info: FieldInfo) -> Iterator[str]:
    import textwrap

    choices = _choices(info.annotation)
    text = f"{info.title}: {info.description}" + (
        f" One of {choices}." if choices else ""
    )
    for line in textwrap.wrap(text, _WIDTH):
        yield f"# {line}"


def _assignment(field: str, value: Any) -> str:
    import tomli_w

    if value is None:
        return f"# {field} = automatic"
    plain = list(value) if isinstance(value, tuple) else value
    return tomli_w.dumps({field: plain}, multiline_strings=False).strip()


def _choices(annotation: Any) -> str:
    for kind in (annotation, *get_args(annotation)):
        if get_origin(kind) is Literal:
            values = [v for v in get_args(kind) if v is not NoneType]
            return ", ".join(map(str, values)) if len(values) > 1 else ""
    return ""
