"""Judge: what `./run check` runs, area by area, on all content and data.

Stands here because no other room may know both the words and how a channel counts them.
"""

from __future__ import annotations

from bot.understanding import check_data
from channels.parts import parts
from content.answers import lexicons
from content.catalogue import catalogue, written
from content.check import Rule, facts, keys, lengths, sentences, sources, stories, training, wording
from content.questions import questions
from content.safety import rules


def areas() -> dict[str, tuple[Rule, ...]]:
    """Return the rules by area, in the order in which a newcomer's mistakes are best told."""
    return {
        "files": (sources.every_file_loads, sources.no_file_is_read_by_nobody),
        "languages": (
            facts.codes_are_those_of_the_world, facts.every_language_is_likely_somewhere,
            facts.every_language_knows_its_script, sentences.catalogues_match_the_list_of_languages,
        ),
        "sentences": (
            sentences.every_language_has_every_key, sentences.no_translation_is_stale,
            sentences.braces_are_those_of_english,
        ),
        "wording": (
            wording.no_sentence_has_a_forbidden_word, wording.nothing_shouts, wording.no_two_keys_say_the_same,
            wording.option_labels_are_short,
        ),
        "lengths": (lengths.sms_fits(_sms),),
        "keys": (
            keys.every_key_asked_for_exists, keys.every_key_is_used, keys.sentences_with_a_number_have_a_twin_without,
        ),
        "facts": (
            facts.numbers_can_be_dialled, facts.no_unchecked_number_is_shown, facts.every_question_has_its_answers,
            facts.every_risk_is_heard_in_every_language,
        ),
        "training": (training.dialogues_can_be_played,),
        "stories": (stories.stories_name_only_what_there_is, stories.every_intent_has_a_rule),
        "safety rules": (check_data.safety_rules_do_as_they_promise,),
        "short answers": (check_data.short_answers_do_not_contradict, check_data.every_language_can_answer),
        "topics": (check_data.topics_do_as_they_promise,),
        "denials": (check_data.denials_do_as_they_promise,),
        "tellings": (check_data.tellings_do_as_they_promise,),
        "corrections": (check_data.corrections_do_as_they_promise,),
        "about": (check_data.about_whom_does_as_it_promises,),
        "details": (check_data.names_and_words_do_not_contradict,),
        "examples": (
            check_data.examples_have_known_labels, check_data.no_text_has_two_meanings,
            check_data.every_label_has_examples,
        ),
    }  # fmt: skip


def counts() -> str:
    """Return how much was judged, in one line."""
    languages = written()
    sentences_judged = sum(len(catalogue(code).sentences) for code in languages)
    return (
        f"{len(languages)} languages, {sentences_judged} sentences, {len(questions())} questions, "
        f"{len(rules())} safety rules, {len(lexicons())} lists of answers, {len(check_data.examples())} examples"
    )


def _sms(text: str) -> tuple[int, bool]:
    counted = parts(text, smart=True)
    return counted.count, counted.unicode
