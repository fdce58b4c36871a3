"""What the tests of understanding share: a small trained language model, made once."""

import contextlib

import pytest

from bot.understanding import language_training
from bot.understanding.language_model import LanguageModel
from bot.understanding.training import train_language


@contextlib.contextmanager
def a_tenth_of_the_data():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language_training, "_SAMPLES", 1_500)
        patch.setattr(language_training, "_ROMANISED_SAMPLES", 1_500)
        patch.setattr(language_training, "_WORDS", 4_000)
        patch.setattr(language_training, "_OWN_AT_MOST", 150)
        patch.setattr(language_training, "_SHAPE", {**language_training._SHAPE, "dim": 12, "bucket": 20_000})
        yield


@pytest.fixture(scope="session")
def language_model(tmp_path_factory):
    """A model from a tenth of the data: enough to tell plain sentences apart."""
    folder = tmp_path_factory.mktemp("language")
    with a_tenth_of_the_data():
        train_language(folder)
    return LanguageModel(folder)
