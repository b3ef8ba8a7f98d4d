"""An agent that mints a new key on each retry: the tests that prove "exactly one dossier" must fail against it.

`python -m tests.mutants.agent_with_new_keys serve …` is the program with this one fault.
"""

from __future__ import annotations

import sys
import threading

from agent import cli, log
from agent.jobs import hand_off, schedule
from agent.jobs.runner import Settlement, Worker
from agent.processes import HANDOFF
from agent.processes import Program as Sound
from agent.settings import load
from agent.site import Site
from agent.store.outbox import Job


def submit(site: Site, job: Job) -> Settlement:
    """Each try is a message of its own."""
    job.key = f"{job.key}.{job.attempts}"
    return hand_off.hand_over(site, job)


class Program(Sound):
    """The program whose worker forgets what it sent."""

    def _command(self, *words: str) -> list[str]:
        command = super()._command(*words)
        return [__spec__.name if word == "agent" else word for word in command]

    def work(self, *, parent: bool) -> int:
        stop, site = threading.Event(), self.site()

        def end_with_parent() -> None:
            sys.stdin.buffer.read()
            stop.set()

        if parent:
            threading.Thread(target=end_with_parent, daemon=True).start()
        threading.Thread(target=schedule.run, args=(site, stop), daemon=True).start()
        Worker(site, {**hand_off.HANDLERS, "submit": submit}, (HANDOFF,), "T1:send").run(stop)
        return 0


if __name__ == "__main__":
    args = cli.parse(sys.argv[1:])
    settings = load(args.data, args.config)
    log.configure(settings.log_level)
    sys.exit(cli.run(args, Program(settings, config=args.config)))
