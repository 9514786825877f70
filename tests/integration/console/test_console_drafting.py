"""Drafts as the studio keeps them: saved once, never over somebody's unseen words, only by some."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from dashboard import data
from dashboard.changing import beginning, drafting, judging, personas
from dashboard.changing.drafting import NotAllowedError, RefusedError, StaleError
from dashboard.reading import templates as reading_templates
from delivery.templates.gallery import starters
from models.queries.configuring import templates
from models.records import NewVersion, Persona, TemplateDraft, TemplateHead, TemplateVersion, Words

Make = Callable[..., UUID]
FIRST = TemplateVersion("greeting", 1, "in_app", "Hello", "Hello {{ data.name }}", locale="en")
SECOND = replace(FIRST, version=2, source="Good day {{ data.name }}")


@pytest.fixture
def greeting(reading: str) -> None:
    """A template with two versions, the second one live."""
    assert reading
    with data.database().begin() as tx:
        for version in (FIRST, SECOND):
            tx.follow(templates.save_version(version, "Greeting", "ada", data.database().now()))


def draft(source: str, revision: int = 0) -> TemplateDraft:
    words = Words("Hello", source)
    return TemplateDraft("greeting", "en", words, revision, 2, data.database().now(), "nobody")


def told() -> list[str]:
    return [entry.action for entry in data.audit()]


@pytest.mark.usefixtures("greeting")
def test_a_draft_is_signed_by_who_saves_and_told_once_a_hand(person: Make):
    ada, lin = person("author"), person("author")
    first = drafting.save(ada, draft("Hi"))
    again = drafting.save(ada, draft("Hi there", first.revision))
    taken = drafting.save(lin, draft("Hi you", again.revision))

    assert drafting.of_template("greeting") == {"en": taken}
    assert taken.words.source == "Hi you"
    assert first.updated_by != "nobody"
    assert told() == ["took up a draft", "took up a draft"]


@pytest.mark.usefixtures("greeting")
def test_who_saves_second_is_shown_the_others_words_and_nothing_is_lost(person: Make):
    ada, lin = person("author"), person("author")
    theirs = drafting.save(ada, draft("Hers"))

    with pytest.raises(StaleError) as stale:
        drafting.save(lin, draft("His"))

    assert stale.value.theirs == theirs
    assert drafting.of_template("greeting")["en"].words.source == "Hers"
    assert drafting.save(lin, draft("His", theirs.revision)).words.source == "His"


@pytest.mark.usefixtures("greeting")
def test_the_same_words_saved_twice_are_one_save(person: Make):
    ada = person("author")

    assert drafting.save(ada, draft("Hi")) == drafting.save(ada, draft("Hi"))


@pytest.mark.usefixtures("greeting")
def test_a_draft_is_thrown_away_as_it_was_read(person: Make):
    ada = person("author")
    kept = drafting.save(ada, draft("Hi"))
    newer = drafting.save(ada, draft("Hi there", kept.revision))

    with pytest.raises(RefusedError, match="meanwhile"):
        drafting.discard(ada, kept)
    drafting.discard(ada, newer)
    assert drafting.of_template("greeting") == {}
    with pytest.raises(RefusedError, match="meanwhile"):
        drafting.discard(ada, newer)


@pytest.mark.usefixtures("greeting")
def test_old_words_become_the_draft_once_and_never_over_another(person: Make):
    ada = person("author")
    drafting.take_back(ada, "greeting", 1)
    drafting.take_back(ada, "greeting", 1)

    [back] = drafting.of_template("greeting").values()
    assert (back.words, back.base_version, back.revision) == (FIRST.words, 1, 1)
    assert told() == ["took old words up again"]
    drafting.save(ada, draft("Other", back.revision))
    with pytest.raises(RefusedError, match="There is a draft"):
        drafting.take_back(ada, "greeting", 1)
    with pytest.raises(RefusedError, match="no such version"):
        drafting.take_back(ada, "greeting", 9)


@pytest.mark.usefixtures("greeting")
@pytest.mark.parametrize("role", ["viewer", "approver", "operator", "support"])
def test_others_than_authors_write_nothing(person: Make, role: str):
    somebody = person(role)

    for attempt in (
        lambda: drafting.save(somebody, draft("Hi")),
        lambda: drafting.discard(somebody, draft("Hi")),
        lambda: drafting.take_back(somebody, "greeting", 1),
    ):
        with pytest.raises(NotAllowedError):
            attempt()
    assert drafting.of_template("greeting") == {}
    assert told() == []


ANNA = {"id": "anna", "name": "Ánna"}


def head(**more: str) -> TemplateHead:
    return TemplateHead(
        **{"template": "welcome", "title": "Welcome", "channel": "in_app", "locale": "de_at"} | more
    )


@pytest.mark.usefixtures("greeting")
def test_a_template_is_made_once_with_a_draft_and_nothing_live(person: Make):
    ada = person("author")
    beginning.create(ada, head(), drafting.live_words("greeting"))

    with pytest.raises(RefusedError, match="already"):
        beginning.create(ada, head(), FIRST.words)
    assert drafting.of_template("welcome")["de-AT"].words == SECOND.words
    assert reading_templates.template_report("welcome").line.live_version is None
    drafting.rename(ada, "welcome", " Hello ")
    assert reading_templates.template_report("welcome").line.title == "Hello"
    assert told() == ["renamed a template", "made a template"]


@pytest.mark.usefixtures("greeting")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"template": "a b"}, "key"), ({"template": ""}, "key"), ({"title": " "}, "title"),
     ({"locale": "klingon"}, "no language")],
)  # fmt: skip
def test_what_is_no_template_is_refused(person: Make, wrong: dict[str, str], said: str):
    with pytest.raises(RefusedError, match=said):
        beginning.create(person("author"), head(**wrong), FIRST.words)
    assert reading_templates.template_report("welcome") is None


@pytest.mark.usefixtures("greeting")
def test_personas_are_kept_for_one_template_or_for_all(person: Make):
    ada = person("author")
    personas.save(ada, Persona("greeting", "Anna", ANNA, {"name": "A"}))
    personas.save(ada, Persona("greeting", "Anna", ANNA, {"name": "B"}))
    personas.save(person("engineer"), Persona("", "Everybody", ANNA, {}))

    assert [(one.title, one.data) for one in personas.of_template("greeting")] == [
        ("Anna", {"name": "B"}),
        ("Everybody", {}),
    ]
    assert [one.title for one in personas.of_template("other")] == ["Everybody"]
    personas.forget(ada, "greeting", "Anna")
    with pytest.raises(RefusedError, match="gone already"):
        personas.forget(ada, "greeting", "Anna")


@pytest.mark.usefixtures("greeting")
def test_personas_that_are_nobody_or_cannot_be_kept_are_refused(person: Make):
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    for wrong in (
        Persona("greeting", " ", ANNA, {}),
        Persona("greeting", "Anna", {}, {}),
        Persona("greeting", "Anna", ANNA, "\0"),
        Persona("greeting", "Anna", ANNA, deep),
    ):
        with pytest.raises(RefusedError):
            personas.save(person("author"), wrong)
    with pytest.raises(NotAllowedError):
        personas.save(person("viewer"), Persona("greeting", "Anna", ANNA, {}))
    assert personas.of_template("greeting") == []


@pytest.mark.usefixtures("greeting")
def test_a_language_is_added_once_with_the_words_as_they_are_drafted(person: Make):
    ada = person("author")
    drafting.save(ada, draft("Hi"))

    assert drafting.translate(ada, "greeting", "PT_br") == "pt-BR"

    begun = drafting.of_template("greeting")["pt-BR"]
    assert (begun.words.source, begun.revision, begun.base_version) == ("Hi", 1, 2)
    for wanted, why in (("pt-br", "already"), ("en", "already"), ("xx", "no language")):
        with pytest.raises(RefusedError, match=why):
            drafting.translate(ada, "greeting", wanted)
    with pytest.raises(RefusedError, match="no such template"):
        drafting.translate(ada, "nothing", "de")
    assert told().count("added a language") == 1


@pytest.mark.usefixtures("greeting")
def test_words_older_than_those_they_translate_are_told():
    german = replace(FIRST, locale="de", source="Hallo")
    older = TemplateHead("greeting", "Greeting", "in_app", locale="en")
    with data.database().begin() as tx:
        now = data.database().now()
        for number, source in ((3, "Hello"), (4, "Good evening")):
            texts = (replace(FIRST, version=number, source=source), replace(german, version=number))
            tx.follow(templates.publish_version(NewVersion(older, texts, "ada", now)))
        tx.run(templates.set_live("greeting", 4, now))

    report = reading_templates.template_report("greeting")
    assert report is not None
    assert report.behind == {"de": 4}


@pytest.mark.usefixtures("greeting")
def test_a_starter_is_begun_in_all_its_languages_with_the_pieces_it_shares(person: Make):
    ada = person("author")
    welcome = next(one for one in starters() if one.bundle.head.template == "welcome")
    for key in ("hello", "hello-2"):  # the second time the pieces are there
        beginning.from_starter(ada, TemplateHead(key, "Hello", "email"), welcome)
        assert drafting.of_template(key).keys() == {"en", "de"}
        assert [one.data for one in personas.of_template(key)] == [welcome.data]
    with pytest.raises(RefusedError, match="already"):
        beginning.from_starter(ada, TemplateHead("hello", "Hello", "email"), welcome)

    assert judging.look("hello").errors == []
    assert sorted(told()) == ["made a template"] * 2 + ["published a template"] * 3
