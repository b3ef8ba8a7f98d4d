"""Pictures that come at the same time share one budget of memory, however many pixels each has."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent.tracking.phones.picture_room import PicturesBusy, Room

MEGABYTE = 1 << 20
# Prints by how many megabytes the process grew at most while 12 pictures of 36 million pixels were checked at once.
CROWD = """
import io, resource, threading
from PIL import Image
from agent.tracking.phones.codes import codes_on
from agent.tracking.phones.pictures import kind_of
made = io.BytesIO()
Image.new("RGBA", (6000, 6000)).save(made, "PNG", compress_level=1)
data, said = made.getvalue(), []
del made
kind_of(data)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
crowd = [threading.Thread(target=lambda: said.append(kind_of(data))) for _ in range(12)]
[one.start() for one in crowd]
[one.join() for one in crowd]
assert said == ["image/png"] * 12
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs Linux: the peak of a process's memory")
def test_a_crowd_of_large_pictures_takes_no_more_memory_than_one_or_two():
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, cwd=root, check=True)
    assert int(done.stdout) < 100  # the first took 144; a dozen at once would add 1,500


def test_who_came_first_goes_first_and_nobody_waits_for_ever():
    room, order = Room(10 * MEGABYTE, patience=30), []
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with room.taken(8 * MEGABYTE):
            inside.set()
            leave.wait(30)

    first = threading.Thread(target=hold)
    first.start()
    inside.wait(30)
    with room.taken(2 * MEGABYTE):
        order.append("small beside large")
    leave.set()
    first.join()
    with room.taken(500 * MEGABYTE):  # more than there is: alone
        order.append("all")
    with room.taken(10 * MEGABYTE):
        order.append("free again")
    assert order == ["small beside large", "all", "free again"]


def test_who_finds_no_room_in_time_is_told_that_the_phone_sends_it_again():
    room = Room(3, patience=0)
    with room.taken(2), pytest.raises(PicturesBusy, match="tự gửi lại"), room.taken(2):
        pass
    with room.taken(3):
        pass
