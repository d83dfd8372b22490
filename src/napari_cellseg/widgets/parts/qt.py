"""What qtpy names alike for all bindings but does not declare."""

from __future__ import annotations

from typing import Any

from qtpy import QtCore

Signal: Any = QtCore.Signal  # type: ignore[attr-defined]
