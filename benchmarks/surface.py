"""Surface: schemathesis throws at every address over HTTP what its description allows and what it does not.

Two rounds at a web process of its own: as the providers, signed, at what docs/trust/openapi.yml describes; and as a
supervisor who has signed in, at every address of the desk, read from the program. schemathesis runs in the
environment of the judges (.venv-audit). Prints what it says; 1 if anything broke.

    ./run supply known; .venv/bin/python -m benchmarks.surface --examples 200
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.integration.place import ROOT, Place, until

MACHINES = ROOT / "docs" / "trust" / "openapi.yml"
JUDGE = ROOT / ".venv-audit" / "bin" / "schemathesis"
NAME, PASSWORD = "nour", "a lamp in the harbour"
TWILIO_TOKEN, TELEGRAM_SECRET = "twilio-token", "a-secret_of_a-test"
HOLDS_ON = ("/desk/events/",)  # an answer that never ends
ENDS_IT = ("/desk/sign-out/", "/desk/leave/", "/desk/hide/")  # after these nothing of the desk would be reached
_TYPES = {"int": "integer", "str": "string", "slug": "string", "uuid": "string", "path": "string"}


def desk_description() -> dict[str, Any]:
    """Every address of the desk as OpenAPI, from the URLs: that it is there, not what it takes and answers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")
    import django  # noqa: PLC0415 - after the settings of the caller
    from django.urls import get_resolver  # noqa: PLC0415

    django.setup()
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": _fields()}}}
    paths = {}
    for route in sorted(_routes(get_resolver().url_patterns)):
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        if not path.startswith("/desk/") or path in HOLDS_ON + ENDS_IT:
            continue
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": _TYPES[kind or "str"]}}
            for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", route)
        ]
        answers = {"default": {"description": "a page, a redirect, or a refusal"}}
        post = {"requestBody": {"content": form}, "responses": answers}
        paths[path] = {"parameters": parameters, "get": {"responses": answers}, "post": post}
    return {"openapi": "3.1.0", "info": {"title": "Desk", "version": "1"}, "paths": paths}


def _routes(patterns: list[Any], before: str = "") -> list[str]:
    found = []
    for one in patterns:
        route = before + str(one.pattern)
        found += _routes(one.url_patterns, route) if hasattr(one, "url_patterns") else [route]
    return found


def _fields() -> dict[str, Any]:
    names = ("text", "to", "next", "token", "have", "outcome", "open", "reason", "address", "username", "password")
    return {name: {"type": "string"} for name in (*names, "really", "format", "language", "country", "state", "title")}


def throw(place: Place, description: dict[str, Any], name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One round against a place."""
    file = place.folder / f"{name}.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    command = [str(JUDGE), "run", str(file), "--url", place.url, "--no-color", "--seed", "1", *words]
    environ = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "signs",
        "PYTHONPATH": str(Path(__file__).with_name("surface_hooks")),
    }
    environ |= {"TWILIO_TOKEN": TWILIO_TOKEN, "TELEGRAM_SECRET": TELEGRAM_SECRET, "PUBLIC_URL": place.url}
    return subprocess.run(command, cwd=place.folder, env=environ, text=True, capture_output=True, check=False)


def machines(
    place: Place, examples: int, phases: str = "examples,coverage,fuzzing"
) -> subprocess.CompletedProcess[str]:
    """As the providers. Answers must be as described; health may say 503, because nothing but the web runs here."""
    words = ["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"]
    words += ["--exclude-path", "/healthz", "--max-examples", str(examples), "--phases", phases]
    return throw(place, yaml.safe_load(MACHINES.read_text("utf-8")), "machines", *words)


def desk(place: Place, examples: int, phases: str = "fuzzing") -> subprocess.CompletedProcess[str]:
    """As a supervisor: nothing that they ask may break."""
    words = ["--checks", "not_a_server_error", "--max-examples", str(examples), "--phases", phases]
    for name, value in signed_in(place).items():
        words += ["--header", f"{name}: {value}"]
    return throw(place, desk_description(), "desk", *words)


def signed_in(place: Place) -> dict[str, str]:
    """What a browser sends after somebody has signed in: a demo asks for the password only."""
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=30)
    connection.request("GET", "/desk/sign-in/")
    page = connection.getresponse()
    found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    form = (page.getheader("Set-Cookie") or "").partition(";")[0]
    fields = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": found[1] if found else ""}
    told = {"Cookie": form, "Origin": place.url, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/desk/sign-in/", urlencode(fields), told)
    answer = connection.getresponse()
    answer.read()
    kept = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    tokens = dict(one.split("=", 1) for one in kept)
    return {"Cookie": "; ".join(kept), "X-CSRFToken": tokens["form"], "Origin": place.url}


@contextlib.contextmanager
def up(folder: Path, *, demo: bool) -> Iterator[Place]:
    """A web process alone: what it stores is never answered."""
    channels = {
        "LANTERN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "LANTERN_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "LANTERN_TWILIO_FROM": "+15005550006",
        "LANTERN_TELEGRAM_TOKEN": "666:APP",
        "LANTERN_TELEGRAM_SECRET": TELEGRAM_SECRET,
        "LANTERN_SECURITY_CONTACT": "mailto:security@example.org",
        "LANTERN_TELEGRAM_API_BASE": "http://127.0.0.1:9",  # nobody listens there
    }
    place = Place(folder / "place", **({} if demo else channels))
    try:
        if not demo:
            place.environ["LANTERN_PUBLIC_URL"] = place.url
        place.migrate()
        if demo:
            command = [
                sys.executable,
                "-m",
                "lantern",
                "staff",
                "add",
                NAME,
                "--role",
                "supervisor",
                "--password-stdin",
            ]
            subprocess.run(
                command, input=f"{PASSWORD}\n", text=True, env=place.environ, check=True, capture_output=True
            )
        place.start("web")
        until(lambda: place.status_of("/healthz") is not None, 120, "the web process", every_s=0.2)
        yield place
    finally:
        place.close()


def main() -> int:
    """Both rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each address and method")
    asked = parser.parse_args()
    if not JUDGE.exists():
        sys.stderr.write("schemathesis is not there: ./run supply static makes its environment\n")
        return 2
    codes = []
    for demo, round_ in ((False, machines), (True, desk)):
        with tempfile.TemporaryDirectory() as folder, up(Path(folder), demo=demo) as place:
            done = round_(place, asked.examples)
            print(done.stdout[-6000:], done.stderr[-2000:])
            codes.append(done.returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
