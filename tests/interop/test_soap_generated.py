"""gSOAP and JAX-WS, generated from the WSDL, speak every operation of the contract with the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.soap.contract import OPERATIONS
from tests.contract import test_soap_peers as steps
from tests.contract.sandbox_process import Sandbox
from tests.interop.soap_generated import GeneratedClient, generated, missing


@pytest.mark.parametrize("stack", ["gsoap", "jaxws"])
def test_every_operation_is_spoken_by_a_generated_client(stack: str, tmp_path: Path) -> None:
    if why := missing(stack):
        pytest.skip(why)
    work = tmp_path / "generated"
    work.mkdir()
    command = generated(stack, work)
    with Sandbox(tmp_path / "province") as province:
        address = province.endpoint if stack == "gsoap" else f"{province.endpoint}?wsdl"
        with GeneratedClient(command, address, tmp_path / "client.log") as peer:
            assert set(peer.operations) == set(OPERATIONS)
            steps.capable(peer)
            number = steps.handed_in(peer, province)
            steps.looked_up(peer)
            steps.followed(peer, province, number)
            steps.reported(peer, province, number)
            steps.reconciled(peer, province, number)
            steps.withdrawn(peer)
            assert set(peer.called) == set(OPERATIONS)
