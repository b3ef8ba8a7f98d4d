"""Agent and province on a bad line, killed and filled up: nothing is lost, nothing doubled, each dossier ends."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.audit import audit, ends
from tests.faults.bulk import furnish
from tests.faults.campaign import EVEN, Campaign, Spec
from tests.faults.proxy import WIRE_FAULTS, Plan, Proxy, spread_blows

SEED, DOSSIERS, FEW = 20, 30, 6
BLOWS = {"kill-worker": 1, "kill-province": 2, "full-worker": 1, "full-province": 1}
OFTEN = {"cut-after": 0.1, "duplicate": 0.08}
SENT_TWICE = {("SubmitDossier", nth): name for nth, name in enumerate(("cut-after", "duplicate", "cut-after"))}
"""The first dossiers reach the province and their answers do not, or they reach it twice: not left to the odds."""
MUTANTS: dict[str, tuple[Spec, str]] = {
    "a province without de-duplication": (
        Spec(SEED, FEW, {}, OFTEN, placed=SENT_TWICE, desk="tests.mutants.province_without_dedup:ForgetfulSubmissions"),
        "duplicated",
    ),
    "an agent with a new key for each try": (
        Spec(SEED, FEW, {}, OFTEN, placed=SENT_TWICE, program="tests.mutants.agent_with_new_keys:Program"),
        "but the province holds it",
    ),
    "a receipt that is not stored with its dossier": (
        Spec(
            SEED,
            FEW,
            {"kill-province": 3},
            {},
            desk="tests.mutants.province_with_late_receipts:LateReceipts",
            often={"SubmitDossier": 1},
            reach=0.3,
            late=0.0,
        ),
        "0 receipts for it",
    ),
}
"""Each with what of it must be found."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE: only on Windows there is none")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A data folder in which all dossiers wait, and one in which a few do."""
    folder = tmp_path_factory.mktemp("furnished")
    few = furnish(folder, FEW, seed=SEED)
    shutil.copytree(folder, folder.with_name("few"))
    yield folder, few + furnish(folder, DOSSIERS - FEW, seed=SEED + 1)


def test_a_small_campaign_loses_nothing_doubles_nothing_and_ends(
    tmp_path: Path, furnished: tuple[Path, list[str]]
) -> None:
    folder, names = furnished
    shutil.copytree(folder, tmp_path / "data")
    spec = Spec(SEED, DOSSIERS, BLOWS, placed=SENT_TWICE, speed=40.0, calm=0.4, limit=120.0)
    campaign = Campaign(tmp_path, spec).run()
    wrong = audit(campaign.data, campaign.province_folder, names)
    print(f"\n{campaign.seconds:.1f} s, {campaign.proxy.operations.total()} exchanges, {campaign.proxy.counts()}")
    assert wrong == []
    assert campaign.fallen == BLOWS and campaign.deaths.total() == 0
    assert ends(campaign.data)["acked"] >= DOSSIERS * 2 // 3


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_campaign_finds_out(mutant: str, tmp_path: Path, furnished: tuple[Path, list[str]]) -> None:
    folder, names = furnished
    shutil.copytree(folder.with_name("few"), tmp_path / "data")
    spec, sign = MUTANTS[mutant]
    campaign = Campaign(tmp_path, replace(spec, speed=40.0, calm=0.5, limit=60.0)).run()
    assert any(sign in one for one in audit(campaign.data, campaign.province_folder, names[:FEW]))


# --- the seed ----------------------------------------------------------------------------------
@contextmanager
def echo() -> Iterator[int]:
    """A server that answers every request with 200 and the request's body."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve(client: socket.socket) -> None:
            with client, suppress(OSError):
                while asked := client.recv(65_536):
                    body = asked.partition(b"\r\n\r\n")[2]
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

        def listen() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1]


def heard(seed: int, exchanges: int = 60) -> tuple[list[tuple[int, str]], list[bytes]]:
    """What a proxy of that seed did to a row of requests, and what its client heard."""
    odds = {name: 0.08 for name in WIRE_FAULTS if name != "black-hole"}
    said = []
    with echo() as port:
        proxy = Proxy(("127.0.0.1", port), Plan(seed, odds))
        for number in range(exchanges):
            body = f"<message>{number:040}</message>".encode()
            head = b'POST /x HTTP/1.1\r\nSOAPAction: "urn:x#SubmitDossier"\r\nContent-Length: %d\r\n\r\n' % len(body)
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
                client.sendall(head + body)
                client.shutdown(socket.SHUT_WR)
                answer = bytearray()
                while piece := client.recv(65_536):
                    answer += piece
            said.append(bytes(answer))
        proxy.close()
    return proxy.happened, said


def test_the_same_seed_spoils_the_same_exchanges_in_the_same_way() -> None:
    first, again, other = heard(7), heard(7), heard(8)
    assert first == again
    assert first[0] != other[0]
    assert {name for _, name in first[0]} == set(WIRE_FAULTS) - {"black-hole"}


def test_what_is_placed_at_an_exchange_happens_whatever_the_seed_draws() -> None:
    for seed in range(20):
        plan = Plan(seed, EVEN, placed=SENT_TWICE)
        drawn = [plan.draw(number, *place) for number, place in enumerate(SENT_TWICE)]
        assert [(one.fault, one.placed) for one in drawn] == [(name, True) for name in SENT_TWICE.values()]
        assert not plan.draw(0, "PutDocumentChunk", 0).placed


def test_the_same_seed_draws_the_same_blows() -> None:
    counts = {"kill-worker": 25, "kill-province": 25}
    drawn = [spread_blows(seed, counts, 2000) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sorted(drawn[0].values()) == ["kill-province"] * 25 + ["kill-worker"] * 25
    plan = Plan(1, EVEN, drawn[0])
    assert [plan.draw(n, *place) for n, place in enumerate(drawn[0])] == [
        plan.draw(n, *place) for n, place in enumerate(drawn[1])
    ]
