"""Guide: which procedures there are, and what each asks for."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from importlib import resources

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.catalogue import Catalogue, Procedure
from agent.domain.catalogue_toml import parse_catalogue
from agent.errors import RuleViolation
from agent.site import Site
from agent.store.catalogue import CatalogueEdition, newest_edition
from agent.store.dossiers import Dossier


def catalogue(site: Site) -> Catalogue:
    """The catalogue in use: the newest loaded edition, else the sample that ships with the product."""
    with site.store.reading():
        newest = newest_edition()
        return _parsed(sample_text()) if newest is None else _edition(newest)


def load_catalogue(site: Site, text: str, *, by: Actor) -> Catalogue:
    """Put a new edition in use; every version that open dossiers name must still be in it."""
    fresh = parse_catalogue(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with site.store.writing():
        used = Dossier.select(Dossier.procedure_code, Dossier.procedure_version).distinct()
        pairs = {(one.procedure_code, one.procedure_version) for one in used}
        missing = [f"{code} phiên bản {version}" for code, version in sorted(pairs - set(fresh.procedures))]
        if missing:
            raise RuleViolation(f"Danh mục mới thiếu {', '.join(missing)} mà hồ sơ đang dùng. Thêm vào rồi nạp lại.")
        if not CatalogueEdition.select().where(CatalogueEdition.sha256 == sha256).exists():
            CatalogueEdition.create(sha256=sha256, text=text, loaded_at=site.clock.now(), loaded_by=by.username)
    return fresh


def procedure_of(site: Site, dossier: Dossier) -> Procedure:
    """The procedure version under which a dossier was received."""
    return catalogue(site).procedure(dossier.procedure_code, dossier.procedure_version)


def today(site: Site) -> date:
    """The local day at the counter."""
    return local(site.clock.now()).date()


def sample_text() -> str:
    """The sample catalogue's TOML."""
    return _data("catalogue_sample.toml")


def _data(name: str) -> str:
    return resources.files("agent.domain").joinpath("data", name).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _parsed(text: str) -> Catalogue:
    return parse_catalogue(text)


@lru_cache(maxsize=4)
def _edition(sha256: str) -> Catalogue:
    return parse_catalogue(CatalogueEdition.get(CatalogueEdition.sha256 == sha256).text)
