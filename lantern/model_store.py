"""The trained model: one archive, named by the hash of all it was made from, so that it is made once.

Imports nothing of Rasa until it trains.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from content.source import ROOT

_INPUTS = (
    "config.yml", "domain.yml", "bot/domain/*.yml", "stories/*.yml", "nlu_data/*/*.yml", "content/*.yml",
    "content/locales/*/LC_MESSAGES/bot.po", "content/romanised/*.yml", "content/frequent/*.yml", "bot/nlu/*.py",
    "bot/understanding/*.py", "bot/understanding/encoder/card.json", "bot/importer.py", "requirements.lock",
)  # fmt: skip


def model_path(data: Path) -> Path:
    """Return where the model of today's inputs lies, or will lie."""
    from bot.understanding.training import fingerprint

    paths = [path for pattern in _INPUTS for path in sorted(ROOT.glob(pattern))]
    return data.resolve() / "models" / f"lantern-{fingerprint(paths)[:16]}.tar.gz"


def ensure_model(data: Path, say: Callable[[str], object]) -> Path:
    """Return the model of today's inputs; train it in a process of its own if it is not there yet.

    Raises:
        SystemExit: the training failed; its own messages were shown.
    """
    wanted = model_path(data)
    if wanted.exists():
        return wanted
    say("no model of today's data yet: training one, this takes some minutes")
    environment = {**os.environ, "LANTERN_DATA": str(data.resolve())}  # a caller may want another folder than its own
    done = subprocess.run(
        [sys.executable, "-m", "lantern", "train"], cwd=ROOT, stdout=sys.stderr, env=environment, check=False
    )
    if done.returncode or not wanted.exists():
        raise SystemExit("the model could not be trained; see above")
    return wanted


def _prepare() -> None:
    """Make what takes long on both cores: the language classifier in a process of its own, the vectors in this one."""
    from bot.understanding.examples import read_examples
    from bot.understanding.training import vectors_for

    beside = subprocess.Popen([sys.executable, "-m", "bot.understanding.training"], cwd=ROOT)
    try:
        vectors_for([example.text for example in read_examples()])
    finally:
        if beside.wait():
            raise RuntimeError("the language classifier could not be trained")


def train(data: Path) -> Path:
    """Train the model of today's inputs unless it is there; return it.

    Raises:
        RuntimeError: Rasa wrote no model; its own messages stand above.
    """
    wanted = model_path(data)
    if wanted.exists():
        return wanted
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("LANTERN_DATA", str(data))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    import rasa.model_training

    _prepare()
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    wanted.parent.mkdir(parents=True, exist_ok=True)
    made = rasa.model_training.train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(ROOT / "nlu_data"), str(ROOT / "stories")],
        output=str(wanted.parent),
        fixed_model_name=f"making-{os.getpid()}",
        force_training=True,
    )
    if made.model is None:
        raise RuntimeError("Rasa trained no model")
    Path(made.model).replace(wanted)
    return wanted
