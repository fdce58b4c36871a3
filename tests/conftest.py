"""What all rooms share: a database file as in service, the trained model, loaded once a process, and a browser."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase

_database = settings.DATABASES["default"]
if "sqlite" in _database["ENGINE"]:
    # In memory, Django's usual test database, there would be no log file and no lock between threads.
    _test = _database.setdefault("TEST", {})
    _test["NAME"] = _test.get("NAME") or str(Path(os.environ["LANTERN_DATA"]) / "tests.sqlite3")

CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


MADE_ONCE = {"auth_permission", "django_content_type"}  # by the migrations
LONG_FOLDERS = ("acceptance", "integration", "upgrade")  # real processes, most of a test is waiting for them
# What is started once a process is started once: these go to the same one, where tests run side by side.
THE_LINE = ("tests/integration/test_bad_input.py", "tests/integration/test_leaks.py")
THE_MODEL = (
    "tests/dialogues/", "tests/bot/test_compact.py", "tests/bot/test_dialogue.py", "tests/bot/test_rasa_commands.py",
    "tests/bot/test_speed.py", "tests/understanding/test_accuracy.py", "tests/understanding/test_odd_input.py",
)  # fmt: skip
LONGEST = (  # as measured, the longest first
    THE_LINE[0], THE_MODEL[0], "tests/desk/test_every_page_lead.py", "tests/desk/test_every_page_rest.py",
    "tests/desk/test_every_page.py", "tests/integration/test_kills.py", "tests/content/test_real_content.py",
)  # fmt: skip


def together(file: str) -> str:
    """What stands for all files that go to the same process as this one: mostly itself."""
    return next((files[0] for files in (THE_LINE, THE_MODEL) if file.startswith(files)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a process a file, or files that share what takes long to start."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(super()._split_scope(nodeid))

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: what begins last would leave one of two processes without work at the end."""
    here = Path(__file__).parent
    marked = {item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("rasa")}
    long = marked | {item.path for item in items if item.path.relative_to(here).parts[0] in LONG_FOLDERS}
    place = {unit: number for number, unit in enumerate(LONGEST)}
    last = len(LONGEST)
    items.sort(key=lambda item: place.get(together(item.nodeid.partition("::")[0]), last + (item.path not in long)))


_REQUEST, _ENDS_WITHIN_S = "process_request_thread", 5.0  # a thread of Django's test server, which serves one request


def models_folder() -> Path:
    """Where trained models are kept between test runs: LANTERN_TEST_MODELS, else the checkout's own data folder."""
    return Path(os.environ.get("LANTERN_TEST_MODELS") or Path(__file__).resolve().parent.parent / "var")


@pytest.fixture(autouse=True)
def _threads_let_go() -> Iterator[None]:
    """The server of a browser test runs in threads of this process, and one of them may end with its connection open.

    A backup would then find the database in use, and PostgreSQL could not drop it.
    """
    here = threading.current_thread()
    opened: list[tuple[BaseDatabaseWrapper, threading.Thread]] = []

    def note(connection: BaseDatabaseWrapper, **_: object) -> None:
        if threading.current_thread() is not here:
            opened.append((connection, threading.current_thread()))

    connection_created.connect(note)
    yield
    connection_created.disconnect(note)
    for connection, thread in opened:
        if _REQUEST in thread.name:
            thread.join(_ENDS_WITHIN_S)  # it closes what it opened; two at once would end the whole process
        connection.inc_thread_sharing()  # we close what another thread opened
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _no_permission_is_made_anew() -> Iterator[None]:
    """What a test wrote past a transaction is deleted, and no more.

    Django deletes its permissions and kinds of content too and makes them anew, for 50 ms a test; nothing here writes them.
    """

    def empty(test: TransactionTestCase) -> None:
        for name in test._databases_names(include_mirrors=False):
            connection = connections[name]
            known = connection.introspection.django_table_names(only_existing=True, include_views=False)
            tables = [table for table in known if table not in MADE_ONCE]
            connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of today's inputs, trained once and kept; TEST_MODEL names an archive to take as it is."""
    given = os.environ.get("TEST_MODEL")
    if given:
        return Path(given)
    from lantern.model_store import model_path

    folder = models_folder()
    with alone(folder / "models.lock"):
        _trained(folder)
    return model_path(folder)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock against the other processes of the tests: what one of them makes, the others use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _trained(folder: Path) -> None:
    from lantern.model_store import ensure_model, model_path

    if not model_path(folder).exists():
        before = os.environ["LANTERN_DATA"]
        os.environ["LANTERN_DATA"] = str(folder)  # the process that trains reads it
        try:
            ensure_model(folder, print)
        finally:
            os.environ["LANTERN_DATA"] = before


@pytest.fixture(scope="session")
def turns(model):
    """Understanding and dialogue with the trained model, loaded once a process."""
    from bot.runner import load_turns

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa 3.6 and what it pins are past their last release
        loaded = load_turns(model, models_folder() / "understanding")
    assert loaded.dialogue is not None, "the model could not be loaded"
    return loaded


@pytest.fixture(scope="session")
def rules_only():
    """Understanding with nothing trained: safety rules, short answers and what the letters say of the language."""
    from bot.understanding.model import Understanding

    return Understanding.load(None)


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; without one, skipped, but under CI a failure."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright's loop runs in this thread; the ORM calls of the tests are plain.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
