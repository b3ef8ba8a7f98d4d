"""Clients of the contract that gSOAP and JAX-WS generate from its WSDL, called over XML on their input."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.domain.canonical import canonical_json, digest
from agent.soap.contract import WSDL
from agent.soap.messages import element_of, plain_of
from tests.interop.soap_peers import HERE

JAVA = Path("/usr/share/java")
JARS = """
    FastInfoset gmbal istack-commons-runtime javax.activation javax.xml.soap-api jaxb-api jaxb-core jaxb-runtime
    jaxws-api jaxws-rt jws-api metro-policy mimepull saaj-impl stax-ex streambuffer txw2 xml-resolver
"""
TOOLS: Mapping[str, tuple[str, str]] = {
    "gsoap": ("wsdl2h soapcpp2 g++", "apt-get install gsoap libgsoap-dev g++"),
    "jaxws": ("wsimport javac java", "apt-get install jaxws default-jdk-headless"),
}


def missing(stack: str) -> str:
    """Why this stack cannot be had here; empty when it can."""
    tools, remedy = TOOLS[stack]
    absent = [tool for tool in tools.split() if shutil.which(tool) is None]
    return f"no {', '.join(absent)} here: {remedy}" if absent else ""


def generated(stack: str, folder: Path) -> list[str]:
    """Generate and compile the client in `folder`; the command that runs it, but for the address."""
    for path in WSDL.parent.glob("tthc.*"):
        shutil.copy(path, folder)
    return MAKE[stack](folder)


def _gsoap(folder: Path) -> list[str]:
    from agent.soap.contract import OPERATIONS

    _run(folder, "wsdl2h", "-c++11", "-o", "tthc.h", "tthc.wsdl")
    _run(folder, "soapcpp2", "-C", "-j", "-x", "-I/usr/share/gsoap/import", "tthc.h")
    (folder / "operations.inc").write_text(",\n".join(f"OPERATION({name})" for name in OPERATIONS) + "\n")
    sources = ["soapC.cpp", "soapTthcBindingProxy.cpp", str(HERE / "soap_client.cpp")]
    _run(folder, "g++", "-std=c++17", "-O0", "-w", "-I.", *sources, "-lgsoap++", "-o", "client")
    return [str(folder / "client")]


def _jaxws(folder: Path) -> list[str]:
    path = ":".join(["out", *(str(JAVA / f"{name}.jar") for name in JARS.split())])
    bindings = folder / "bindings.xml"
    shutil.copy(HERE / "soap_bindings.xml", bindings)
    _run(folder, "wsimport", "-keep", "-Xnocompile", "-p", "vn.tthc", "-d", ".", "-b", str(bindings), "tthc.wsdl")
    made = [str(one.relative_to(folder)) for one in sorted(folder.glob("vn/tthc/*.java"))]
    _run(folder, "javac", "-proc:none", "-nowarn", "-d", "out", "-cp", path, *made, str(HERE / "SoapClient.java"))
    return ["java", "-cp", path.replace("out:", f"{folder / 'out'}:", 1), "SoapClient"]


MAKE: Mapping[str, Callable[[Path], list[str]]] = {"gsoap": _gsoap, "jaxws": _jaxws}


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command[0]}: {(done.stdout + done.stderr)[-2000:]}"


class GeneratedClient:
    """Speaks as `soap_peers.Client` does; requests and answers pass through the generated classes."""

    def __init__(self, command: list[str], address: str, log: Path) -> None:
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.called: list[str] = []
        self.operations = self._heard()[1].split(",")

    def __enter__(self) -> GeneratedClient:
        return self

    def __exit__(self, *_given: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def ask(self, operation: str, *, signed: Any = None, **values: Any) -> dict[str, Any]:
        """The answer's values, or {"fault": …}; `payloadDigest` is made here of what is `signed`."""
        from lxml import etree

        assert self._process.stdin
        if signed is not None:
            values["payloadDigest"] = digest(canonical_json(signed))
        self.called.append(operation)
        request = base64.b64encode(etree.tostring(element_of(operation, values))).decode()
        self._process.stdin.write(f"{operation} {request}\n")
        self._process.stdin.flush()
        word, said = self._heard()
        assert word != "broken", f"{operation}: {said[:500]}"
        if word == "fault":
            code, retryable, field = (said + "  ").split(" ")[:3]
            return {"fault": {"errorCode": code, "retryable": retryable == "true", "field": field}}
        answer = _typed(plain_of(etree.fromstring(base64.b64decode(said))))
        return answer if isinstance(answer, dict) else {}

    def upload(self, data: bytes, *, chunk: int) -> dict[str, Any]:
        """Ask how much is there, send the rest in chunks; the last answer, with the number of chunks."""
        sha256, chunks = digest(data), 0
        state = self.ask("GetUploadState", sha256=sha256)
        while not state["complete"]:
            offset = int(state["received"])
            part = data[offset : offset + chunk]
            state = self.ask(
                "PutDocumentChunk", sha256=sha256, offset=offset, total=len(data), chunkSha256=digest(part), bytes=part
            )
            chunks += 1
        return {**state, "chunks": chunks}

    def _heard(self) -> tuple[str, str]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the client ended with {self._process.poll()}"
        word, _, said = line.rstrip("\n").partition(" ")
        return word, said


def _typed(value: Any) -> Any:
    """Booleans as such, as other stacks show them."""
    if isinstance(value, dict):
        return {name: _typed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return value == "true" if value in ("true", "false") else value
