"""Recipes: named, versioned files that hold one section of parameters a stage."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import tomli_w
from pydantic import Field, ValidationError

from napari_cellseg.errors import RecipeError
from napari_cellseg.network.parameters import Network
from napari_cellseg.parameters import Area, Microns, Parameters, nearest
from napari_cellseg.postprocess import Cells, Postprocess
from napari_cellseg.preprocess import Preprocess, Scale
from napari_cellseg.protocol import Protocol
from napari_cellseg.tracking import Linking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pydantic_core import ErrorDetails

DEFAULT = "nuclei"


class Recipe(Parameters):
    """All that decides a result: the same recipe gives the same labels to the pixel.

    A field that is absent (``None``) is automatic: it follows from the expected
    diameter, see ``napari_cellseg.pipeline.resolve``.
    """

    format: Literal[1] = Field(1, title="Format", description="Version of the file.")
    name: str = Field(title="Name", description="One word.", pattern=r"^[\w-]+$")
    title: str = Field("", title="Title", description="What it is for, in a line.")
    source: str = Field("", title="Source", description="Publication it follows.")
    preprocess: Preprocess = Preprocess()
    scale: Scale = Scale()
    network: Network = Network()
    postprocess: Postprocess = Postprocess()
    cells: Cells = Cells()
    tracking: Linking = Linking()
    training: Protocol = Protocol()

    def change(self, section: str, **fields: Any) -> Recipe:
        """Copy with some fields of one section changed, validated."""
        return self.replace(**{section: getattr(self, section).replace(**fields)})

    def fit(self, diameter: float) -> Recipe:
        """Turn automatic fields into numbers, for cells of a diameter (px)."""
        return self.replace(
            scale=self.scale.replace(diameter=diameter),
            postprocess=self.postprocess.fit(diameter),
        )

    @property
    def needs_pixel_size(self) -> bool:
        """Whether something is in µm, so that the stack's pixel size is asked for."""
        return self.scale.to == "pixel size" or self.has_micrometres

    @property
    def has_micrometres(self) -> bool:
        """Whether lengths or areas are in µm."""
        values = (value for part in (self.postprocess, self.cells) for _, value in part)
        return any(isinstance(value, (Microns, Area)) for value in values)

    @property
    def uses_diameter(self) -> bool:
        """Whether the expected diameter decides anything."""
        post = self.postprocess
        automatic = post.smallest_area is None or (post.h is None and post.uses_h)
        return self.scale.to == "cell diameter" or automatic

    @property
    def estimates_diameter(self) -> bool:
        """Whether it does and is not given, so that it is estimated from the stack."""
        return self.uses_diameter and self.scale.diameter is None

    def lacks(self, maps: Sequence[str], instances: bool = False) -> str:
        """Words for what a model does not predict of what is needed; empty if nothing.

        Parameters
        ----------
        maps : sequence of str
            Names of the maps that it predicts.
        instances : bool
            Whether it tells the cells apart itself.

        Examples
        --------
        >>> Recipe(name="a").lacks(["foreground", "distance"])
        ''
        """
        post = self.postprocess
        wanted: dict[str, str] = {"postprocess.map": post.map}
        if post.landscape == "distance map":
            wanted["postprocess.landscape"] = "distance"
        if self.cells.grow:
            wanted["cells.grow"] = "cytoplasm"
        needs = [
            f"the map {name!r} ({field})"
            for field, name in wanted.items()
            if name not in maps
        ]
        if post.landscape == "instances" and not instances:
            needs.append("instances (postprocess.landscape)")
        if not needs:
            return ""
        return (
            f"The recipe {self.name!r} needs {' and '.join(needs)}, but the model "
            f"{self.network.model!r} predicts {', '.join(maps)}"
            f"{' and instances' if instances else ''}: take a model that was trained "
            "by this recipe, or set what is named in brackets to what there is."
        )

    def settle(
        self,
        pixel_size: float | None,
        estimate: float | None = None,
        pixel_height: float | None = None,
    ) -> Recipe | None:
        """Turn all that is automatic or in µm into numbers of px.

        Parameters
        ----------
        pixel_size : float or None
            Side of the stack's pixels (µm), if it is known.
        estimate : float, optional
            The stack's cell diameter (px), where it was estimated.
        pixel_height : float or None
            Height of the pixels (µm), where they are not square.

        Returns
        -------
        Recipe or None
            None if it rests on a diameter that is neither given nor estimated.

        Raises
        ------
        RecipeError
            See `calibrate`.
        """
        ready = self.calibrate(pixel_size, pixel_height)
        if ready.scale.diameter is not None:
            return ready.fit(ready.scale.diameter)
        if ready.uses_diameter:
            return None if estimate is None else ready.fit(estimate)
        if ready.postprocess.h is None:
            # of no meaning here, but a number for those who read it
            return ready.change("postprocess", h=0.0)
        return ready

    def calibrate(
        self, pixel_size: float | None, pixel_height: float | None = None
    ) -> Recipe:
        """Turn what is in µm into px, for pixels of a size (µm).

        Parameters
        ----------
        pixel_size : float or None
            Side of the stack's pixels (µm), if it is known.
        pixel_height : float or None
            Their height (µm), where they are not square.

        Raises
        ------
        RecipeError
            If there is such a field and the pixel size is not known, the pixels are
            not square, or what comes out is not allowed; the text names the field and
            says what to do.
        """
        if not self.needs_pixel_size:
            return self
        if pixel_height is not None:
            raise RecipeError(
                f"The recipe {self.name!r} has lengths in µm, and the pixels are "
                f"{pixel_size or 0:g} µm wide, but {pixel_height:g} µm high: resample "
                "the image to square pixels, or give the lengths in px. Where the file "
                "is wrong, --pixel-size says so on the command line."
            )
        changes: dict[str, Parameters] = {}
        for section in ("scale", "postprocess", "cells"):
            try:
                changes[section] = getattr(self, section).calibrate(pixel_size)
            except ValidationError as error:
                first = error.errors()[0]
                if not first["loc"]:
                    # fields that do not fit each other: the words name them
                    words = first["msg"].removeprefix("Value error, ")
                    raise RecipeError(
                        f"{section}: {words}, for pixels of {pixel_size:g} µm."
                    ) from error
                field = f"{section}.{'.'.join(map(str, first['loc']))}"
                raise RecipeError(
                    f"{field} is {first['input']:g} px for pixels of {pixel_size:g} "
                    f"µm, which is not allowed: {first['msg']}. Check the pixel size."
                ) from error
            except ValueError as error:
                raise RecipeError(
                    f"{section}.{error}: give it (--pixel-size on the command line, "
                    "Pixel size in the dock)."
                ) from error
        return self.replace(**changes)

    def toml(self) -> str:
        """Return the recipe as TOML; automatic fields are left out."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def save(self, path: Path) -> None:
        """Write the recipe to a TOML file; automatic fields are left out."""
        path.write_text(self.toml(), encoding="utf-8")


def installed_recipes() -> dict[str, Path]:
    """Names and files of the recipes that ship with the package, the default first."""
    folder = Path(str(resources.files("napari_cellseg") / "recipes"))
    found = {file.stem: file for file in sorted(folder.glob("*.toml"))}
    return {DEFAULT: found.pop(DEFAULT)} | found


def load_recipe(recipe: str | Path = DEFAULT) -> Recipe:
    """Load a recipe by the name of an installed one, or by its file.

    Raises
    ------
    RecipeError
        If there is none, or it says something that is not known or not allowed; the
        text names the file, the line, what is allowed and the nearest name.
    """
    path = installed_recipes().get(str(recipe), Path(recipe))
    try:
        return parse_recipe(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        names = ", ".join(installed_recipes())
        raise RecipeError(
            f"There is no recipe {str(recipe)!r}: it is neither a readable file nor "
            f"installed (installed: {names}). "
            f"{nearest(str(recipe), list(installed_recipes()))}".rstrip()
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not a recipe file: {error}.") from error


def parse_recipe(text: str, source: str) -> Recipe:
    """Read a recipe from TOML, as `Recipe.toml` writes it.

    Parameters
    ----------
    text : str
        The TOML.
    source : str
        Where it comes from, for the words of errors.

    Raises
    ------
    RecipeError
        If it says something that is not known or not allowed.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{source} is not a recipe file: {error}.") from error
    except RecursionError as error:
        raise RecipeError(
            f"{source} is not a recipe file: it is nested too deeply."
        ) from error
    lines = _lines(text)

    def where(place: tuple[str, ...]) -> str:
        number = _line(lines, place)
        return f"{source}, line {number}" if number else source

    return _validate(values, where, lambda place: _line(lines, place))


