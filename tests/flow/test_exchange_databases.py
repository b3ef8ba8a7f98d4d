"""Reports to the province and the exchange of heads are the same on either database."""

from __future__ import annotations

import json

from agent.domain.canonical_zip import unpack
from agent.reconcile.anchors import ANCHORS
from agent.reconcile.bundle import make_bundle
from agent.reconcile.chains import breaks
from agent.reconcile.heads import exchange_heads
from agent.reconcile.verify import verify
from agent.tracking.province_reports import report_all
from agent.wiring import offline_checker
from tests.builders import OFFICE
from tests.flow.counter import Counter


def test_on_either_database_reports_and_heads_go_out_and_nothing_is_broken(either: Counter) -> None:
    whole = either.with_result()
    either.out(whole)
    taken = report_all(either.site)
    assert taken == (len(either.held("SELECT uid FROM custody")), 1) and taken[0] > 3
    assert report_all(either.site) == (0, 0)
    assert exchange_heads(either.site) and not exchange_heads(either.site)
    with either.site.store.reading():
        assert breaks(OFFICE, either.site.settings.terminal.id) == []
    bundle = make_bundle(either.site, whole.uid)
    members = unpack(bundle)
    assert len(json.loads(members[ANCHORS])) == len(json.loads(members["journal.json"]))
    assert verify(bundle, checker=offline_checker(either.clock)).consistent
