"""The text part that is derived from a page: Jinja and links survive, layout does not."""

import pytest

from delivery.rendering.compile import compile_mjml
from delivery.rendering.text import derive
from tests.unit.rendering.templates import body, column

CASES = {
    "<p>Hello</p><p>there</p>": "Hello\n\nthere\n",
    '<p><a href="https://e.com/x">Read</a></p>': "Read (https://e.com/x)\n",
    '<p><a href="{{ data.url }}">Read</a></p>': "Read ({{ data.url }})\n",
    '<a href="https://e.com">https://e.com</a>': "https://e.com\n",
    '<a href="mailto:a@b.c">a@b.c</a>': "a@b.c\n",
    '<a href="#top">up</a>': "up\n",
    '<a href="https://e.com"><img src="x.png" alt="Shop"></a>': "Shop (https://e.com)\n",
    '<a href="https://e.com"><img src="x.png" alt=""></a>': "https://e.com\n",
    "<p>{% if a < b %}{{ 'x < y' }}{% endif %}</p>": "{% if a < b %}{{ 'x < y' }}{% endif %}\n",
    "<div>{% for i in x %}</div><div>{{ i }}</div><div>{% endfor %}</div>":
        "{% for i in x %}{{ i }}\n{% endfor %}\n",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>": "a  b\nc  d\n",
    "<ul><li>a</li><li>b</li></ul>": "* a\n* b\n",
    "<p>a&nbsp;b &copy; &lt;i&gt;</p>": "a b © <i>\n",
    '<div style="display:none">hidden <img src=x> more</div><p>seen</p>': "seen\n",
    "<style>p{}</style><p>seen</p><!-- not -->": "seen\n",
    "<p>{% raw %}{{ x }}{% endraw %}</p>": "{% raw %}{{ x }}{% endraw %}\n",
}  # fmt: skip


@pytest.mark.parametrize("html", CASES)
def test_derives(html: str):
    assert derive(html) == CASES[html]


def test_a_compiled_mail_reads_like_a_letter():
    source = body(
        "<mj-section><mj-column><mj-image src='l.png' alt='Shop'/>"
        "<mj-text>Hello {{ name }},</mj-text></mj-column></mj-section>"
        "{% for row in rows %}<mj-section>"
        "<mj-column><mj-text>{{ row.name }}</mj-text></mj-column>"
        "<mj-column><mj-text>{{ row.price }}</mj-text></mj-column>"
        "</mj-section>{% endfor %}"
        "<mj-section><mj-column><mj-button href='{{ url }}'>Track</mj-button></mj-column>"
        "</mj-section>"
    )
    assert derive(compile_mjml(source, "hidden preview")).split("\n") == [
        "Shop",
        "Hello {{ name }},",
        "{% for row in rows %}{{ row.name }}",
        "{{ row.price }}",
        "{% endfor %}Track ({{ url }})",
        "",
    ]


def test_conditions_in_attributes_do_not_reach_the_text():
    source = column('<mj-text css-class="{% if a %}b{% endif %}">t</mj-text>')
    assert derive(compile_mjml(source)) == "t\n"
