"""What the installation tells its own people, as news of topics of its own. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.profiles import Accepts, read_profile
from delivery.rendering.compile import compile_mjml
from models.people import Person
from models.profiles import NewProfile
from models.records import Class, Step, TemplateVersion, Topic

_EMAIL = "email"
_HEAD = """<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Inter, Helvetica, Arial, sans-serif" />
      <mj-text font-size="15px" line-height="1.6" color="#374151" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f4f5f9">
    <mj-section background-color="#ffffff" padding="22px 12px">
      <mj-column>
"""
_FOOT = """      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of news, which becomes a topic and a template when it is first told.

    Attributes:
        topic: Its key; the template is called the same, with hyphens.
        subject: Jinja.
        body: MJML with Jinja: what stands in the one column.
    """

    topic: str
    title: str
    klass: Class
    subject: str
    body: str

    @property
    def template(self) -> str:
        """The key of its template."""
        return self.topic.replace(".", "-")

    def as_topic(self) -> Topic:
        """The topic that nobody can turn off: it tells people of what they run."""
        step = Step(_EMAIL, _EMAIL, self.template)
        return Topic(self.topic, self.title, "tidings", self.klass, (step,), mandatory=True)

    def as_template(self) -> TemplateVersion:
        """The first version of its template."""
        source = f"{_HEAD}{self.body}{_FOOT}"
        compiled = compile_mjml(source)
        return TemplateVersion(self.template, 1, _EMAIL, self.subject, source, compiled=compiled)


def recipient(person: Person) -> str:
    """Somebody of ours as a recipient: no product's people are called so."""
    return f"tidings:{person.person}"


def reached(people: Iterable[Person], accepts: Accepts) -> tuple[NewProfile, ...]:
    """Those of some people who can be written to, as recipients."""
    return tuple(
        read_profile(recipient(one), _profile(one), accepts)
        for one in people
        if accepts[_EMAIL](one.email)
    )


def _profile(person: Person) -> dict[str, object]:
    address = {"channel": _EMAIL, "address": person.email}
    return {"name": person.name, "addresses": [address]}
