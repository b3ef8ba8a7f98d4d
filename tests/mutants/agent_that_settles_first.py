"""An agent that says a page is read before it is: the test that kills it in the middle of a page must fail against it.

`python -m tests.mutants.agent_that_settles_first work …` is the worker with this one fault.
"""

from __future__ import annotations

import sys
import threading

from agent import cli, log
from agent.intake.reading import keep_text
from agent.jobs.read_pages import PageReaders
from agent.ports_text import READ, PageText
from agent.processes import Program as Sound
from agent.settings import load
from agent.store.papers import Page
from agent.store.readings import PageReading
from agent.wiring import page_readers


class Hasty(PageReaders):
    """Readers that settle a page, then read it."""

    def _work(self, row: PageReading, page: Page, stop: threading.Event) -> bool:
        keep_text(self.site, row, PageText(READ))
        return super()._work(row, page, stop)


class Program(Sound):
    """The program whose readers are hasty."""

    def work(self, *, parent: bool) -> int:
        stop, site = threading.Event(), self.site()
        sound = page_readers(site, helpers=True)
        hasty = Hasty(site, sound.read, 1, sound.find_data, sound.end)

        def end_with_parent() -> None:
            sys.stdin.buffer.read()
            stop.set()

        if parent:
            threading.Thread(target=end_with_parent, daemon=True).start()
        hasty.run(stop)
        return 0


if __name__ == "__main__":
    args = cli.parse(sys.argv[1:])
    settings = load(args.data, args.config)
    log.configure(settings.log_level)
    sys.exit(cli.run(args, Program(settings, config=args.config)))
