"""Model: everything that understanding knows, put together.

Promises an `Understood` for any text. The safety rules, the short answers and the language work without
any trained file; with heads and embedding it also names intent, indicators and risks. It decides what a
message says, never what follows from it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.understanding import answers, embedding, openset
from bot.understanding.answers import Answer, QuestionShape
from bot.understanding.clean import Cleaned, clean
from bot.understanding.evidence import is_short, parts_of
from bot.understanding.findings import Finding
from bot.understanding.heads import ARRAYS_FILE, LABELS_FILE, Heads, Label, Prediction
from bot.understanding.language import Guess, LanguageMemory, identify
from bot.understanding.language_model import CLASSIFIER_FILE, WORDS_FILE, LanguageModel
from bot.understanding.safety import SafetyNet
from content import safety

FILES = (ARRAYS_FILE, LABELS_FILE, CLASSIFIER_FILE, WORDS_FILE)
MODEL = "model"  # the source of a finding that no rule made

_WORDS_SURE = 0.97  # a whole message of known words leaves no doubt
_UNKNOWN_INTENT = "out_of_scope"
_MINOR, _MINOR_RISK = "minor", "minor_at_risk"
_ROLE_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says."""

    cleaned: Cleaned = field(repr=False)
    language: Guess
    memory: LanguageMemory = field(repr=False)
    intent: str
    intent_confidence: float
    ranking: tuple[tuple[str, float], ...]
    indicators: tuple[Finding, ...]
    possible: tuple[Finding, ...]  # indicators that are likely, not enough to count
    risks: tuple[Finding, ...]  # sure ones and grey ones
    ask: tuple[str, ...]  # risks worth one careful question
    role: str | None
    urgent: bool
    answer: Answer | None


