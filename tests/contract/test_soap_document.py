"""docs/contract.md is made from the XSD and the WSDL, and says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from lxml import etree

from agent.domain import canonical, canonical_reports
from agent.domain.canonical_codec import members
from agent.soap.contract import OPERATIONS, QUERIES, RETRYABLE, WSDL, XSD, document
from agent.soap.judge import WORDS
from agent.soap.messages import ITEMS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA: Any = etree.parse(XSD).getroot()
TYPES = {
    "Dossier": canonical.CanonicalDossier,
    "Procedure": canonical.CanonicalProcedure,
    "Party": canonical.CanonicalParty,
    "Component": canonical.CanonicalComponent,
    "File": canonical.CanonicalFile,
    "Fee": canonical.CanonicalFee,
    "Supplement": canonical.CanonicalSupplement,
    "Delivery": canonical.CanonicalDelivery,
    "DeliveredResult": canonical.CanonicalResult,
    "Withdrawal": canonical_reports.CanonicalWithdrawal,
    "Payment": canonical_reports.CanonicalPayment,
    "PaymentReport": canonical_reports.CanonicalPayments,
    "Answer": canonical_reports.CanonicalAnswer,
    "Satisfaction": canonical_reports.CanonicalSatisfaction,
}


def error_codes() -> set[str]:
    return {item.get("value") for item in SCHEMA.findall(f"{XS}simpleType[@name='KnownErrorCode']//{XS}enumeration")}


def test_the_page_is_what_the_command_makes_of_the_xsd_the_wsdl_and_the_vectors() -> None:
    assert document.made(PAGE) == PAGE, "run python -m agent.soap.contract.document --write"
    torn = PAGE.replace("| `GetReceipt` |", "| `GetTicket` |").replace("| `salt` | Salt |", "| `salt` | Key |")
    assert torn != PAGE and document.made(torn) == PAGE


def test_every_operation_is_in_the_xsd_the_wsdl_and_the_page() -> None:
    wrappers = {element.get("name") for element in SCHEMA.findall(f"{XS}element")}
    wsdl = WSDL.read_text(encoding="utf-8")
    assert wrappers == {*OPERATIONS, *(f"{name}Response" for name in OPERATIONS), "Fault"}
    for name in OPERATIONS:
        assert f"| `{name}` |" in PAGE
        assert wsdl.count(f'<wsdl:operation name="{name}">') == 2
    assert QUERIES < OPERATIONS


def test_every_error_code_is_explained_with_its_retryability() -> None:
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| (yes|no) \|", PAGE, re.M))
    assert set(told) == error_codes() == {*WORDS, "INTERNAL"}
    assert {code for code, retryable in told.items() if retryable == "yes"} == RETRYABLE


def test_every_field_is_explained() -> None:
    for kind in SCHEMA.findall(f"{XS}complexType"):
        section = PAGE.partition(f"### {kind.get('name')}\n")[2].partition("\n### ")[0]
        for element in kind.findall(f"{XS}sequence/{XS}element"):
            assert f"| `{element.get('name')}` |" in section, (kind.get("name"), element.get("name"))


def test_canonical_fields_and_xml_elements_are_the_same_in_the_same_order() -> None:
    for name, kind in TYPES.items():
        elements = SCHEMA.findall(f"{XS}complexType[@name='{name}']/{XS}sequence/{XS}element")
        assert [element.get("name") for element in elements] == [member.json for member in members(kind)], name
        assert len(fields(kind)) == len(elements)


def test_every_list_has_a_wrapper_that_both_sides_know() -> None:
    wrappers = {
        element.get("name"): inner.get("name")
        for element in SCHEMA.iter(f"{XS}element")
        for inner in element.findall(f"{XS}complexType/{XS}sequence/{XS}element[@maxOccurs]")
    }
    assert wrappers == ITEMS


def test_every_element_is_documented_in_both_languages() -> None:
    for part in SCHEMA.iter(f"{XS}element", f"{XS}simpleType"):
        if part.get("maxOccurs"):
            continue
        languages = {
            text.get("{http://www.w3.org/XML/1998/namespace}lang")
            for text in part.findall(f"{XS}annotation/{XS}documentation")
        }
        assert languages == {"vi", "en"}, part.get("name")


def test_the_page_shows_the_vectors_that_the_tests_use() -> None:
    vectors = json.loads((ROOT / "tests" / "contract" / "digest_vectors.json").read_text(encoding="utf-8"))
    assert len(vectors["payloads"]) == 5
    assert all(vector["sha256"] in PAGE for vector in vectors["payloads"])
    assert all(bucket["digest"] in PAGE for bucket in (vectors["bucket"], *vectors["buckets"]))
