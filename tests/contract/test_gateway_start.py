"""What a gateway costs before it is used: nothing heavy is loaded, no file is read, no address is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from agent.soap.gateway import SoapGateway
SoapGateway("http://127.0.0.1:1/", connect_timeout=.1)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"lxml", "zeep", "requests", "cryptography"}))
try:
    SoapGateway("http://127.0.0.1:1/", connect_timeout=.1).upload_state("0" * 64)
except Exception as error:
    print(type(error).__name__, *({name.partition(".")[0] for name in sys.modules} & {"zeep", "requests"}))
"""


def test_a_gateway_is_there_without_xml_and_its_first_call_without_a_soap_library() -> None:
    """zeep alone takes 180 ms to import: more than a gateway may take to start."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "\nHandoffUnavailable\n"
