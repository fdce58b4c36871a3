# ruff: noqa: PLC0415 (what is heavy is imported where it is used)
"""Stock: Rasa as it comes, on the same machine in the same run.

`language: en` and no more: Rasa writes its default pipeline and policies into the file itself. It learns a fixed,
seeded 2,000 lines of ours, serves by its REST channel on loopback and keeps its trackers in memory. Its threads are
not limited, as it limits none. The model is kept under the data folder by the hash of what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import ruamel.yaml

from benchmarks.speed.line import memory_of, percentiles
from benchmarks.speed.mix import Mix, Written
from tests.integration.place import ONE_THREAD, free_port, until

ROOT = Path(__file__).resolve().parents[2]
LINES, SEED = 2_000, 8
MESSAGES, JUDGED = 300, 400
CONFIG = "recipe: default.v1\nassistant_id: stock\nlanguage: en\n\npipeline:\n\npolicies:\n"
Say = Callable[[str], None]


def files() -> dict[str, str]:
    """Return what it is trained on: 2,000 lines, an answer to each intent, three short stories."""
    from bot.understanding.examples import read_examples

    usable = [one for one in read_examples() if one.intent and "\n" not in one.text]
    some = random.Random(SEED).sample(usable, LINES)
    intents = sorted({one.intent for one in some})
    nlu = [
        {"intent": name, "examples": "".join(f"- {_plain(one.text)}\n" for one in some if one.intent == name)}
        for name in intents
    ]
    said = {f"utter_{name}": [{"text": f"This is the answer to {name}."}] for name in intents}
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in intents if name != "affirm"
    ]
    stories = [
        {"story": f"story of {name}", "steps": [
            {"intent": name}, {"action": f"utter_{name}"}, {"intent": "affirm"}, {"action": "utter_affirm"},
        ]}
        for name in ("disclose", "ask_help", "ask_rights") if name in intents
    ]  # fmt: skip
    return {
        "config.yml": CONFIG,
        "domain.yml": _yaml({"version": "3.1", "intents": intents, "responses": said}),
        "data/nlu.yml": _yaml({"version": "3.1", "nlu": nlu}),
        "data/rules.yml": _yaml({"version": "3.1", "rules": rules}),
        "data/stories.yml": _yaml({"version": "3.1", "stories": stories}),
        "credentials.yml": "rest:\n",
        "endpoints.yml": "",
    }


def _plain(text: str) -> str:
    """Rasa reads marks of entities in examples; ours have none."""
    return text.translate({ord(mark): " " for mark in "[](){}"})


def _yaml(content: dict[str, object]) -> str:
    """JSON is YAML, but Rasa takes only a file with a line that begins with one of its keys."""
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in content.items())


def _environ() -> dict[str, str]:
    unlimited = {name: value for name, value in os.environ.items() if name not in ONE_THREAD and name != "PYTHONPATH"}
    return {**unlimited, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def trained(data: Path, say: Say) -> tuple[Path, float]:
    """Return the folder with its model, and the seconds that the training took when it was made."""
    made_from = files()
    folder = data / "stock" / hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
    told = folder / "trained.json"
    if not told.exists():
        say(f"training Rasa as it comes on {LINES} lines: some minutes, and only the first time")
        for name, content in made_from.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        began = time.monotonic()
        with (folder / "training.log").open("wb") as log:
            command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "stock"]
            code = subprocess.run(command, cwd=folder, env=_environ(), stdout=log, stderr=log, check=False).returncode
        if code or not (folder / "models" / "stock.tar.gz").exists():
            raise SystemExit(f"Rasa as it comes could not be trained; {folder / 'training.log'} says why")
        told.write_text(json.dumps({"seconds": round(time.monotonic() - began, 1)}), encoding="ascii")
    return folder, float(json.loads(told.read_text(encoding="ascii"))["seconds"])


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int, float]]:
    """Its server on loopback: address, process, and the seconds it took to answer."""
    port = free_port()
    command = [sys.executable, "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", "models"]
    url, began = f"http://127.0.0.1:{port}", time.monotonic()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=_environ(), stdout=log, stderr=log, start_new_session=True)
        try:
            until(lambda: _ready(url), 300, "Rasa as it comes", every_s=0.2)
            yield url, process.pid, time.monotonic() - began
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(url: str) -> bool:
    try:
        return bool(requests.get(f"{url}/status", timeout=2).json().get("model_file"))
    except (requests.RequestException, ValueError):
        return False


class Client:
    """Talks to it."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def turn(self, sender: str, text: str) -> float:
        """Milliseconds until its answer."""
        began = time.perf_counter()
        answer = self._session.post(
            f"{self._url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=60
        )
        answer.raise_for_status()
        return 1000 * (time.perf_counter() - began)

    def intent(self, text: str) -> str:
        """The label it gives a message."""
        answer = self._session.post(f"{self._url}/model/parse", json={"text": text}, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["intent"]["name"])


