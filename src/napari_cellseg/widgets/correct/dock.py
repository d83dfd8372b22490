"""The Correct dock: one gesture and one key a tool, on a Labels layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QCheckBox, QLabel

from napari_cellseg.errors import CellsegError
from napari_cellseg.widgets.correct.ask_box import AskBox
from napari_cellseg.widgets.correct.bound import BoundKeys
from napari_cellseg.widgets.correct.cells_box import CellsBox
from napari_cellseg.widgets.correct.desk import Desk
from napari_cellseg.widgets.correct.hand import Hand
from napari_cellseg.widgets.correct.hearing import Hearing
from napari_cellseg.widgets.correct.keymap import KeyMap
from napari_cellseg.widgets.correct.keys_box import KeysBox
from napari_cellseg.widgets.correct.review_box import ReviewBox
from napari_cellseg.widgets.correct.scope_box import ScopeBox
from napari_cellseg.widgets.correct.sheet import Sheet
from napari_cellseg.widgets.correct.steps_box import StepsBox
from napari_cellseg.widgets.correct.tools.table import GROUPS, TOOLS
from napari_cellseg.widgets.correct.tools_box import ToolsBox
from napari_cellseg.widgets.correct.trace import canvas_of
from napari_cellseg.widgets.correct.undo_memory import UndoMemory
from napari_cellseg.widgets.layers.choice import LayerChoice
from napari_cellseg.widgets.layers.provenance import Provenance
from napari_cellseg.widgets.layers.registry import adopt
from napari_cellseg.widgets.parts.dock import Dock
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.progress_box import ProgressBox
from napari_cellseg.widgets.parts.section import Section
from napari_cellseg.widgets.parts.words import RIGHT, WRONG, Trouble, Words

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.session import Step
    from napari_cellseg.widgets.correct.tools.tool import Tool
    from napari_cellseg.widgets.layers.corrected import Corrected

NOTHING = "No masks yet: segment cells, or open masks as a Labels layer."
START = "Press a tool, or point at a cell and press its key."
GONE = "The masks were removed: choose others above."
OUTSIDE = "Point at a cell in the picture, then press its key."
LOOK = "border-left: 3px solid {}; padding: 3px 6px; font-weight: bold"
LINES = 2
"""Of words, for which there is always room: nothing moves under the mouse."""


class CorrectWidget(Dock):
    """Choose masks, and correct them cell by cell.

    Parameters
    ----------
    napari_viewer : Viewer
        The viewer that the dock belongs to.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(napari_viewer)
        self._hearing = Hearing(self)
        self.desk = Desk()
        self.keys = KeyMap(TOOLS)
        self.hand = Hand(self.viewer, self.desk)
        self.sheet = Sheet(self.viewer, GROUPS, self.keys)
        self.bound = BoundKeys(self.keys, self.press)
        self.provenance = Provenance(self.viewer)
        self._refusal = self._wrong = self._hint = self._idle = ""
        self._make_parts()
        self._lay_out()
        self._connect()
        self._on_layer(self.layers.layer)
        if self.corrected is not None:
            # whoever opens the dock wants to see what there is to correct
            self.corrected.layer.visible = True
        # with the whole window: its layers are not to be touched any more
        self._end_with_window(self.desk.turns.cancel, self.layers.close_down)

    @property
    def corrected(self) -> Corrected | None:
        """The layer that is corrected."""
        return self.desk.corrected

    def _end(self) -> None:
        self.viewer.layers.selection.events.active.disconnect(self._on_active)
        self._let_go()
        self.sheet.hide()
        self.review.close_down()
        self.layers.close_down()

    def press(self, tool: Tool) -> None:
        """Take a tool's key: act on the cell under the pointer, or arm the tool."""
        if tool.how == "now":
            self._run(tool)
        elif tool.how == "cell":
            self._on_pointer(tool)
        else:
            self.arm(tool)

    def take(self, tool: Tool) -> None:
        """Take a tool's button: act, or arm the tool; again to let it go."""
        if tool.how == "now":
            self._run(tool)
        elif tool is self.hand.armed and tool.name != "draw":
            self.hand.disarm()
            self.desk.layer.mode = "pan_zoom"
        else:
            self.arm(tool)

    def arm(self, tool: Tool) -> None:
        """Let clicks be a tool's."""
        self.ask.drop()
        self.desk.do(self.hand.arm, tool)
        self._on_armed()
        self._focus()

    def _run(self, tool: Tool) -> None:
        if tool.name == "sheet":
            # needs no masks
            tool.act(self.desk)
        else:
            self.desk.do(tool.act, self.desk)

    def _on_pointer(self, tool: Tool) -> None:
        corrected = self.corrected
        if corrected is None:
            return
        # napari knows where the pointer was last, wherever it is by now
        over = self.viewer.mouse_over_canvas
        place = corrected.pixel(self.viewer.cursor.position) if over else None
        if place is None:
            self._say(OUTSIDE)
            return
        self.desk.do(tool.act, self.desk, place)
        if not (self._wrong or self._hint):
            self._hint_at(self._only_here(tool))

    def _only_here(self, tool: Tool) -> str:
        """Say that a tool leaves other frames alone, where they are chosen too."""
        wide = tool.here and self.desk.wide
        return f"{tool.title} works in this frame only." if wide else ""

    def _make_parts(self) -> None:
        self.layers = LayerChoice(self.viewer, "labels", previews=True, moves_on=False)
        self.layers.setToolTip("The masks to correct.")
        self.advice = Words("What to do next.")
        line_height = self.advice.fontMetrics().lineSpacing()
        self.advice.setMinimumHeight(LINES * line_height + 8)
        self.kept = Trouble("Where corrections are written down.")
        own = ("Review", "Steps")
        groups = {title: tools for title, tools in GROUPS.items() if title not in own}
        self.tools = ToolsBox(groups, self.keys)
        self.steps_tools = ToolsBox({"": GROUPS["Steps"]}, self.keys)
        buttons = self.steps_tools.buttons
        self.steps = StepsBox(buttons["undo"], buttons["redo"])
        self.scope, self.ask = ScopeBox(), AskBox()
        # below the tools: these stay where they are when it comes
        self.progress = ProgressBox(place_kept=False)
        self.cells, self.review = CellsBox(), ReviewBox()
        self.outlines = QCheckBox("Outline corrected cells")
        self.outlines.setToolTip(
            "<p>White where a cell was edited, orange dashes where it is locked.</p>"
        )
        self.outlines.setChecked(True)
        self.key_table, self.undo_memory = KeysBox(self.keys), UndoMemory()
        self.desk.scope = self.scope.frames

    def _lay_out(self) -> None:
        self._tools = Section("Tools", None, self.tools, self.scope, self.ask)
        self._steps = Section(
            "Steps", None, self.steps, self.steps_tools, self.outlines
        )
        self._review = Section("Review", None, self.review)
        self._cells = Section("Cells of this frame", True, self.cells)
        self._keys = Section("Keys, memory", True, self.undo_memory, self.key_table)
        self._fill(
            line(QLabel("Masks"), self.layers, stretch=1),
            self.advice,
            self.kept,
            self._tools,
            self.progress,
            self._steps,
            self._review,
            self._cells,
            self._keys,
        )

    def _connect(self) -> None:
        desk = self.desk
        self.layers.chosen.connect(self._on_layer)
        self.tools.pressed.connect(self.take)
        self.steps_tools.pressed.connect(self.take)
        self.hand.changed.connect(self._on_armed)
        self.keys.changed.connect(self._on_keys)
        self.outlines.toggled.connect(self._on_outlines)
        self.progress.cancelled.connect(desk.cancel)
        desk.told.connect(self._say)
        desk.hinted.connect(self._hint_at)
        desk.asked.connect(self._on_asked)
        self.review.said.connect(self._hint_at)
        desk.reviewed.connect(self._on_review)
        desk.sheet_wanted.connect(self.sheet.toggle)
        desk.busied.connect(self._on_busy)
        desk.turns.stepped.connect(self._on_step)
        for box in (self.cells, self.review):
            box.failed.connect(self._say)
        self.viewer.layers.selection.events.active.connect(self._on_active)

    def _on_layer(self, layer: LabelsLayer | None) -> None:
        self._let_go()
        self._refusal = ""
        if layer is not None and not self.closed:
            try:
                self.desk.corrected = adopt(self.viewer, layer)
            except CellsegError as error:
                self._refusal = str(error)
        # what was told before the dock could hear it
        self._say(self.corrected.words if self.corrected is not None else "")
        self._take_up()

    def _take_up(self) -> None:
        """Show the layer that was chosen, and take its keys."""
        corrected = self.corrected
        if corrected is not None:
            self._hearing.to(
                (corrected.changed, self._show_state), (corrected.told, self._say)
            )
            self.bound.bind(corrected.layer, self.viewer)
            self.viewer.layers.selection.active = corrected.layer
        for box in (self.cells, self.review, self.provenance):
            box.show(corrected)
        self._show_state()

    def _let_go(self) -> None:
        self.desk.cancel()
        self.hand.disarm()
        self.bound.unbind()
        self.ask.drop()
        corrected, self.desk.corrected = self.corrected, None
        if corrected is not None:
            self._hearing.end()
            for box in (self.cells, self.review, self.provenance):
                box.show(None)

    def _on_active(self, event: Any = None) -> None:
        """Follow the user to other masks in napari's list."""
        active = self.viewer.layers.selection.active
        if active is not None and active is not self.layers.layer:
            self.layers.follow(active)

    def _on_armed(self) -> None:
        self.tools.show_armed(self.hand.armed)
        if self.hand.armed is None:
            # what comes next is the tool's
            self._hint = ""
        self._show_state()

    def _on_keys(self) -> None:
        for box in (self.tools, self.steps_tools):
            box.show_keys()
        if self.sheet.shown:
            self.sheet.show()
        if self.corrected is not None:
            self.bound.bind(self.corrected.layer, self.viewer)

    def _on_outlines(self, on: bool) -> None:
        self.provenance.on = on

    def _on_asked(self, words: str, number: int, take: Any) -> None:
        def give(answer: int) -> None:
            self.desk.do(take, answer)
            self._focus()

        self.ask.ask(words, number, give)

    def _on_review(self, what: str) -> None:
        review = self.review
        does = {
            "next": review.next,
            "accept": review.accept,
            "skip": review.skip,
            "check": review.toggle_checked,
        }
        does[what]()

    def _on_busy(self, busy: bool) -> None:
        if busy:
            self.progress.begin("Starting…")
        else:
            self.progress.end()
        self._show_state()

    def _on_step(self, step: Step) -> None:
        self.progress.step(step.words, step.done, step.total)

    def _say(self, words: str) -> None:
        kept = self._show_kept()
        self._wrong, self._hint = "" if words == kept else words, ""
        self._show_words()

    def _show_kept(self) -> str:
        """Say what is wrong with writing corrections down, for as long as it is."""
        corrected = self.corrected
        words = corrected.trouble if corrected is not None else ""
        self.kept.say(words)
        return words

    def _hint_at(self, words: str) -> None:
        self._wrong, self._hint = "", words
        self._show_words()

    def _show_state(self) -> None:
        corrected, armed = self.corrected, self.hand.armed
        lacking = corrected.lacking if corrected is not None else self._refusal
        there = corrected is not None and not lacking
        if lacking and armed is not None:
            self.hand.disarm()
            return
        self.hand.show()
        self.tools.enable(there and not self.desk.turns.running)
        timeline = corrected.corrections.timeline if corrected is not None else None
        self.steps.show_steps(timeline)
        self.undo_memory.show_steps(timeline)
        self.scope.offer(corrected.corrections if corrected is not None else None)
        nothing = GONE if self.layers.count() else NOTHING
        self._idle = START if there else lacking or nothing
        if there and armed is not None:
            words = f"{armed.title}: {armed.gesture}.", self._only_here(armed)
            self._idle = " ".join(filter(None, (*words, "Esc ends.")))
        self._show_kept()
        self._show_words()

    def _show_words(self) -> None:
        """Show what is wrong, else what comes next, else what the tool wants."""
        edge = WRONG if self._wrong else RIGHT
        self.advice.setStyleSheet(LOOK.format(edge))
        self.advice.setText(self._wrong or self._hint or self._idle)

    def _focus(self) -> None:
        """Let keys be heard: napari hears them where the picture has the focus."""
        canvas = canvas_of(self.viewer)
        if canvas is not None:
            canvas.setFocus()
