"""Whom a campaign is filled for before it goes."""

from delivery.campaigns.body import CampaignBody
from delivery.campaigns.sampling import PEOPLE, messages, sampled, samples
from models.records import Profile, Step, TemplateVersion
from tests.values import NOW, make_topic

MAIL = make_topic(steps=(Step("email", "email", "board-mail"),))
EN = TemplateVersion("board-mail", 1, "email", "Hello", "{{ data.board }}", locale="en")
DE = TemplateVersion("board-mail", 1, "email", "Hallo", "{{ data.board }}", locale="de")
BODY = CampaignBody.model_validate(
    {
        "key": "spring", "title": "Spring", "topic": MAIL.key, "audience": "all",
        "data": {"board": "Roadmap"},
        "steps": [{"key": "one"}, {"key": "two", "templates": {"email": "reminder"}}],
        "variants": [{"key": "a"}, {"key": "b", "templates": {"email": "bold"}}],
    }
)  # fmt: skip


def test_the_same_people_are_drawn_whoever_looks():
    people = [f"person-{number}" for number in range(500)]
    drawn = sampled("spring", people)
    assert drawn == sampled("spring", reversed(people))
    assert len(drawn) == PEOPLE
    assert drawn != sampled("summer", people)


def test_every_template_that_is_said_is_looked_at_once():
    assert messages(BODY, MAIL) == {"board-mail": "one/a", "bold": "one/b", "reminder": "two"}


def test_each_gets_it_in_the_language_nearest_to_theirs_with_the_data_of_the_campaign():
    people = [Profile("anna", "Anna", "de-AT"), Profile("bo", "Bo", "sv")]
    found = list(samples(BODY, MAIL, {"board-mail": [EN, DE]}, people, NOW))
    assert [(one.who, one.version.locale) for one in found[:2]] == [("anna", "de"), ("bo", "en")]
    assert found[0].context["recipient"]["name"] == "Anna"
    assert all(one.context["data"] == {"board": "Roadmap"} for one in found)


def test_people_at_the_edge_are_looked_at_too():
    found = list(samples(BODY, MAIL, {"board-mail": [EN]}, [], NOW))
    names = {one.who: one.context["recipient"]["name"] for one in found}
    assert names["only what is required"] is None
    assert "<script>" in names["HTML in values"]
    assert len(names) == 5


def test_of_a_template_that_is_not_live_there_is_no_sample():
    assert list(samples(BODY, MAIL, {}, [Profile("anna")], NOW)) == []
