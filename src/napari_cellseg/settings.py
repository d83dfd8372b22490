"""What holds for every stack and recipe on this computer: the user's settings."""

from __future__ import annotations

import logging
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import psutil
import tomli_w
from pydantic import Field, ValidationError, field_validator

from napari_cellseg.parameters import Parameters

_log = logging.getLogger(__name__)

MB, GB = 1024**2, 1024**3
SHARE = 4
"""Automatic memory: the computer's, divided by this."""


GROUPS = Path("/sys/fs/cgroup")
LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes"),
)
"""Files that hold a container's limit of memory, and what it uses of it."""
KEY = re.compile(
    r"((Ctrl|Shift|Alt|Meta)\+)*"
    r"([A-Z0-9]|F[1-9]|F1[0-2]|[-=\[\]\\;',./`]"
    r"|Delete|Backspace|Insert|Home|End|PageUp|PageDown|Up|Down|Left|Right"
    r"|Tab|Escape|Enter|Space)"
)
"""A key as napari writes it, such as ``Shift+R``."""


class Settings(Parameters):
    """Settings of the user; they change how one works, never what results are."""

    memory: float | None = Field(
        None,
        title="Memory",
        description="For results that are kept between slider moves (GB). More frames "
        "can follow. Empty: a quarter of the computer's memory.",
        ge=0.1,
        le=100_000,
        strict=True,
    )
    keys: dict[str, str] = Field(
        default_factory=dict,
        title="Keys",
        description="Keys of the Correct dock's tools, by the tool's name, such as "
        "Shift+R. Those that are not named are the usual ones.",
    )

    undo: int = Field(
        512,
        title="Undo memory",
        description="For what can be undone (MB). Beyond it the oldest steps go.",
        ge=16,
        le=1_000_000,
    )

    @field_validator("keys")
    @classmethod
    def _known_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        for name, key in keys.items():
            if not KEY.fullmatch(key):
                raise ValueError(f"{key!r} is no key for {name!r}")
        return keys


@dataclass(frozen=True)
class Grant:
    """Memory that results may take.

    Attributes
    ----------
    limit : int
        At most (bytes).
    words : str
        Why it is less than was asked for; empty if it is not.
    """

    limit: int
    words: str = ""


def grant(settings: Settings, held: int = 0) -> Grant:
    """Memory for results: what the settings ask for, or what the computer has left.

    Parameters
    ----------
    settings : Settings
        What is asked for.
    held : int
        Bytes of results that are held already: they count as free.
    """
    total, available = machine_memory()
    left = min(available + held, total)
    if settings.memory is None:
        return Grant(min(total // SHARE, left))
    wanted = int(settings.memory * GB)
    if wanted <= left:
        return Grant(wanted)
    return Grant(
        left,
        f"{settings.memory:.1f} GB are set for results, but of this computer's "
        f"{total / GB:.1f} GB only {left / GB:.1f} GB are free: no more than "
        "that is used.",
    )


def machine_memory(groups: Path = GROUPS) -> tuple[int, int]:
    """Memory that this process may use: the computer's, or its container's.

    Parameters
    ----------
    groups : Path
        Where Linux tells the limits of the control group, version 2 or 1.

    Returns
    -------
    total, available : int
        In all, and what is free of it (bytes).
    """
    machine = psutil.virtual_memory()
    total, available = int(machine.total), int(machine.available)
    for limit_file, used_file in LIMITS:
        limit = _number(groups / limit_file)
        # where there is none, version 1 states one beyond any memory
        if limit is not None and limit < total:
            free = max(0, limit - (_number(groups / used_file) or 0))
            return limit, min(available, free)
    return total, available


def _number(file: Path) -> int | None:
    """Read a number of bytes; None where there is no file, or it says "max"."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def undo_memory() -> int:
    """Memory for what can be undone (bytes), as the user's settings say."""
    return load_settings()[0].undo * MB


def settings_file() -> Path:
    """Where the settings are kept, in the user's configuration folder."""
    return platformdirs.user_config_path("napari-cellseg", False) / "settings.toml"


def models_folder() -> Path:
    """Where models that the user trains are kept, and looked up by name.

    The user's data folder, or what the variable ``NAPARI_CELLSEG_MODELS`` names.
    """
    named = os.environ.get("NAPARI_CELLSEG_MODELS")
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("napari-cellseg", False) / "models"


def corrections_folder() -> Path:
    """Where journals of corrections are kept that cannot lie beside their image.

    The user's data folder, or what the variable ``NAPARI_CELLSEG_CORRECTIONS`` names.
    """
    named = os.environ.get("NAPARI_CELLSEG_CORRECTIONS")
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("napari-cellseg", False) / "corrections"


def load_settings(path: Path | None = None) -> tuple[Settings, str]:
    """Read the settings.

    Parameters
    ----------
    path : Path, optional
        The file; the user's if absent.

    Returns
    -------
    settings : Settings
        The defaults if there is no file, or it cannot be used.
    words : str
        Why it cannot be used, and what to do; empty otherwise.
    """
    path = path or settings_file()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return Settings.model_validate(values), ""
    except FileNotFoundError:
        return Settings(), ""
    except ValidationError as error:
        first = error.errors()[0]
        name, why = ".".join(map(str, first["loc"])), first["msg"]
        problem = f"{name}: {why}"
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    _log.warning("%s: %s", path, problem)
    return Settings(), (
        f"The settings in {path} cannot be used ({problem}); the usual ones are. "
        "Change a setting to write the file anew, or mend it."
    )


def save_settings(settings: Settings, path: Path | None = None) -> str:
    """Write the settings; what is automatic is left out.

    Returns
    -------
    str
        Why they cannot be kept for the next time; empty if they are.
    """
    path = path or settings_file()
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = tomli_w.dumps(settings.model_dump(exclude_none=True))
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        why = error.strerror or error
        return f"{path} cannot be written ({why}): the setting holds until you quit."
    return ""
