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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.understanding import answers, details, embedding, misread, openset, weighing
from bot.understanding.answers import Answer, QuestionShape
from bot.understanding.clean import Cleaned, clean
from bot.understanding.details import Detail
from bot.understanding.evidence import is_short, parts_of
from bot.understanding.findings import MODEL, Finding
from bot.understanding.heads import ARRAYS_FILE, LABELS_FILE, Heads, Label, Prediction
from bot.understanding.language import Guess, LanguageMemory, identify
from bot.understanding.language_model import CLASSIFIER_FILE, WORDS_FILE, LanguageModel
from bot.understanding.safety import SafetyNet
from bot.understanding.sayings import SayingNet
from bot.understanding.slips import without_slip
from bot.understanding.weighing import MINOR, MINOR_RISK, SUICIDE, TOLD_PLAINLY
from content import safety
from content.about import WHOM, about
from content.context_words import KINDS, context_words
from content.corrections import SLIP, corrections
from content.denials import denials, denied_by
from content.tellings import tellings, told_plainly
from content.topics import fixed_answers, topics

FILES = (ARRAYS_FILE, LABELS_FILE, CLASSIFIER_FILE, WORDS_FILE)
KNOWN_INTENT = 0.2  # below this no label is likely
_UNKNOWN_INTENT = "out_of_scope"
_ROLE_SURE = 0.5
_ROLE_OF = {"disclose": "self", "report_family": "family", "report_concern": "community"}
_BANDS = ("clear", "grey", "sure")
# A message that plainly is one of these leaves no room for a careful question by the head of urgency alone.
_CALM = (
    "greet", "affirm", "deny", "skip", "thanks", "goodbye", "change_language", "ask_identity", "ask_confidentiality",
    "ask_human", "delete_data", "stop", "abuse", "out_of_scope",
)  # fmt: skip
_PLAINLY = 0.7
_NAMED = 0.4
_SUSPECTED = 0.3
_DANGER = "immediate_danger"
_CHILD = {MINOR, MINOR_RISK}


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
    topics: tuple[str, ...] = ()  # what has one fixed answer
    denied: tuple[str, ...] = ()  # what is said not to be so, of content/denials
    about: tuple[str, ...] = ()  # whom else it is about by plain words, of content/about
    context: tuple[str, ...] = ()  # what means something only where the talk has come to a point, of content/context
    roles: Mapping[str, float] = field(default_factory=dict)  # whom it is about, or none: shares that add up to 1
    details: tuple[Detail, ...] = field(default=(), repr=False)  # ages, durations, sums, phones, places

    @property
    def doubtful(self) -> bool:
        """Whether no intent is likely: the line asks, or brings in a person."""
        return self.intent_confidence < KNOWN_INTENT