def flat_out(url: str, talks: Sequence[Sequence[Written]], at_once: int) -> float:
    """Turns a second, so many talks at once."""

    def each(some: Sequence[tuple[int, Sequence[Written]]]) -> None:
        client = Client(url)
        for number, talk in some:
            for one in talk:
                client.turn(f"flat-{number}", one.text)

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(each, [list(enumerate(talks))[place::at_once] for place in range(at_once)]))
    return sum(map(len, talks)) / (time.perf_counter() - began)


def at_rate(url: str, talks: Sequence[Sequence[Written]], per_s: float, seed: int) -> list[tuple[Written, float]]:
    """Messages at random moments; milliseconds from its moment to the answer."""
    chance, client = random.Random(seed), Client(url)
    taken, due = [], time.perf_counter()
    for number, talk in enumerate(talks):
        for one in talk:
            due += chance.expovariate(per_s)
            time.sleep(max(0.0, due - time.perf_counter()))
            taken.append((one, client.turn(f"calm-{number}", one.text)))
    return taken


def accuracy(url: str, model: Path, cache: Path) -> dict[str, float]:
    """Share of our own test messages, a fixed sample, whose intent is right: theirs and ours."""
    from bot.understanding.model import Understanding

    rows = [
        json.loads(line)
        for path in sorted((ROOT / "tests" / "data" / "own").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    some = random.Random(SEED).sample(rows, JUDGED)
    client, understanding = Client(url), Understanding.load(model, cache)
    theirs = sum(client.intent(row["text"].replace("/", " ")) in row["intents"] for row in some)
    ours = sum(understanding.understand(row["text"]).intent in row["intents"] for row in some)
    return {"stock": round(theirs / JUDGED, 3), "lantern": round(ours / JUDGED, 3), "messages": JUDGED}


def measured(data: Path, model: Path, options: Namespace, say: Say) -> dict[str, Any]:
    """Train it if need be, serve it, and measure it."""
    folder, training_s = trained(data, say)
    mix = Mix(options.seed)
    say("Rasa as it comes: start")
    with served(folder) as (url, pid, start_s):
        Client(url).turn("warm", "hello")
        rate = flat_out(url, mix.conversations(MESSAGES), options.lanes)
        say(f"  {rate:.1f} turns a second")
        calm = at_rate(url, mix.conversations(int(rate / 2 * options.seconds)), rate / 2, options.seed)
        memory = memory_of(pid)
        right = accuracy(url, model, data / "understanding")
    return {
        "turns_per_s": round(rate, 1),
        "turn_ms_at_half_rate": {
            "up_to_32_tokens": percentiles(took for one, took in calm if one.short),
            "longer": percentiles(took for one, took in calm if not one.short),
        },
        "memory_mb": round(memory["pss"], 1),
        "start_s": round(start_s, 1),
        "training_s": training_s,
        **_defaults(),
        "intent_accuracy": right,
    }


def _defaults() -> dict[str, list[str]]:
    """What Rasa puts where nothing is configured."""
    import rasa.engine.recipes

    text = (Path(rasa.engine.recipes.__file__).parent / "config_files" / "default_config.yml").read_text("utf-8")
    found = ruamel.yaml.YAML(typ="safe").load(text)
    return {part: [one["name"] for one in found[part]] for part in ("pipeline", "policies")}
