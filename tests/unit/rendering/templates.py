"""MJML of every kind, each with what must and must not be found in the HTML made of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of template; `data` fills it, `shown` and `hidden` are pieces of the result."""

    name: str
    source: str
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


DATA = {
    "name": "Zoë <b>",
    "url": "https://example.com/a?x=1&y=2",
    "colour": "#00aa55",
    "rows": [{"name": "One", "price": 1}, {"name": "Two", "price": 2}],
    "none": [],
    "yes": True,
    "no": False,
    "image": "https://cdn.example.com/1.png",
}


def body(inside: str, head: str = "") -> str:
    return f"<mjml>{f'<mj-head>{head}</mj-head>' if head else ''}<mj-body>{inside}</mj-body></mjml>"


def column(inside: str, head: str = "") -> str:
    return body(f"<mj-section><mj-column>{inside}</mj-column></mj-section>", head)


KINDS = [
    Kind("text", column("<mj-text>Hi {{ data.name }}</mj-text>"), ("Hi Zoë &lt;b&gt;",)),
    Kind("entities", column("<mj-text>a&nbsp;b &copy; &lt;i&gt; &#8364;</mj-text>"),
         ("a&nbsp;b &copy; &lt;i&gt; &#8364;",)),
    Kind("quotes in attributes", column('<mj-image src="x.png" alt="Tom &amp; &quot;J&quot;"/>'),
         ('alt="Tom &amp; &quot;J&quot;"',)),
    Kind("ampersands in links", column('<mj-button href="https://e.com/?a=1&b={{ data.no }}">Go'
         "</mj-button>"), ('href="https://e.com/?a=1&b=False"',)),
    Kind("Jinja in attributes", column('<mj-button href="{{ data.url }}" color="{{ data.colour }}">'
         "Go</mj-button>"), ('href="https://example.com/a?x=1&amp;y=2"', "color:#00aa55")),
    Kind("quotes inside Jinja", column("<mj-button href='{{ data[\"url\"] }}'>Go</mj-button>"),
         ('href="https://example.com/a?x=1&amp;y=2"',)),
    Kind("less-than inside Jinja", column("<mj-text>{% if data.rows|length < 3 %}few{% endif %}"
         "{{ 'a > b' if 1 < 2 }}</mj-text>"), ("few", "a &gt; b")),
    Kind("braces inside Jinja strings", column("<mj-text>{{ '%}' ~ '}}' }}</mj-text>"), ("%}}}",)),
    Kind("loop around sections", body("{% for row in data.rows %}<mj-section><mj-column><mj-text>"
         "{{ loop.index }}.{{ row.name }}</mj-text></mj-column></mj-section>{% endfor %}"),
         ("1.One", "2.Two")),
    Kind("loop around columns", body("<mj-section>{% for row in data.rows %}<mj-column><mj-text>"
         "{{ row.name }}</mj-text></mj-column>{% endfor %}</mj-section>"), ("One", "Two")),
    Kind("loop around texts", column("{% for row in data.rows %}<mj-text>{{ row.name }}</mj-text>"
         "{% else %}<mj-text>nothing</mj-text>{% endfor %}"), ("One", "Two"), ("nothing",)),
    Kind("condition between sections", body("{% if data.no %}<mj-section><mj-column><mj-text>A"
         "secret</mj-text></mj-column></mj-section>{% elif data.yes %}<mj-section><mj-column>"
         "<mj-text>Shown</mj-text></mj-column></mj-section>{% endif %}"), ("Shown",), ("Asecret",)),
    Kind("statements in mj-raw", body("<mj-raw>{% for row in data.rows %}</mj-raw><mj-section>"
         "<mj-column><mj-text>{{ row.name }}</mj-text></mj-column></mj-section><mj-raw>{% endfor %}"
         "</mj-raw>"), ("One", "Two")),
    Kind("rows in mj-table", column("<mj-table>{% for row in data.rows %}<tr><td>"
         "{{ row.name }}</td><td>{{ row.price }}</td></tr>{% endfor %}</mj-table>"),
         ("<td>One</td><td>1</td></tr><tr>",)),
    Kind("rows in mj-raw", column("<mj-raw><tr><td><table>{% for row in data.rows %}<tr><td>"
         "{{ row.name }}</td></tr>{% endfor %}</table></td></tr></mj-raw>"), ("<td>Two</td>",)),
    Kind("rows with inlined styles", column("<mj-table>{% for row in data.rows %}<tr><td>"
         "{{ row.name }}</td></tr>{% endfor %}</mj-table>",
         '<mj-style inline="inline">td { color: {{ data.colour }}; }</mj-style>'),
         ("color: #00aa55", ">One</td></tr><tr>"), (('<tbody><tr><td style="color: #00aa55;">One'
         "</td></tr><tbody>"),)),
    Kind("style", column("<mj-text css-class='x'>t</mj-text>", "<mj-style>.x > a { color: "
         "{{ data.colour }}; } @media (width < 600px) { .x { & b { margin: 0 } } }</mj-style>"),
         (".x > a { color: #00aa55; }", "(width < 600px)", "& b")),
    Kind("inline style", column("<mj-text><p class='red'>t</p></mj-text>",
         '<mj-style inline="inline">.red { color: red; }</mj-style>'), ('style="color: red;"',)),
    Kind("wrapper", body("<mj-wrapper border='1px solid #000'><mj-section><mj-column><mj-text>in"
         "</mj-text></mj-column></mj-section>{% if data.yes %}<mj-section><mj-column><mj-text>also"
         "</mj-text></mj-column></mj-section>{% endif %}</mj-wrapper>"), ("in", "also")),
    Kind("hero", body('<mj-hero mode="fixed-height" height="300px" background-width="600px" '
         'background-height="300px" background-url="{{ data.image }}"><mj-text>Big</mj-text>'
         "{% if data.yes %}<mj-button href='{{ data.url }}'>Go</mj-button>{% endif %}</mj-hero>"),
         ("Big", "https://cdn.example.com/1.png", "Go")),
    Kind("background", body('<mj-section full-width="full-width" background-size="cover" '
         'background-repeat="no-repeat" background-url="{{ data.image }}"><mj-column><mj-text>x'
         "</mj-text></mj-column></mj-section>"), ("url('https://cdn.example.com/1.png')",)),
    Kind("carousel", column('<mj-carousel><!-- first --><mj-carousel-image src="{{ data.image }}"/>'
         '<mj-carousel-image src="https://cdn.example.com/2.png"/></mj-carousel>'),
         ("https://cdn.example.com/1.png", "2.png")),
    Kind("navbar", column('<mj-navbar base-url="https://e.com" hamburger="hamburger">'
         '{% for row in data.rows %}<mj-navbar-link href="/{{ row.name }}">{{ row.name }}'
         "</mj-navbar-link>{% endfor %}</mj-navbar>"), ('href="https://e.com/One"',)),
    Kind("accordion", column("<mj-accordion>{% for row in data.rows %}<mj-accordion-element>"
         "<mj-accordion-title>{{ row.name }}</mj-accordion-title><mj-accordion-text>{{ row.price }}"
         "</mj-accordion-text></mj-accordion-element>{% endfor %}</mj-accordion>"), ("One", "Two")),
    Kind("social", column('<mj-social mode="horizontal">{% if data.yes %}<mj-social-element '
         'name="github" href="{{ data.url }}">Git</mj-social-element>{% endif %}</mj-social>'),
         ("github.png", "Git")),
    Kind("group", body("<mj-section><mj-group>{% for row in data.rows %}<mj-column width='50%'>"
         "<mj-text>{{ row.name }}</mj-text></mj-column>{% endfor %}</mj-group></mj-section>"),
         ("One", "Two")),
    Kind("attributes and classes", column('<mj-text mj-class="big">t</mj-text>',
         '<mj-attributes><mj-all font-family="Arial"/><mj-text color="{{ data.colour }}"/>'
         '<mj-class name="big" font-size="30px"/></mj-attributes>'),
         ("color:#00aa55", "font-size:30px", "font-family:Arial")),
    Kind("html attributes", column('<mj-text css-class="x">t</mj-text>', "<mj-html-attributes>"
         '<mj-selector path=".x div"><mj-html-attribute name="data-id">{{ data.yes }}'
         "</mj-html-attribute></mj-selector></mj-html-attributes>"), ('data-id="True"',)),
    Kind("title, preview, breakpoint", column("<mj-text>t</mj-text>", "<mj-title>{{ data.name }}"
         '</mj-title><mj-preview>See {{ data.name }}</mj-preview><mj-breakpoint width="320px"/>'),
         ("See Zoë &lt;b&gt;", "min-width:320px")),
    Kind("fonts twice", column('<mj-text font-family="Roboto">t</mj-text>', "<mj-font "
         "name='Roboto' href='https://fonts.example.com/r?a=1&b=2'/><mj-font name='Roboto' href='https://e.com'/>"
         "<mj-font name='Own' href='https://e.com/own'/>"
         "<mj-font name='Own' href='https://e.com/2'/>"),
         ("https://fonts.example.com/r?a=1&b=2",), ("googleapis.com/css?family=Roboto",)),
    Kind("comments", body("<!-- note {{ data.name }} --><mj-section><!-- two --><mj-column>"
         "<mj-text>t</mj-text></mj-column></mj-section>{# gone\nlines #}"),
         ("note Zoë",), ("gone",)),
    Kind("conditional comments", column("<mj-raw><!--[if mso]><tr><td>{{ data.name }}</td></tr>"
         "<![endif]--></mj-raw><mj-text>t</mj-text>"), ("<!--[if mso]><tr><td>Zoë",)),
    Kind("upper case", column('<MJ-TEXT Font-Size="20px">t</MJ-TEXT>'), ("font-size:20px",)),
    Kind("raw block", column("<mj-text>{% raw %}{{ not.jinja }} {% nor %} &amp;{% endraw %}"
         "</mj-text>"), ("{{ not.jinja }} {% nor %} &amp;",)),
    Kind("white space control", column("<mj-text>a  {%- if data.yes -%}  b  {%- endif -%}  c"
         "</mj-text>"), ("abc",)),
    Kind("statement between HTML attributes", column("<mj-text><p {% if data.yes %}class='x'"
         "{% endif %}>t</p></mj-text>"), ('<p class="x" >t</p>',)),
    Kind("statement in a value", column('<mj-text css-class="a {% if data.yes %}b{% endif %}">t'
         "</mj-text>"), ('class="a b"',)),
    Kind("set and macro before mjml", "{% set greeting = 'Hello' %}{% macro big(x) %}<b>{{ x }}</b>"
         "{% endmacro %}" + column("<mj-text>{{ greeting }} {{ big(data.name) }}</mj-text>"),
         ("Hello <b>Zoë &lt;b&gt;</b>",)),
    Kind("condition around everything", "{% if data.yes %}" + column("<mj-text>t</mj-text>")
         + "{% endif %}", ("<!doctype html>",)),
    Kind("XML declaration and comment first", '<?xml version="1.0"?>\n<!-- mine -->\n'
         + column("<mj-text>t</mj-text>"), ("<!doctype html>",), ("mine", "<?xml")),
    Kind("self-closed", column("<mj-divider/><mj-spacer height='10px' /><mj-image src='a.png'/>"),
         ("a.png",)),
    Kind("spacing and void HTML", column("<mj-text>a<br>b<br/>c <img src=x.png> <b>d</b> <i>e</i>"
         "</mj-text>"), ("<b>d</b> <i>e</i>",)),
    Kind("pre", column("<mj-text><pre>a\n   b</pre></mj-text>"), ("<pre>a\r\n   b</pre>",)),
    Kind("language and direction", '<mjml lang="ar" dir="rtl" owa="desktop"><mj-body>'
         "<mj-section><mj-column><mj-text>t</mj-text></mj-column></mj-section></mj-body></mjml>",
         ('lang="ar"', 'dir="rtl"')),
    Kind("attributes without effect", body('<mj-section vertical-align="middle" padding-top="10">'
         "<mj-column></mj-column></mj-section>"), ("padding-top:10",)),
    Kind("stray ampersands", column("<mj-text>&copy; & &trade; <a href='?a=1&copy=2&x'>y</a>"
         "</mj-text>"),
         ("&copy; & &trade;", 'href="?a=1&copy=2&x"')),
    Kind("single braces", column("<mj-text>{firstname} {{ '{' }} [[VAR]] %}</mj-text>"),
         ("{firstname} { [[VAR]] %}",)),
    Kind("no head, no section content", body("<mj-section></mj-section>"), ("<!doctype html>",)),
]  # fmt: skip
