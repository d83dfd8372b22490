"""What the mouse does on a layer while a tool is armed."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.widgets.correct.tools.tool import Gesture
from napari_cellseg.widgets.correct.trace import Trace
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place, Tool

LEFT = 1
STILL = 4
"""A press that moves less is a click (px of the screen)."""


class Click(Gesture):
    """A tool that needs one cell acts at each click."""

    def __init__(self, desk: Desk, act: Callable[[Desk, Place], object]) -> None:
        super().__init__(desk)
        self._act = act

    def click(self, place: Place) -> None:
        """Act on the cell."""
        self._act(self.desk, place)


class Hand(QObject):
    """Arms one tool at a time on the desk's layer.

    The left button is the tool's, all else stays napari's: the wheel, the other
    buttons, and the left one while Space is held.

    Attributes
    ----------
    armed : Tool or None
        The tool whose clicks are taken.
    changed : Signal
        Another tool is armed, or none.
    """

    changed = Signal()

    def __init__(self, viewer: Viewer, desk: Desk) -> None:
        super().__init__()
        self.viewer, self.desk = viewer, desk
        self.armed: Tool | None = None
        self.trace = Trace(viewer)
        self._gesture: Gesture | None = None
        self._layer: LabelsLayer | None = None
        self._resting = False
        self._keys: dict[str, Any] = {}
        self._zoom: list[Any] = []
        # a layer that is added is the active one for a moment
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._look)

    def arm(self, tool: Tool) -> None:
        """Arm a tool on the desk's layer, in place of what was armed."""
        self.disarm()
        layer = self.desk.layer
        self.viewer.layers.selection.active = layer
        layer.visible = True
        if tool.how == "brush":
            tool.act(self.desk)
        else:
            by_click, desk = tool.how == "cell", self.desk
            self._gesture = Click(desk, tool.act) if by_click else tool.act(desk)
            self._take(layer)
        self.armed, self._layer = tool, layer
        layer.events.mode.connect(self._on_mode)
        self.viewer.layers.selection.events.active.connect(self._on_active)
        self._bind("Escape", self._on_escape)
        self.changed.emit()

    def disarm(self) -> None:
        """Let go of the mouse."""
        layer, self._layer = self._layer, None
        if layer is None:
            return
        layer.events.mode.disconnect(self._on_mode)
        self.viewer.layers.selection.events.active.disconnect(self._on_active)
        self._soon.stop()
        if self._gesture is not None:
            layer.mouse_drag_callbacks.remove(self._on_press)
            layer.mouse_double_click_callbacks.remove(self._on_double_click)
            self.viewer.mouse_double_click_callbacks[:0] = self._zoom
            layer.cursor = "standard"
        for key, before in self._keys.items():
            layer.bind_key(key, before, overwrite=True)
        self._keys.clear()
        self._gesture, self.armed, self._resting = None, None, False
        self.trace.clear()
        self.changed.emit()

    def show(self) -> None:
        """Draw what the gesture knows so far."""
        if self._layer is not None:
            self.trace.show(self._layer, [], self._seeds())

    def _take(self, layer: LabelsLayer) -> None:
        layer.mode = "pan_zoom"
        layer.cursor = "crosshair"
        layer.mouse_drag_callbacks.append(self._on_press)
        layer.mouse_double_click_callbacks.append(self._on_double_click)
        # napari zooms in at a double click: two quick clicks would be one
        found = self.viewer.mouse_double_click_callbacks
        self._zoom, found[:] = list(found), []
        self._layer = layer
        self._bind("Enter", self._on_enter)
        self._bind("Space", self._on_space)

    def _bind(self, key: str, does: Any) -> None:
        layer = self._layer
        assert layer is not None
        self._keys[key] = layer.bind_key(key, does, overwrite=True)

    def _on_press(self, layer: LabelsLayer, event: Any) -> Iterator[None]:
        if event.button != LEFT or self._resting or event.modifiers:
            return
        corrected = self.desk.corrected
        start = corrected.pixel(event.position) if corrected else None
        pressed, moved = event.pos, 0.0
        line = [self._point(event)]
        # handled: the camera stays where it is
        event.handled = True
        yield
        while event.type == "mouse_move":
            event.handled = True
            moved = max(moved, _away(event.pos, pressed))
            line.append(self._point(event))
            self.trace.show(layer, line, self._seeds())
            yield
        event.handled = True
        if self._gesture is not None and corrected is not None:
            t = corrected.t
            if moved < STILL:
                self._click(start)
            else:
                self.desk.do(self._gesture.drag, t, line)
            self.show()

    def _click(self, place: tuple[int, int, int] | None) -> None:
        if place is not None and self._gesture is not None:
            self.desk.do(self._gesture.click, place)

    def _point(self, event: Any) -> tuple[float, float]:
        """Where the mouse is in the layer's frame (y, x), between pixels too."""
        corrected = self.desk.corrected
        assert corrected is not None
        at = corrected.layer.world_to_data(event.position)
        axes = corrected.axes
        return float(at[axes.index("Y")]), float(at[axes.index("X")])

    def _seeds(self) -> list[tuple[float, float]]:
        gesture, corrected = self._gesture, self.desk.corrected
        if gesture is None or corrected is None or gesture.t != corrected.t:
            return []
        return gesture.seeds

    def _on_double_click(self, layer: LabelsLayer, event: Any) -> None:
        if event.button == LEFT and isinstance(self._gesture, Gesture):
            event.handled = True
            if self._gesture.seeds:
                self._finish()

    def _finish(self) -> None:
        if self._gesture is not None:
            self.desk.do(self._gesture.finish)
            self.show()

    def _on_enter(self, layer: LabelsLayer) -> None:
        self._finish()

    def _on_escape(self, layer: LabelsLayer) -> None:
        brush = self.armed is not None and self.armed.how == "brush"
        self.disarm()
        if brush:
            layer.mode = "pan_zoom"

    def _on_space(self, layer: LabelsLayer) -> Iterator[None]:
        self._resting = True
        yield
        self._resting = False

    def _on_mode(self, event: Any = None) -> None:
        self.disarm()

    def _on_active(self, event: Any = None) -> None:
        self._soon.start(0)

    def _look(self) -> None:
        if self.viewer.layers.selection.active is not self._layer:
            self.disarm()


def _away(one: Any, other: Any) -> float:
    """Distance of two places on the screen (px)."""
    return hypot(one[0] - other[0], one[1] - other[1])
