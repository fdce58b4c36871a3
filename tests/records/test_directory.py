"""The directory: a document goes out as it came in, and a service is found by what it is and where."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from content import hsds as judge
from records.casework import directory, hsds
from records.casework.directory import Wanted
from records.casework.hsds import ServiceForm
from records.models import AuditEvent, Service, ServiceTag, Staff
from tests.records.conftest import START

FILE = Path(__file__).resolve().parent.parent / "data" / "hsds-service.json"
_EXAMPLE = "shared/reference/hsds/example-service-full.json"  # of the standard itself, where it lies beside the project
EXAMPLE = next((up / _EXAMPLE for up in FILE.parents if (up / _EXAMPLE).exists()), None)
BANGKOK, CHIANG_MAI = (13.7563, 100.5018), (18.7883, 98.9853)


@pytest.fixture
def mara(db) -> Staff:
    return Staff.objects.create_user("mara", alias="Mara")


@pytest.fixture
def kept(mara):
    def keep(name, **fields):
        form = ServiceForm(name=name, organization=f"{name} Foundation", **fields)
        return directory.keep(hsds.with_form(form), mara, START)

    return keep


def found(**wanted):
    return [one.name for one in directory.find(Wanted(**wanted), START.date())]


@pytest.mark.parametrize("file", [FILE, EXAMPLE], ids=["ours", "of the standard"])
def test_a_document_goes_out_exactly_as_it_came_in(mara, file):
    if file is None:
        pytest.skip("the example of the standard is not on this machine")
    document = json.loads(file.read_text(encoding="utf-8"))

    directory.keep(json.loads(file.read_text(encoding="utf-8")), mara, START)

    assert list(judge.problems(document)) == []
    assert list(directory.documents()) == [document]


def test_what_the_document_says_can_be_searched_for(mara):
    directory.keep(json.loads(FILE.read_text(encoding="utf-8")), mara, START)

    assert found(country="TH", language="my", age=30) == ["Legal help for fishers"]
    assert found(country="ID") == found(language="th", country="ID") == found(age=12) == []


def test_the_same_id_again_takes_the_place_of_the_first(mara):
    document = json.loads(FILE.read_text(encoding="utf-8"))
    directory.keep(document, mara, START)

    directory.keep({**document, "name": "Another name"}, mara, START)

    assert Service.objects.get().name == "Another name"


def test_a_form_changes_only_what_it_knows(mara):
    document = json.loads(FILE.read_text(encoding="utf-8"))

    after = hsds.with_form(hsds.form_of(document), document)

    assert after == document


def test_what_a_form_makes_is_a_good_document_and_comes_back_as_typed():
    form = ServiceForm(
        name="House", organization="Sun", phone="+66 2 000 0000", hours="day and night", address="1 Road",
        city="Bangkok", country="TH", latitude=13.7, longitude=100.5, languages=("th", "my"), minimum_age=18,
        names_of_languages={"th": "Thai", "my": "Burmese"}, needs=("safe_place",), flags=("closed", "tied_visa"),
    )  # fmt: skip

    document = hsds.with_form(form)
    back = hsds.form_of(document)

    assert list(judge.problems(document)) == []
    assert (back.address, back.languages, back.needs, back.flags) == (
        "1 Road",
        ("th", "my"),
        ("safe_place",),
        form.flags,
    )
    emptied = hsds.with_form(ServiceForm(name="House", organization="Sun", country="TH"), document)
    assert list(judge.problems(emptied)) == []
    assert "languages" not in emptied


def test_a_service_is_found_by_each_thing_alone_and_by_all(kept):
    kept(
        "Women's house", needs=("safe_place",), serves=("women",), country="TH", city="Bangkok", languages=("th", "my")
    )
    kept("Clinic", needs=("medical",), country="TH", city="Bangkok", languages=("th",))
    kept("Union", needs=("wages",), serves=("men", "seafarers"), country="ID", languages=("id",))

    assert found(need="safe_place") == found(language="my") == ["Women's house"]
    assert found(country="TH") == ["Clinic", "Women's house"]
    assert found(need="medical", country="TH", language="th") == ["Clinic"]
    assert found(words="UNION") == ["Union"]
    assert found(need="medical", country="ID") == []


def test_a_service_that_names_nobody_serves_everybody(kept):
    kept("For women", serves=("women",))
    kept("For all")

    assert found(serves="men") == ["For all"]
    assert found(serves="women") == ["For all", "For women"]


def test_the_nearest_comes_first_and_the_far_ones_can_be_left_out(kept):
    kept("Far", city="Chiang Mai", country="TH", latitude=CHIANG_MAI[0], longitude=CHIANG_MAI[1])
    kept("Near", city="Bangkok", country="TH", latitude=13.76, longitude=100.51)
    kept("Nowhere", country="TH")

    assert found(near=BANGKOK) == ["Near", "Far", "Nowhere"]
    assert found(near=BANGKOK, within_km=50) == ["Near"]
    assert found(near=directory.place_named("chiang mai"), within_km=1) == ["Far"]
    assert directory.place_named("Atlantis") is None


def test_distances_are_those_of_the_globe():
    assert directory.distance_km(BANGKOK, CHIANG_MAI) == pytest.approx(583, abs=3)
    assert directory.distance_km((0, 179.5), (0, -179.5)) == pytest.approx(111, abs=1)


def test_coordinates_that_lie_on_no_globe_stay_in_the_document_and_out_of_searches(kept, mara):
    document = hsds.with_form(ServiceForm(name="Odd", organization="Odd", latitude=100.0, longitude=101.0))
    directory.keep(document, mara, START)

    assert found(near=(0.0, 0.0), within_km=30_000) == []
    assert next(directory.documents())["service_at_locations"][0]["location"]["latitude"] == 100.0


def test_ages_count_on_both_ends(kept):
    kept("Under 18", maximum_age=17)
    kept("Adults", minimum_age=18)
    kept("All")

    assert found(age=17) == ["All", "Under 18"]
    assert found(age=18) == ["Adults", "All"]


def test_a_service_that_closed_down_is_shown_only_to_who_asks_for_it(kept):
    kept("Gone", status="defunct")

    assert found() == []
    assert found(also_closed_down=True) == ["Gone"]


def test_a_warning_stands_in_the_document_and_leaves_with_it(kept, mara):
    service = kept("House", needs=("safe_place",))

    directory.set_flag(service.pk, "closed", mara, START, on=True)
    directory.set_flag(service.pk, "tied_visa", mara, START, on=True)
    directory.set_flag(service.pk, "closed", mara, START, on=False)

    document = next(directory.documents())
    assert hsds.facets(document, "flag") == ("tied_visa",)
    assert hsds.facets(document, "need") == ("safe_place",)
    assert list(judge.problems(document)) == []
    assert list(ServiceTag.objects.filter(kind="flag").values_list("value", flat=True)) == ["tied_visa"]
    with pytest.raises(ValueError, match="known: closed"):
        directory.set_flag(service.pk, "haunted", mara, START, on=True)


def test_a_service_goes_stale_half_a_year_after_somebody_checked_it(kept, mara):
    service = kept("House")

    def stale(days):
        return [one.stale for one in directory.find(Wanted(), (START + timedelta(days=days)).date())]

    assert stale(0) == [True]
    directory.mark_checked(service.pk, mara, START)
    assert (stale(180), stale(181)) == ([False], [True])
    assert next(directory.documents())["assured_date"] == "2026-11-20"


def test_streets_of_services_with_a_secret_address_are_known_to_be_kept_back(kept, mara):
    house = kept("House", address="12 Hidden Lane", city="Bangkok")
    kept("Clinic", address="1 Open Road")
    directory.set_flag(house.pk, "secret", mara, START, on=True)

    assert directory.secret_addresses() == ("12 Hidden Lane",)


def test_each_change_is_audited_with_ids_only(kept, mara):
    service = kept("House")
    directory.mark_checked(service.pk, mara, START)
    directory.remove(service.pk, mara, START)

    rows = AuditEvent.objects.order_by("pk").values_list("action", "details")
    assert list(rows) == [(f"service_{what}", {"service": service.pk}) for what in ("added", "checked", "removed")]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "service: found a list; right are fields with names"),
        ({"id": "1", "status": "open"}, "service.status: found another word; right is one of active"),
        ({"id": 1}, "service.id: found a number; right is a UUID"),
        ({"phones": [{"id": "x"}]}, "service.phones[0].number: found nothing; it is needed here"),
        ({"phones": {}}, "service.phones: found fields; right is a list"),
        ({"minimum_age": "12"}, "service.minimum_age: found a text; right is a number"),
        ({"assured_date": "May"}, "service.assured_date: found a text; right is a date such as 2026-11-22"),
        ({"name": None}, "service.name: found nothing; it is needed here"),
    ],
)
def test_what_is_wrong_with_a_document_is_told_with_its_place(document, told):
    assert any(line.startswith(told) for line in judge.problems(document))
