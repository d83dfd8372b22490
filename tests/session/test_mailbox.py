from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from napari_cellseg.session import Mailbox, Request

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe


def test_the_latest_request_wins(recipe: Recipe) -> None:
    mailbox = Mailbox()
    for number in (1, 2, 3):
        mailbox.put(Request(number, 0, recipe))
    taken = mailbox.take()
    assert taken is not None
    assert taken.number == 3


def test_closing_lets_a_waiting_worker_go() -> None:
    mailbox = Mailbox()
    taken: list[object] = []
    worker = Thread(target=lambda: taken.append(mailbox.take()), daemon=True)
    worker.start()
    mailbox.close()
    worker.join(5)
    assert taken == [None]