def override(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Change fields by settings such as ``postprocess.h=2.5``.

    An empty value (``postprocess.h=``) makes a field automatic.

    Raises
    ------
    RecipeError
        If a setting is not of that form, its field is not known or its value is not
        allowed.
    """
    values = recipe.model_dump()
    for setting in settings:
        field, equals, value = setting.partition("=")
        *sections, name = field.strip().split(".")
        if not equals or not sections:
            raise RecipeError(
                f"--set {setting}: expected SECTION.FIELD=VALUE, as postprocess.h=2.5."
            )
        _put(values, sections, name, _parse(value.strip()))
    return _validate(values, lambda place: f"--set {'.'.join(place)}")


def _put(values: dict[str, Any], sections: list[str], name: str, value: Any) -> None:
    """Set a field of nested sections; what is no section yet becomes one."""
    for key in sections:
        if not isinstance(values.get(key), dict):
            values[key] = {}
        values = values[key]
    values[name] = value


def _parse(value: str) -> Any:
    """Read a value as TOML writes it; a bare word is text, nothing is automatic."""
    if not value:
        return None
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return value


def _validate(
    values: Mapping[str, Any],
    where: Callable[[tuple[str, ...]], str],
    order: Callable[[tuple[str, ...]], int] = lambda _: 0,
) -> Recipe:
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        found = error.errors()
        # a list that is too short without its wrong entries is not too short
        first = [e for e in found if not any(_within(o, e) for o in found)]
        first.sort(key=lambda e: order(_place(e)))
        raise RecipeError("\n".join(_explain(e, where) for e in first)) from error


def _within(inner: ErrorDetails, outer: ErrorDetails) -> bool:
    depth = len(outer["loc"])
    return len(inner["loc"]) > depth and inner["loc"][:depth] == outer["loc"]


def _place(error: ErrorDetails) -> tuple[str, ...]:
    return tuple(str(part) for part in error["loc"])


def _explain(error: ErrorDetails, where: Callable[[tuple[str, ...]], str]) -> str:
    place = _place(error)
    said = f"{where(place)}: {'.'.join(place)}"
    if error["type"] == "extra_forbidden":
        known = sorted(_fields(place[:-1]))
        hint = nearest(place[-1], known)
        return f"{said} is not known. {hint}Known here: {', '.join(known)}."
    words = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error" and isinstance(error["input"], dict):
        # fields that do not fit each other: the words name them
        return f"{said} is not allowed: {words}."
    hint = ""
    if error["type"] == "literal_error":
        allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        hint = nearest(str(error["input"]), allowed)
    return f"{said} = {error['input']!r} is not allowed: {words}. {hint}".rstrip()


def _fields(place: tuple[str, ...]) -> Iterable[str]:
    """Names of the fields of the section at a place."""
    kind: Any = Recipe
    for part in place:
        annotation = kind.model_fields[part].annotation
        kind = next((a for a in get_args(annotation) if a), annotation)
    return kind.model_fields  # type: ignore[no-any-return]


def _lines(text: str) -> dict[str, int]:
    """Lines of the sections and fields of a TOML text, from 1, by dotted name."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([\w.\s\"'-]+)\]", line)
        field = re.match(r"\s*([\w.\s\"'-]+?)\s*=", line)
        if header:
            section = _key(header[1])
            lines.setdefault(section, number)
        elif field:
            lines.setdefault(f"{section}.{_key(field[1])}".lstrip("."), number)
    return lines


def _line(lines: Mapping[str, int], place: tuple[str, ...]) -> int:
    """Line of a field, or of its section where it is not found; 0 without either.

    A field within a list or an inline table is found by the line that this begins in.
    """
    ends = range(len(place), 0, -1)
    found = (lines.get(".".join(place[:end]), 0) for end in ends)
    return next(filter(None, found), 0)


def _key(written: str) -> str:
    """Strip a TOML key, dotted, of blanks and quotes."""
    return re.sub(r"[\s\"']", "", written)
