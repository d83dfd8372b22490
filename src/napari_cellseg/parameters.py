"""The base class of every stage's parameters."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict

P = TypeVar("P", bound="Parameters")


class Parameters(BaseModel):
    """Frozen, validated parameters of one stage.

    Instances are immutable and hash by value, so they serve as cache keys. The form,
    the command line's help, the recipe file and the documentation are derived from the
    fields: each has a title, a description that names its unit, and bounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def replace(self, **changes: Any) -> Self:
        """Copy with some fields changed, validated.

        Raises
        ------
        pydantic.ValidationError
            If a name is unknown or a value is out of range.
        """
        return self.model_validate(dict(self) | changes)

    def part(self, kind: type[P]) -> P:
        """Take the fields that belong to one of this class's bases, as that base."""
        return kind.model_validate({k: getattr(self, k) for k in kind.model_fields})