class Understanding:
    """Understands messages; one instance a process, safe to share."""

    def __init__(self, net: SafetyNet, language_model: LanguageModel | None = None, heads: Heads | None = None) -> None:
        self._net = net
        self._topics = SayingNet(topics(), tuple(fixed_answers()))
        self._denials = SayingNet(denials(), tuple(denied_by()))
        self._tellings = SayingNet(tellings(), told_plainly())
        self._about = SayingNet(about(), WHOM)
        self._corrections = SayingNet(corrections(), (SLIP,))
        self._context = SayingNet(context_words(), KINDS)
        self._language_model = language_model
        self.heads = heads if embedding.available() else None
        self._reads_details = language_model is not None

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
        if heads is not None:  # without them nothing is embedded
            embedding.prepare()
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
        not_so = self._denials.said(cleaned, guess.candidates)
        denied = tuple(name for name, _ in not_so)
        asked = self._topics.said(cleaned, guess.candidates)
        rules = self._net.find(misread.without_calm_words(cleaned, not_so, asked), guess.candidates)
        known = answers.intent_of(cleaned, guess.candidates) if answer is None else answer.intent
        reads_on = cleaned.has_letters and known is None and (answer is None or bool(answer.rest))
        meant = without_slip(cleaned, self._corrections, guess.candidates)
        prediction, parts, vectors = self._predict(meant) if reads_on or (answer and answer.rest) else (None, [], None)
        plain = self._tellings.said(meant, guess.candidates) if reads_on else ()
        context = self._context.find(cleaned, guess.candidates)
        whom = self._about.told_in(cleaned, guess.candidates)
        prediction = misread.of_address(prediction, context, whom)
        roles = _roles(prediction)
        heard = weighing.indicators_of(plain, self._indicators(prediction, parts, vectors), denied)
        found = misread.of_label(heard, asked)
        # What answers the question has its own meaning: there the head of urgency alone raises nothing.
        told = () if prediction is None else prediction.risks if answer else _with_urgency(prediction)
        read = details.find(meant.text, country) if self._reads_details else ()
        named = misread.of_calls(asked)
        guesses = misread.of_dead(misread.of_deleting(self._risks(told, parts, vectors), named), context)
        if misread.is_parent(context, roles, read):
            found, guesses = misread.of_parent(found, guesses)
        found, guesses = misread.of_numbers(found, guesses, meant.folded, read)
        if _CHILD & {one.id for one in (*found[0], *guesses)} and not self._child_without_counted(meant, read):
            found, guesses = misread.of_counted(found, guesses)
        risks = weighing.risks_of(misread.with_ages(rules, meant.folded, read), guesses, denied, read)
        (indicators, possible), risks = weighing.with_children(found, risks)
        ranking = prediction.ranking if prediction else ()
        intent, confidence = (known, TOLD_PLAINLY) if known else ranking[0] if ranking else (_UNKNOWN_INTENT, 0.0)
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
            roles=roles,
            urgent=weighing.is_urgent(indicators, risks),
            answer=answer,
            topics=named,
            denied=denied,
            about=whom,
            context=context,
            details=read,
        )

    def _predict(self, cleaned: Cleaned) -> tuple[Prediction | None, list[str], embedding.Vectors | None]:
        """Return what the heads say, with the parts of the text and their vectors if they were read."""
        if self.heads is None:
            return None, [], None
        whole = embedding.embed([cleaned.text])
        prediction = self.heads.predict(whole)
        long = embedding.is_long(cleaned.text)
        if is_short(cleaned.text) or not (long or _worth_a_look(prediction)):
            return prediction, [cleaned.text], whole
        parts = parts_of(cleaned.text)
        if not long:
            return prediction, parts, embedding.glance(parts)
        vectors = embedding.embed(parts)
        beyond = self.heads.predict(vectors)  # what the whole could not hold
        return replace(beyond, ranking=prediction.ranking, roles=prediction.roles), parts, vectors

    def _child_without_counted(self, meant: Cleaned, read: tuple[Detail, ...]) -> bool:
        """Say whether the heads still see a child where the numbers that count people are left out."""
        uncounted = misread.without_counted(meant.text, read)
        if uncounted == meant.text:
            return True
        prediction, _, _ = self._predict(clean(uncounted))
        labels = (*prediction.indicators, *prediction.risks) if prediction else ()
        return any(label.id in _CHILD and label.band == "sure" for label in labels)

    def _indicators(
        self, prediction: Prediction | None, parts: list[str], vectors: embedding.Vectors | None
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        if prediction is None or vectors is None:
            return (), ()
        found = self._findings("indicator", prediction.indicators, parts, vectors)
        if _not_ours(prediction):
            return (), tuple(found)  # a joke about being sold is no telling
        return (
            tuple(finding for finding in found if finding.band == "sure"),
            tuple(finding for finding in found if finding.band == "grey"),
        )

    def _risks(self, told: Iterable[Label], parts: list[str], vectors: embedding.Vectors | None) -> list[Finding]:
        return [] if vectors is None else self._findings("risk", told, parts, vectors)

    def _findings(
        self, kind: str, labels: Iterable[Label], parts: list[str], vectors: embedding.Vectors
    ) -> list[Finding]:
        found = []
        for label in labels:
            if label.band == "clear" or self.heads is None:
                continue
            best = int(self.heads.chance_of(label.id, vectors).argmax())
            found.append(Finding(label.id, kind, round(label.chance, 4), parts[best], MODEL, label.band))
        return sorted(found, key=lambda finding: -finding.confidence)


def _with_urgency(prediction: Prediction) -> tuple[Label, ...]:
    """Return the risks, one of them raised to the band of urgency: that head has seen what all risks share.

    The likeliest is raised if it is likely enough to be named; else danger, whose question and whose answer fit all.
    """
    likeliest = max(prediction.risks, key=lambda label: label.chance)
    if likeliest.chance < _NAMED:
        likeliest = next(label for label in prediction.risks if label.id == _DANGER)
    intent, sure_of_it = prediction.ranking[0]
    if _not_ours(prediction):  # asked about, not alarmed
        return tuple(replace(label, band="grey") if label.band == "sure" else label for label in prediction.risks)
    if _BANDS.index(prediction.urgent.band) <= max(_BANDS.index(label.band) for label in prediction.risks):
        return prediction.risks
    if prediction.urgent.band == "grey" and intent in _CALM and sure_of_it >= _PLAINLY:
        return prediction.risks
    chance = max(likeliest.chance, prediction.urgent.chance)
    # Words about dying hurt who never thought of it: without a head of their own that is sure, they are asked about.
    band = "grey" if likeliest.id == SUICIDE else _band_raised(prediction)
    raised = Label(likeliest.id, chance, band)
    return tuple(raised if label is likeliest else label for label in prediction.risks)


def _not_ours(prediction: Prediction) -> bool:
    """True for what plainly is about something else."""
    intent, sure_of_it = prediction.ranking[0]
    return intent == _UNKNOWN_INTENT and sure_of_it >= _PLAINLY


def _band_raised(prediction: Prediction) -> str:
    """Return the band that urgency alone raises a risk to; a question where nothing else points to any danger.

    That is: no head of a risk sees enough of it, or somebody says thanks and the like and no head sees an indicator.
    """
    calm = prediction.ranking[0][0] in _CALM and all(label.band == "clear" for label in prediction.indicators)
    nowhere = all(label.band == "clear" or label.chance < _SUSPECTED for label in prediction.risks)
    return "grey" if calm or nowhere else prediction.urgent.band


def _worth_a_look(prediction: Prediction) -> bool:
    """Say whether something was found that staff should see the words of; each part costs an embedding."""
    return any(label.band == "sure" for label in prediction.indicators) or any(
        label.band != "clear" for label in (*prediction.risks, prediction.urgent)
    )


def _role(prediction: Prediction | None) -> str | None:
    """Return whom the message is about, or None if it does not say."""
    if prediction is None:
        return None
    role, chance = prediction.roles[0]
    return role if role != "none" and chance >= _ROLE_SURE else None


def _roles(prediction: Prediction | None) -> dict[str, float]:
    """Return whom the message is about, half by its role and half by its label: each knows what the other misses."""
    if prediction is None:
        return {}
    shares = {role: chance / 2 for role, chance in prediction.roles}
    for intent, chance in prediction.ranking:
        role = _ROLE_OF.get(intent, "none")
        shares[role] = shares.get(role, 0.0) + chance / 2
    return shares


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
