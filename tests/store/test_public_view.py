"""What the citizen's pages ask of the store leaves the thread that asked free to see what comes next, and to write."""

from __future__ import annotations

import threading

from agent.store.citizen import OfficeSwitch, Switch, turn
from agent.store.public_view import phone_tracking_somewhere
from tests.store.build import NOW


def test_a_thread_that_was_asked_for_the_door_still_sees_and_writes_what_comes_later(store):
    def switch(office: str) -> None:
        with store.writing():
            turn(office, Switch.PHONE_TRACKING, True, by="minh", at=NOW)

    for office in ("BC-1", "BC-2", "BC-3"):
        switch(office)
    with store.reading():
        assert phone_tracking_somewhere()
    elsewhere = threading.Thread(target=lambda: (switch("BC-4"), store.database.close()))
    elsewhere.start()
    elsewhere.join(30)
    with store.reading():
        assert OfficeSwitch.select().count() == 4
    switch("BC-5")
