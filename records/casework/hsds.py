"""HSDS documents of services: what a search needs out of one, and a form's fields put into one.

Pure: a document comes in and goes out, and whatever stands in it that we do not know stays as it was. What a
hotline must know beyond HSDS (needs, who is served, warnings) stands in `attributes` under taxonomies of ours,
so that another directory can carry it along.
"""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

TAXONOMIES = {"need": "lantern-need", "serves": "lantern-serves", "flag": "lantern-flag"}
_OURS = uuid.UUID("5b1f3c6e-6a0e-4c83-9f57-9c2c1b8f5a10")  # terms of ours have the same id in every installation
_COUNTRY_LETTERS = 2
_LATITUDES, _LONGITUDES = 90, 180

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service is."""

    city: str
    country: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a search needs of a document."""

    uid: uuid.UUID
    name: str
    organization: str
    status: str
    minimum_age: int | None
    maximum_age: int | None
    last_checked: dt.date | None
    tags: frozenset[tuple[str, str]]  # (kind, value)
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceForm:
    """What staff type about a service; empty texts are left out of the document."""

    name: str
    organization: str
    status: str = "active"
    description: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""
    hours: str = ""
    how_to: str = ""  # how to get in
    fees: str = ""
    eligibility: str = ""
    alert: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    address: str = ""
    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    languages: tuple[str, ...] = ()
    names_of_languages: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def known(document: Document) -> Known:
    """What a search needs. The document was judged before (`content.hsds`)."""
    places = tuple(_places(document))
    tags = {("country", place.country) for place in places if place.country}
    tags |= {("country", code) for code in _areas(document)}
    tags |= {("language", code) for code in _languages(document)}
    tags |= {(kind, value) for kind in TAXONOMIES for value in facets(document, kind)}
    return Known(
        uid=uuid.UUID(document["id"]),
        name=document["name"],
        organization=str((document.get("organization") or {}).get("name") or ""),
        status=document["status"],
        minimum_age=_whole(document.get("minimum_age")),
        maximum_age=_whole(document.get("maximum_age")),
        last_checked=_date(document.get("assured_date")),
        tags=frozenset(tags),
        places=places,
    )


def facets(document: Document, kind: str) -> tuple[str, ...]:
    """The values of one of our taxonomies in this document."""
    found = []
    for row in document.get("attributes") or ():
        term = row.get("taxonomy_term") or {}
        if term.get("taxonomy") == TAXONOMIES[kind] and term.get("code"):
            found.append(str(term["code"]))
    return tuple(found)


def with_facets(document: Document, kind: str, values: Sequence[str]) -> Document:
    """The document with exactly these values of one of our taxonomies; attributes of others stay."""
    after = copy.deepcopy(document)
    rows = [
        row
        for row in after.get("attributes") or ()
        if (row.get("taxonomy_term") or {}).get("taxonomy") != TAXONOMIES[kind]
        or (row.get("taxonomy_term") or {}).get("code") in values
    ]
    have = set(facets(after, kind))
    rows += [_attribute(after["id"], kind, value) for value in values if value not in have]
    after["attributes"] = rows
    if not rows:
        del after["attributes"]
    return after


def checked(document: Document, on: dt.date) -> Document:
    """The document with the day on which somebody made sure that it is right."""
    return {**document, "assured_date": on.isoformat()}


def form_of(document: Document) -> ServiceForm:
    """What stands in the document, as a form shows it."""
    place = next(iter(_locations(document)), {})
    address: Document = next(iter(place.get("addresses") or ()), {})
    return ServiceForm(
        name=document["name"],
        organization=str((document.get("organization") or {}).get("name") or ""),
        status=document["status"],
        description=document.get("description") or "",
        phone=str(_first(document, "phones").get("number") or ""),
        email=document.get("email") or "",
        url=document.get("url") or "",
        hours=str(_first(document, "schedules").get("description") or ""),
        how_to=document.get("application_process") or "",
        fees=document.get("fees_description") or "",
        eligibility=document.get("eligibility_description") or "",
        alert=document.get("alert") or "",
        minimum_age=_whole(document.get("minimum_age")),
        maximum_age=_whole(document.get("maximum_age")),
        address=_told(address.get("address_1")),
        city=_told(address.get("city")),
        country=_country(address.get("country")) or next(iter(_areas(document)), ""),
        latitude=place.get("latitude"),
        longitude=place.get("longitude"),
        languages=tuple(dict.fromkeys(row["code"] for row in document.get("languages") or () if row.get("code"))),
        needs=facets(document, "need"),
        serves=facets(document, "serves"),
        flags=facets(document, "flag"),
    )


def with_form(form: ServiceForm, document: Document | None = None) -> Document:
    """The document with what the form says; what the form does not know stays."""
    after: Document = copy.deepcopy(document) if document else {"id": str(uuid.uuid4())}
    after["name"], after["status"] = form.name, form.status
    texts = {
        "description": form.description,
        "email": form.email,
        "url": form.url,
        "application_process": form.how_to,
        "fees_description": form.fees,
        "eligibility_description": form.eligibility,
        "alert": form.alert,
        "minimum_age": form.minimum_age,
        "maximum_age": form.maximum_age,
    }
    _put(after, texts)
    organization = after.setdefault("organization", {"id": str(uuid.uuid4())})
    organization["name"] = form.organization or form.name
    organization.setdefault("description", organization["name"])
    _put_first(after, "phones", "number", form.phone)
    _put_first(after, "schedules", "description", form.hours)
    _put_languages(after, form)
    _put_place(after, form)
    for kind, values in (("need", form.needs), ("serves", form.serves), ("flag", form.flags)):
        after = with_facets(after, kind, values)
    return after


