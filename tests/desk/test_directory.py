"""The directory at the desk: search, warn, check, write, import and export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from desk.directory_words import FLAGS, STATUS
from records.casework import hsds
from records.models import Service
from records.states import StaffRole

FILE = Path(__file__).resolve().parent.parent / "data" / "hsds-service.json"
HOUSE = {
    "name": "Sun House", "organization": "Sun", "status": "active", "country": "TH", "city": "Bangkok",
    "latitude": "13.75", "longitude": "100.5", "needs": ["safe_place"], "serves": ["women"], "languages": ["th", "my"],
    "flags": ["closed"], "minimum_age": "18", "address": "12 Hidden Lane",
}  # fmt: skip


@pytest.fixture
def nour(seated):
    return seated("nour", StaffRole.SUPERVISOR)


@pytest.fixture
def house(nour):
    nour.post("/desk/directory/new/", HOUSE)
    return Service.objects.get()


def bring_in(client, text):
    file = SimpleUploadedFile("x.json", text.encode() if isinstance(text, str) else text)
    return client.post("/desk/directory/import/", {"file": file}, follow=True)


def found(client, **wanted):
    return "Sun House" in client.get("/desk/directory/", wanted).content.decode()


def test_a_file_goes_out_as_it_came_in(nour):
    document = json.loads(FILE.read_text(encoding="utf-8"))

    bring_in(nour, FILE.read_bytes())

    number = Service.objects.get().pk
    assert json.loads(nour.get("/desk/directory/export/").content) == [document]
    assert json.loads(nour.get("/desk/directory/export/", {"service": number}).content) == document


def test_a_service_that_names_no_need_is_told_of_at_its_import(nour):
    document = json.loads(FILE.read_text(encoding="utf-8"))

    page = bring_in(nour, json.dumps(document)).content.decode()

    assert not hsds.facets(document, "need")
    assert "1 of them names no need" in page


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"total_items": 1, "contents": [one]}])
def test_a_list_and_a_page_of_an_interface_come_in_too(nour, wrap):
    bring_in(nour, json.dumps(wrap(json.loads(FILE.read_text(encoding="utf-8")))))

    assert Service.objects.count() == 1


def test_a_bad_service_is_refused_with_its_place_and_the_good_one_comes_in(nour):
    good = json.loads(FILE.read_text(encoding="utf-8"))

    page = bring_in(nour, json.dumps([{"id": "x", "name": "Bad", "status": "open"}, good])).content.decode()

    assert "1: service.status: found another word; right is one of active" in page
    assert "1 service came in." in page
    assert [row.name for row in Service.objects.all()] == [good["name"]]


@pytest.mark.parametrize("text", ["", "{", "[1]", b"\xff\xfe", "[" * 100_000, "null"])
def test_what_is_no_file_of_services_is_refused_in_words(nour, text):
    page = bring_in(nour, text)

    assert page.status_code == 422
    assert Service.objects.count() == 0


def test_each_field_of_the_search_finds_and_leaves_out(nour, house):
    for wanted in (
        {"need": "safe_place"}, {"country": "TH"}, {"language": "my"}, {"serves": "women"}, {"age": 20},
        {"near": "bangkok", "within_km": 5}, {"near": "13.7, 100.5"}, {"words": "sun"},
    ):  # fmt: skip
        assert found(nour, **wanted), wanted
    for wanted in ({"need": "medical"}, {"serves": "men"}, {"age": 17}, {"near": "18.8, 99.0", "within_km": 50}):
        assert not found(nour, **wanted), wanted


def test_a_place_nobody_knows_is_told_and_the_rest_of_the_search_holds(nour, house):
    page = nour.get("/desk/directory/", {"near": "Atlantis", "need": "safe_place"}).content.decode()

    assert "No service with coordinates" in page
    assert "Sun House" in page


def test_a_warning_stands_beside_the_name_wherever_the_service_is_shown(nour, seated, house):
    sara = seated("sara")
    sara.post(f"/desk/directory/{house.pk}/flag/", {"flag": "tied_visa", "on": "yes"})
    sara.post(f"/desk/directory/{house.pk}/flag/", {"flag": "closed", "on": "no"})

    for page in (sara.get("/desk/directory/"), sara.get(f"/desk/directory/{house.pk}/")):
        assert '<span class="warn">Permit to stay' in page.content.decode().replace(
            '<li class="warn">', '<span class="warn">'
        )
    assert '<span class="warn">Closed:' not in sara.get("/desk/directory/").content.decode()
    assert sara.post(f"/desk/directory/{house.pk}/flag/", {"flag": "haunted", "on": "yes"}).status_code == 404


def test_never_checked_is_said_until_somebody_did(seated, house):
    sara = seated("sara")
    before = sara.get("/desk/directory/").content.decode()

    sara.post(f"/desk/directory/{house.pk}/checked/")

    assert "never checked" in before
    assert "never checked" not in sara.get("/desk/directory/").content.decode()


def test_writing_a_service_keeps_what_the_form_does_not_know(nour):
    bring_in(nour, FILE.read_bytes())
    row = Service.objects.get()

    nour.post(f"/desk/directory/{row.pk}/edit/", {**HOUSE, "name": "New name"})

    row.refresh_from_db()
    assert row.document["name"] == "New name"
    assert row.document["a_field_that_nobody_knows"] == {"kept": [1, 2, {"as": "it came"}]}
    assert row.document["cost_options"][0]["currency"] == "thb"


def test_half_a_point_and_ages_in_the_wrong_order_are_refused(nour):
    page = nour.post("/desk/directory/new/", {**HOUSE, "longitude": "", "maximum_age": "3"})

    assert page.status_code == 422
    assert b"go together" in page.content
    assert b"below the lower one" in page.content


def test_a_removed_service_is_gone(nour, house):
    nour.post(f"/desk/directory/{house.pk}/remove/")

    assert nour.get(f"/desk/directory/{house.pk}/").status_code == 404


def test_a_house_for_adults_warns_in_the_list_and_is_not_found_for_children(nour, house):
    listed = nour.get("/desk/directory/").content.decode()
    page = nour.get(f"/desk/directory/{house.pk}/").content.decode()
    nour.post("/desk/directory/new/", {**HOUSE, "name": "Open House", "serves": [], "minimum_age": "18"})
    nour.post("/desk/directory/new/", {**HOUSE, "name": "Girls House", "serves": ["children"], "minimum_age": "12"})

    for_children = nour.get("/desk/directory/", {"serves": "children"}).content.decode()

    warning = '<span class="warn">Not for minors: from 18 years</span>'
    assert warning in listed
    assert "age 18–" in listed
    assert "Not for minors: from 18 years" in page
    assert "Open House" not in for_children
    assert "Girls House" in for_children
    assert "age 12–" in for_children
    assert warning not in for_children


def test_every_warning_of_a_service_stands_in_the_list_and_on_its_page(nour, house):
    nour.post(f"/desk/directory/{house.pk}/edit/", {**HOUSE, "flags": list(FLAGS), "status": "temporarily closed"})

    listed = nour.get("/desk/directory/", {"also_closed_down": "on"}).content.decode()
    page = nour.get(f"/desk/directory/{house.pk}/").content.decode()

    for words in (*FLAGS.values(), STATUS["temporarily closed"]):
        assert str(words) in listed
        assert str(words) in page