class Understanding:
    """Understands messages; one instance a process, safe to share."""

    def __init__(self, net: SafetyNet, language_model: LanguageModel | None = None, heads: Heads | None = None) -> None:
        self._net = net
        self._language_model = language_model
        self.heads = heads if embedding.available() else None

    @classmethod
    def load(cls, source: Path | None, cache: Path | None = None) -> Understanding:
        """Return an understanding with what was trained.

        Args:
            source: a folder, or an archive that `rasa train` wrote; None for none at all. Files that are
                not there are done without.
            cache: where files of an archive are unpacked; a temporary folder if None.
        """
        openset.prepare()
        net = SafetyNet(safety.rules())
        if source is None or not source.exists():
            return cls(net)
        folder = source if source.is_dir() else _unpacked(source, cache)
        heads = Heads.load(folder) if (folder / ARRAYS_FILE).exists() and (folder / LABELS_FILE).exists() else None
        return cls(net, LanguageModel.load(folder), heads)

    def understand(
        self,
        text: str | None,
        *,
        country: str | None = None,
        hint: str | None = None,
        memory: LanguageMemory | None = None,
        question: QuestionShape | None = None,
    ) -> Understood:
        """Return what a message says.

        Args:
            text: as it was sent.
            country: of the phone.
            hint: the language code of the app.
            memory: of this conversation, None after a gap.
            question: the one that waits for an answer.
        """
        cleaned = clean(text)
        guess, remembered = identify(cleaned, country=country, hint=hint, memory=memory, model=self._language_model)
        answer = answers.read(cleaned, question, guess.candidates)
        rules = self._net.find(cleaned, guess.candidates)
        known = answers.intent_of(cleaned, guess.candidates) if answer is None else answer.intent
        reads_on = cleaned.has_letters and known is None and (answer is None or bool(answer.rest))
        prediction, parts, vectors = (
            self._predict(cleaned) if reads_on or (answer and answer.rest) else (None, [], None)
        )
        indicators, possible = self._indicators(prediction, parts, vectors)
        risks = _merged([*rules, *self._risks(prediction, parts, vectors)])
        indicators, risks = _with_minor(indicators, risks)
        ranking = prediction.ranking if prediction else ()
        intent, confidence = (known, _WORDS_SURE) if known else ranking[0] if ranking else (_UNKNOWN_INTENT, 0.0)
        return Understood(
            cleaned=cleaned,
            language=guess,
            memory=remembered,
            intent=intent,
            intent_confidence=confidence,
            ranking=ranking or ((intent, confidence),),
            indicators=indicators,
            possible=possible,
            risks=risks,
            ask=tuple(risk.id for risk in risks if risk.band == "grey"),
            role=_role(prediction),
            urgent=is_urgent(indicators, risks),
            answer=answer,
        )

    def _predict(self, cleaned: Cleaned) -> tuple[Prediction | None, list[str], embedding.Vectors | None]:
        """Return what the heads say, with the parts of the text and their vectors if they were read."""
        if self.heads is None:
            return None, [], None
        whole = embedding.embed([cleaned.text])
        prediction = self.heads.predict(whole)
        long = embedding.token_count(cleaned.text) > embedding.MAX_TOKENS
        if is_short(cleaned.text) or not (long or _worth_a_look(prediction)):
            return prediction, [cleaned.text], whole
        parts = parts_of(cleaned.text)
        vectors = embedding.embed(parts)
        if long:  # what the whole could not hold
            beyond = self.heads.predict(vectors)
            prediction = Prediction(prediction.ranking, beyond.indicators, beyond.risks, prediction.roles)
        return prediction, parts, vectors

    def _indicators(
        self, prediction: Prediction | None, parts: list[str], vectors: embedding.Vectors | None
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        if prediction is None or vectors is None:
            return (), ()
        found = self._findings("indicator", prediction.indicators, parts, vectors)
        return (
            tuple(finding for finding in found if finding.band == "sure"),
            tuple(finding for finding in found if finding.band == "grey"),
        )

    def _risks(
        self, prediction: Prediction | None, parts: list[str], vectors: embedding.Vectors | None
    ) -> list[Finding]:
        if prediction is None or vectors is None:
            return []
        return self._findings("risk", prediction.risks, parts, vectors)

    def _findings(
        self, kind: str, labels: Iterable[Label], parts: list[str], vectors: embedding.Vectors
    ) -> list[Finding]:
        found = []
        for label in labels:
            if label.band == "clear" or self.heads is None:
                continue
            best = int(self.heads.chance_of(f"{kind}s", label.id, vectors).argmax())
            found.append(Finding(label.id, kind, round(label.chance, 4), parts[best], MODEL, label.band))
        return sorted(found, key=lambda finding: -finding.confidence)


def is_urgent(indicators: Iterable[Finding], risks: Iterable[Finding]) -> bool:
    """Say whether a person is needed at once: a sure risk, or a minor with anything else."""
    sure = {risk.id for risk in risks if risk.band == "sure"}
    told = {finding.id for finding in indicators}
    minor = _MINOR in told or _MINOR_RISK in sure
    return bool(sure - {_MINOR_RISK}) or (minor and bool(told - {_MINOR}))


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding a risk: a sure one before a grey one, a rule before the model."""
    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda one: (one.band != "sure", one.source == MODEL, -one.confidence)):
        best.setdefault(finding.id, finding)
    return tuple(best.values())


def _with_minor(
    indicators: tuple[Finding, ...], risks: tuple[Finding, ...]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return both with minor and minor_at_risk said together: the one is never there without the other."""
    told = next((finding for finding in indicators if finding.id == _MINOR), None)
    risk = next((finding for finding in risks if finding.id == _MINOR_RISK and finding.band == "sure"), None)
    if told and not risk:
        others = tuple(finding for finding in risks if finding.id != _MINOR_RISK)
        return indicators, (*others, Finding(_MINOR_RISK, "risk", told.confidence, told.words, told.source, "sure"))
    if risk and not told:
        return (*indicators, Finding(_MINOR, "indicator", risk.confidence, risk.words, risk.source, "sure")), risks
    return indicators, risks


def _worth_a_look(prediction: Prediction) -> bool:
    """Say whether something was found that staff should see the words of; each part costs an embedding."""
    return any(label.band == "sure" for label in prediction.indicators) or any(
        label.band != "clear" for label in prediction.risks
    )


def _role(prediction: Prediction | None) -> str | None:
    """Return whom the message is about, or None if it does not say."""
    if prediction is None:
        return None
    role, chance = prediction.roles[0]
    return role if role != "none" and chance >= _ROLE_SURE else None


def _unpacked(archive: Path, cache: Path | None) -> Path:
    """Return a folder with our files out of an archive, whatever folders they stand in there."""
    # By content, not by time: a copied archive is the same model.
    name = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    root = cache or Path(tempfile.gettempdir()) / f"lantern-{os.getuid()}"
    folder = root / name
    if folder.exists():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=root))
    with tarfile.open(archive) as members:
        for member in members:
            file_name = Path(member.name).name
            content = members.extractfile(member) if member.isfile() and file_name in FILES else None
            if content is not None:
                with content, (partial / file_name).open("wb") as target:
                    shutil.copyfileobj(content, target)
    try:
        partial.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(partial)
    return folder
