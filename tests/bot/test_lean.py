"""The dialogue without TensorFlow: Rasa brings it in for networks, of which our model has none."""

from __future__ import annotations

import subprocess
import sys

LOADS = """
import sys, types
from pathlib import Path
from bot.dialogue import Dialogue
if len(sys.argv) > 1:
    Dialogue(Path(sys.argv[1]))
assert "tensorflow" not in sys.modules
import rasa.utils.tensorflow.callback as real
assert real.RasaTrainingLogger.__module__ == real.__name__ and "tensorflow" in sys.modules
"""


def test_the_dialogue_is_loaded_without_tensorflow_and_whoever_wants_it_later_gets_it(model):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADS, str(model)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
