"""Write docs/recipe.md: every field of a recipe, from the parameter classes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from napari_cellseg.parameters import Parameters
from napari_cellseg.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = """\
# Recipe reference

A recipe is a TOML file with one section of fields a stage. What a file leaves out keeps
its default. *Empty* means automatic: the number is found from the stack and is written
to the recipe that lies beside the result. On the command line, a field is set with
`--set section.field=value`.

This page is written from the parameter classes by `make reference`.
"""


def stage(annotation: Any) -> type[Parameters] | None:
    """Get the parameter class that a field holds, or None if it holds a value."""
    kinds = get_args(annotation) or (annotation,)
    found = [k for k in kinds if isinstance(k, type) and issubclass(k, Parameters)]
    return found[0] if found else None


def cell(text: str) -> str:
    """Text that does not end a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def shown(value: Any) -> str:
    """Show a default as the recipe file would have it."""
    return "*empty*" if value is None else f"`{json.dumps(value)}`"


def choices(annotation: Any) -> str:
    """List the values that a field with fixed choices takes, or nothing."""
    if get_origin(annotation) is tuple:
        return ""
    for kind in (annotation, *get_args(annotation)):
        if get_origin(kind) is Literal:
            return ", ".join(shown(value) for value in get_args(kind))
    return ""


def bounds(field: FieldInfo) -> str:
    """Choices or bounds, as one short text."""
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "multiple_of": "multiple of"}
    limits = [
        f"{sign} {getattr(rule, name):g}"
        for rule in field.metadata
        for name, sign in signs.items()
        if getattr(rule, name, None) is not None
    ]
    return choices(field.annotation) or ", ".join(limits)


def table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    """Write the lines of a table with one row a field."""
    yield "| field | default | allowed | what |"
    yield "|---|---|---|---|"
    for name, field in fields.items():
        default = "required" if field.is_required() else shown(field.get_default())
        what = cell(f"{field.title}. {field.description}")
        yield f"| `{name}` | {cell(default)} | {cell(bounds(field))} | {what} |"


def section(heading: str, kind: type[Parameters]) -> Iterator[str]:
    """Write a heading, the first sentence of the class and its own fields."""
    plain = {n: f for n, f in kind.model_fields.items() if not stage(f.annotation)}
    yield from ["", heading, "", (kind.__doc__ or "").strip().splitlines()[0], ""]
    if plain:
        yield from table(plain)


def sections(kind: type[Parameters], name: str) -> Iterator[str]:
    """Write the sections of a class under the dotted names that TOML gives them."""
    yield from section(f"## `[{name}]`" if name else "## The recipe itself", kind)
    for field, info in kind.model_fields.items():
        nested = stage(info.annotation)
        if nested:
            yield from sections(nested, f"{name}.{field}" if name else field)


def reference() -> str:
    """Write the whole page."""
    return HEAD + "\n".join(sections(Recipe, "")) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
