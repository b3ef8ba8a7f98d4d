"""Reads a WSDL 1.1 (SOAP 1.1, document/literal wrapped) and compiles its schema, from local files only."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ConfigError

if TYPE_CHECKING:
    from lxml import etree

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
XS = "http://www.w3.org/2001/XMLSchema"
_compiling = threading.Lock()  # libxml2 makes its table of types with the first schema; two at once spoil it


@dataclass(frozen=True)
class Operation:
    """One operation: its wrapper elements as lxml writes names, and its SOAPAction."""

    name: str
    request: str
    response: str
    action: str


@dataclass(frozen=True)
class Service:
    """What a WSDL says: operations by name, the address in it, and the schemas it is made of."""

    operations: Mapping[str, Operation]
    address: str
    schemas: tuple[Any, ...] = field(repr=False)  # every xs:schema element, inline and included
    _inline: tuple[Any, ...] = field(repr=False)
    _threads: Any = field(default_factory=threading.local, repr=False)

    def first_fault(self, element: etree._Element) -> str:
        """The path of the first field that breaks the schema, empty when all is well; never a value of it."""
        held: list[etree.XMLSchema] | None = getattr(self._threads, "compiled", None)
        if held is None:
            with _compiling:
                held = self._compile()
            self._threads.compiled = held
        faults = []
        for schema in held:
            if schema.validate(element):
                return ""
            entries: Any = schema.error_log
            faults += [_place(element, entry.path) for entry in entries]
        return min(faults, key=lambda text: text.count("/") == 0, default="?") or "?"

    def _compile(self) -> list[etree.XMLSchema]:
        from lxml import etree

        try:
            return [etree.XMLSchema(etree.ElementTree(one)) for one in self._inline]
        except etree.XMLSchemaParseError as error:
            raise ConfigError(f"Lược đồ của WSDL không dùng được: {error}. Sửa XSD rồi kiểm tra lại.") from None


def read_wsdl(path: Path) -> Service:
    """The service of a WSDL file; ConfigError says what it lacks. Nothing is fetched from the network."""
    root = _parse(path)
    if root.tag != f"{{{WSDL}}}definitions":
        raise ConfigError(f"{path.name} không phải WSDL 1.1 (không có wsdl:definitions). Lấy đúng tệp WSDL của tỉnh.")
    schemas, inline = _schemas(root, path)
    operations = _operations(root)
    if not operations:
        raise ConfigError(f"{path.name}: không có thao tác SOAP 1.1 document/literal nào. Lấy đúng tệp WSDL của tỉnh.")
    found = root.find(f".//{{{SOAP}}}address")
    return Service(operations, found.get("location", "") if found is not None else "", schemas, inline)


def _operations(root: etree._Element) -> dict[str, Operation]:
    elements = {}
    for message in root.findall(f"{{{WSDL}}}message"):
        part = message.find(f"{{{WSDL}}}part")
        if part is not None and part.get("element"):
            elements[str(message.get("name"))] = resolve(part, str(part.get("element")))
    actions = {
        str(one.getparent().get("name")): str(one.get("soapAction") or "")  # type: ignore[union-attr]
        for one in root.iterfind(f".//{{{SOAP}}}operation")
    }
    made = {}
    for one in root.iterfind(f"{{{WSDL}}}portType/{{{WSDL}}}operation"):
        ends = [one.find(f"{{{WSDL}}}{kind}") for kind in ("input", "output")]
        names = [str(end.get("message")).rpartition(":")[2] if end is not None else "" for end in ends]
        name = str(one.get("name"))
        if name in actions and all(each in elements for each in names):
            made[name] = Operation(name, elements[names[0]], elements[names[1]], actions[name])
    return made


def _schemas(root: etree._Element, path: Path) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Every schema element that the WSDL is made of, and its inline ones, each able to stand alone."""
    inline = [_standalone(one, path) for one in root.iterfind(f"{{{WSDL}}}types/{{{XS}}}schema")]
    found, waiting, seen = list[Any](), [(one, path) for one in inline], set[Path]()
    while waiting:
        schema, home = waiting.pop(0)
        found.append(schema)
        for kind in ("import", "include"):
            for one in schema.iterfind(f"{{{XS}}}{kind}"):
                place = one.get("schemaLocation")
                if not place or (file := home.parent / place) in seen:
                    continue
                if "://" in place:
                    raise ConfigError(
                        f"{home.name} trỏ tới lược đồ {place} trên mạng. Tải tệp đó về cạnh WSDL và sửa schemaLocation."
                    )
                seen.add(file)
                waiting.append((_parse(file), file))
    return tuple(found), tuple(inline)


def _standalone(schema: etree._Element, path: Path) -> etree._Element:
    """A copy of an inline schema with every namespace in scope, and the WSDL's folder as its base."""
    from lxml import etree

    spaces: Any = schema.nsmap
    made = etree.Element(schema.tag, {str(name): str(value) for name, value in schema.items()}, spaces)
    made.extend(list(etree.fromstring(etree.tostring(schema))))
    return etree.fromstring(etree.tostring(made), base_url=str(path))


def _parse(path: Path) -> etree._Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.parse(path, parser).getroot()
    except OSError:
        raise ConfigError(f"Không đọc được {path}. Đặt tệp cạnh hồ sơ kết nối, hoặc sửa tên tệp.") from None
    except etree.XMLSyntaxError as error:
        raise ConfigError(f"{path.name} không phải XML hợp lệ: {error}.") from None


def resolve(element: etree._Element, name: str) -> str:
    """A QName in an attribute as lxml writes names."""
    prefix, _, local = name.rpartition(":")
    space = element.nsmap.get(prefix or None)
    return f"{{{space}}}{local}" if space else local


def _place(element: etree._Element, path: str | None) -> str:
    """An XPath of libxml2 (`/p:a/*[2]/p:b[1]`) as local names joined by "/", without the wrapper; never a value."""
    names, at = list[str](), element
    for step in (path or "").strip("/").split("/")[1:]:
        name, _, number = step.rstrip("]").partition("[")
        local = name.rpartition(":")[2]
        found = [one for one in at if local in ("*", local_name(one))]
        place = int(number or 1) - 1
        if place >= len(found):
            break
        at = found[place]
        names.append(local_name(at))
    return "/".join(names) or local_name(element)


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
