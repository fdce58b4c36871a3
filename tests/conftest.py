"""What all rooms share: a database file as in service, and the trained model, loaded once a process."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
from django.conf import settings

_database = settings.DATABASES["default"]
if "sqlite" in _database["ENGINE"]:
    # In memory, Django's usual test database, there would be no log file and no lock between threads.
    _test = _database.setdefault("TEST", {})
    _test["NAME"] = _test.get("NAME") or str(Path(os.environ["LANTERN_DATA"]) / "tests.sqlite3")


def models_folder() -> Path:
    """Where trained models are kept between test runs: LANTERN_TEST_MODELS, else the checkout's own data folder."""
    return Path(os.environ.get("LANTERN_TEST_MODELS") or Path(__file__).resolve().parent.parent / "var")


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of today's inputs, trained once and kept; TEST_MODEL names an archive to take as it is."""
    given = os.environ.get("TEST_MODEL")
    if given:
        return Path(given)
    from lantern.model_store import ensure_model, model_path

    folder = models_folder()
    if not model_path(folder).exists():
        before = os.environ["LANTERN_DATA"]
        os.environ["LANTERN_DATA"] = str(folder)  # the process that trains reads it
        try:
            ensure_model(folder, print)
        finally:
            os.environ["LANTERN_DATA"] = before
    return model_path(folder)


@pytest.fixture(scope="session")
def turns(model):
    """Understanding and dialogue with the trained model, loaded once a process."""
    from bot.runner import load_turns

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa 3.6 and what it pins are past their last release
        loaded = load_turns(model, models_folder() / "understanding")
    assert loaded.dialogue is not None, "the model could not be loaded"
    return loaded