def _put(row: Document, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value in ("", None):
            row.pop(name, None)
        else:
            row[name] = value


def _put_first(document: Document, table: str, column: str, value: str) -> None:
    rows = document.get(table) or []
    if value:
        if not rows:
            rows = [{"id": str(uuid.uuid4())}]
        rows[0][column] = value
        document[table] = rows
    elif rows and column in rows[0]:
        # A phone without a number is none; hours without words may still hold days and times.
        del rows[0][column]
        document[table] = rows if table == "schedules" and len(rows[0]) > 1 else rows[1:]
        if not document[table]:
            del document[table]


def _put_languages(document: Document, form: ServiceForm) -> None:
    rows = [row for row in document.get("languages") or () if not row.get("code") or row["code"] in form.languages]
    have = {row.get("code") for row in rows}
    rows += [
        {"id": str(uuid.uuid4()), "name": form.names_of_languages.get(code, code), "code": code}
        for code in form.languages
        if code not in have
    ]
    document["languages"] = rows
    if not rows:
        del document["languages"]


def _put_place(document: Document, form: ServiceForm) -> None:
    if not (form.address or form.city or form.latitude is not None):
        if form.country and form.country not in _areas(document):
            area = {"id": str(uuid.uuid4()), "name": form.country, "extent": form.country, "extent_type": "other"}
            document.setdefault("service_areas", []).append(area)
        return
    at = document.setdefault("service_at_locations", [])
    if not at:
        at.append({"id": str(uuid.uuid4())})
    location = at[0].setdefault("location", {"id": str(uuid.uuid4()), "location_type": "physical"})
    _put(location, {"latitude": form.latitude, "longitude": form.longitude})
    addresses = location.setdefault("addresses", [])
    if not addresses:
        # HSDS wants every part of an address; a part that nobody noted is told as such.
        parts = ("address_1", "city", "state_province", "postal_code", "country")
        addresses.append({"id": str(uuid.uuid4()), **dict.fromkeys(parts, "-"), "address_type": "physical"})
    written = {"address_1": form.address, "city": form.city, "country": form.country}
    addresses[0].update({name: value or "-" for name, value in written.items()})


def _attribute(service_id: str, kind: str, value: str) -> Document:
    taxonomy = TAXONOMIES[kind]
    return {
        "id": str(uuid.uuid5(_OURS, f"{service_id} {taxonomy} {value}")),
        "link_type": "taxonomy",
        "link_entity": "service",
        "taxonomy_term": {
            "id": str(uuid.uuid5(_OURS, f"{taxonomy} {value}")),
            "code": value,
            "name": value.replace("_", " "),
            "description": value.replace("_", " "),
            "taxonomy": taxonomy,
            "language": "eng",
        },
    }


def _locations(document: Document) -> list[Document]:
    at = [row["location"] for row in document.get("service_at_locations") or () if row.get("location")]
    return at or list((document.get("organization") or {}).get("locations") or ())


def _places(document: Document) -> Iterator[Place]:
    for location in _locations(document):
        latitude, longitude = _coordinates(location)
        addresses: list[Document] = location.get("addresses") or [{}]
        for address in addresses:
            city, country = _told(address.get("city")), _country(address.get("country"))
            if city or country or latitude is not None:
                yield Place(city=city, country=country, latitude=latitude, longitude=longitude)


def _coordinates(location: Document) -> tuple[float | None, float | None]:
    """Both or none; what lies on no globe is left out of searches and kept in the document."""
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if latitude is None or longitude is None or abs(latitude) > _LATITUDES or abs(longitude) > _LONGITUDES:
        return None, None
    return float(latitude), float(longitude)


def _areas(document: Document) -> tuple[str, ...]:
    return tuple(filter(None, (_country(row.get("extent")) for row in document.get("service_areas") or ())))


def _country(text: Any) -> str:
    code = str(text or "").strip().upper()
    return code if len(code) == _COUNTRY_LETTERS and code.isascii() and code.isalpha() else ""


def _languages(row: Any) -> Iterator[str]:
    """Every language that stands anywhere in the document: of the service, its places, its phones."""
    if isinstance(row, dict):
        for name, value in row.items():
            if name == "languages":
                yield from (str(one["code"]).lower() for one in value or () if one.get("code"))
            yield from _languages(value)
    elif isinstance(row, list):
        for one in row:
            yield from _languages(one)


def _first(document: Document, table: str) -> Document:
    rows = document.get(table) or ()
    return rows[0] if rows else {}


def _told(value: Any) -> str:
    """A part of an address; "-" stands where HSDS wants one and nobody noted it."""
    return "" if value in (None, "-") else str(value)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        return None
