"""Writes what the XSD, the WSDL and the vectors say into docs/contract.md (`python -m …document --write`)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from agent.soap.contract import QUERIES, RETRYABLE, REVISION, WSDL, XSD

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "contract.md"
VECTORS: Final = PAGE.parents[1] / "tests" / "contract" / "digest_vectors.json"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
WS: Final = "{http://schemas.xmlsoap.org/wsdl/}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_SECTION: Final = re.compile(r"<!-- made: ([a-z]+) -->\n.*?<!-- /made -->", re.S)

REPEATING: Final[Mapping[str, str]] = {
    "AllocateNumber": "same `key`: same number",
    "PutDocumentChunk": "bytes already received are not written again",
    "ReportCustody": "same `uid` and content: counted as duplicate",
}
"""What makes a repetition harmless, where it is not the rule of keys and digests."""


def made(page: str) -> str:
    """The page with every section between `<!-- made: name -->` and `<!-- /made -->` made anew."""
    from lxml import etree

    schema: Any = etree.parse(XSD).getroot()

    def section(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"<!-- made: {name} -->\n{_SECTIONS[name](schema)}\n<!-- /made -->"

    return _SECTION.sub(section, page)


# --- sections ----------------------------------------------------------------------------------
def _facts(schema: Any) -> str:
    from lxml import etree

    wsdl: Any = etree.parse(WSDL).getroot()
    service = wsdl.find(f"{WS}service")
    rows = [
        ("namespace", f"`{schema.get('targetNamespace')}`, elements {schema.get('elementFormDefault')}"),
        ("revision", f"{REVISION} (schema version {schema.get('version')})"),
        ("service, port", f"`{service.get('name')}`, `{service.find(f'{WS}port').get('name')}`"),
        ("operations", str(len(wsdl.findall(f"{WS}portType/{WS}operation")))),
    ]
    return _table(("fact", "value"), rows)


def _operations(schema: Any) -> str:
    from lxml import etree

    wrappers = {one.get("name"): one for one in schema.findall(f"{XS}element")}
    rows = []
    wsdl: Any = etree.parse(WSDL).getroot()
    for one in wsdl.findall(f"{WS}portType/{WS}operation"):
        name = one.get("name")
        vi, en = _words(wrappers[name])
        again = "query" if name in QUERIES else REPEATING.get(name, "same `key` and `payloadDigest`: original receipt")
        ask, answer = (_names(wrappers[wrapper]) for wrapper in (name, f"{name}Response"))
        rows.append((f"`{name}`", f"{vi}. {en}", ask, answer, again))
    return _table(("operation", "national name and meaning", "request", "answer", "repeating it"), rows)


def _fields(schema: Any) -> str:
    parts = []
    for kind in schema.findall(f"{XS}complexType"):
        vi, en = _words(kind)
        rows = [
            (f"`{one.get('name')}`", _type_of(one), *_words(one)) for one in kind.findall(f"{XS}sequence/{XS}element")
        ]
        table = _table(("field", "type", "national name", "meaning"), rows)
        parts.append(f"### {kind.get('name')}\n\n{en} ({vi}).\n\n{table}")
    return "\n" + "\n\n".join(parts) + "\n"


def _types(schema: Any) -> str:
    rows = []
    for kind in schema.findall(f"{XS}simpleType"):
        if kind.get("name") != "KnownErrorCode":
            rows.append((f"`{kind.get('name')}`", _facets(kind), *_words(kind)))
    return _table(("type", "facets", "nghĩa", "meaning"), rows)


def _errors(schema: Any) -> str:
    rows = []
    for one in schema.findall(f"{XS}simpleType[@name='KnownErrorCode']/{XS}restriction/{XS}enumeration"):
        code = one.get("value")
        vi, en = _words(one)
        rows.append((f"`{code}`", "yes" if code in RETRYABLE else "no", en, vi))
    return _table(("errorCode", "retryable", "meaning", "nghĩa"), rows)


def _vectors(_schema: Any) -> str:
    held = json.loads(VECTORS.read_text(encoding="utf-8"))
    rows = [(f"{one['name']} ({one['kind']})", f"`{one['sha256']}`") for one in held["payloads"]]
    buckets = [
        (f"`{one['bucket']}`", str(one["count"]), f"`{one['digest']}`") for one in (held["bucket"], *held["buckets"])
    ]
    smallest, whole = held["payloads"][0], held["payloads"][1]
    return "\n".join(
        [
            _table(("name", "digest"), rows),
            "",
            _table(("bucket", "count", "digest"), buckets),
            "",
            f"The canonical JSON of the {smallest['name']}, one line:",
            "",
            f"```json\n{smallest['canonical']}\n```",
            "",
            f"The {whole['name']} with every field, laid out for reading (the digest is of the canonical form):",
            "",
            f"```json\n{json.dumps(whole['value'], ensure_ascii=False, indent=1)}\n```",
        ]
    )


_SECTIONS: Final[Mapping[str, Callable[[Any], str]]] = {
    "facts": _facts,
    "operations": _operations,
    "fields": _fields,
    "types": _types,
    "errors": _errors,
    "vectors": _vectors,
}


# --- pieces ------------------------------------------------------------------------------------
def _words(part: Any) -> tuple[str, str]:
    """The Vietnamese and the English documentation of a part."""
    said = {text.get(LANG): text.text or "" for text in part.findall(f"{XS}annotation/{XS}documentation")}
    return said["vi"], said["en"]


def _names(wrapper: Any) -> str:
    parts = wrapper.findall(f"{XS}complexType/{XS}sequence/{XS}element")
    return ", ".join(f"`{one.get('name')}`" for one in parts) or "none"


def _type_of(part: Any) -> str:
    item = part.find(f"{XS}complexType/{XS}sequence/{XS}element")
    if item is not None:
        return f"list of `{item.get('name')}`: {_plain(item)}, at most {item.get('maxOccurs')}"
    return _plain(part) + (", may be absent" if part.get("minOccurs") == "0" else "")


def _plain(part: Any) -> str:
    return str(part.get("type")).rpartition(":")[2]


def _facets(kind: Any) -> str:
    restriction = kind.find(f"{XS}restriction")
    if restriction is None:
        return "union of " + ", ".join(_bare(name) for name in kind.find(f"{XS}union").get("memberTypes").split())
    base, said = _bare(restriction.get("base")), []
    values = [one.get("value") for one in restriction.findall(f"{XS}enumeration")]
    if values:
        said.append(", ".join(f"`{one}`" for one in values))
    for one in restriction:
        name = str(one.tag).removeprefix(XS)
        if name in ("pattern", "maxLength", "minLength", "minInclusive", "maxInclusive"):
            value = one.get("value").replace("|", "\\|")
            said.append(f"`{value}`" if name == "pattern" else f"{name} {value}")
    return f"{base}: {'; '.join(said)}" if said else base


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines: list[Sequence[str]] = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    text = made(PAGE.read_text(encoding="utf-8"))
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
