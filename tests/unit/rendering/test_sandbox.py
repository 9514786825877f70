"""What people might try in a template: each is refused, quickly and in little memory."""

import resource
import time

import pytest

from delivery.errors import RenderingError
from delivery.rendering.fill import fill, prepare
from models.records import TemplateVersion

DOUBLING = "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = {} %}{% endfor %}"


def filled(source: str, **data: object) -> str:
    template = prepare(TemplateVersion("t", 1, "in_app", "s", source))
    return fill(
        template, {"data": {"s": "text", "n": 5, "null": None, "rows": [1, 2], **data}}
    ).text


ATTACKS = {
    "the class of a string": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the class by item": "{{ ''['__class__'] }}",
    "the class by filter": "{{ ''|attr('__class__') }}",
    "the class by map": "{{ ['']|map(attribute='__class__')|join }}",
    "the globals of a function": "{{ range.__globals__ }}",
    "the globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "the environment": "{{ self._TemplateReference__context.environment }}",
    "the code of a generator": "{{ (rows|map('upper')).gi_frame }}",
    "a format string": "{{ '{0.__class__}'.format('') }}",
    "a wide format": "{{ '{:>1000000000}'.format(1) }}",
    "a format map": "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "a wide percent format": "{{ '%1000000000d' % 1 }}",
    "a percent format of given width": "{{ '%*d' % (1000000000, 1) }}",
    "a precise percent format": "{{ '%.1000000000f' % 1.5 }}",
    "a long range": "{{ range(100000)|list|length }}",
    "a repeated string": "{{ 'x' * 1000000000 }}",
    "a string repeated from the left": "{{ 1000000000 * 'x' }}",
    "a repeated list": "{{ ([0] * 1000000000)|length }}",
    "repeated repeats": "{{ (([0] * 5000)|list * 5000)|length }}",
    "a power": "{{ 10 ** (10 ** 10) }}",
    "a power of powers": "{% set x = 2 ** 4000 %}{{ x * x * x }}",
    "a doubling product": DOUBLING.replace("'ab'", "3").replace("{}", "ns.x * ns.x", 1),
    "a doubling sum": DOUBLING.replace("{}", "ns.x + ns.x", 1),
    "a doubling join": DOUBLING.replace("{}", "ns.x ~ ns.x", 1),
    "a doubling list": DOUBLING.replace("'ab'", "[1]").replace("{}", "ns.x + ns.x", 1),
    "a doubling nest": DOUBLING.replace("{}", "[ns.x, ns.x]", 1) + "{{ ns.x|string }}",
    "a doubling nest of dicts": DOUBLING.replace("{}", "{'a': ns.x, 'b': ns.x}", 1),
    "a doubling nest by dict()": DOUBLING.replace("{}", "dict(a=ns.x, b=ns.x)", 1),
    "a doubling nest of tuples": DOUBLING.replace("{}", "(ns.x, ns.x)", 1) + "{{ ns.x == ns.x }}",
    "a doubling replacement": DOUBLING.replace("{}", "ns.x|replace('a', 'aa')", 1),
    "a doubling filter join": DOUBLING.replace("{}", "[ns.x, ns.x]|join", 1),
    "a doubling format": DOUBLING.replace("{}", "'%s%s' % (ns.x, ns.x)", 1),
    "a doubling block": DOUBLING.replace(
        "{% set ns.x = {} %}", "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"
    ),
    "a doubling macro": "{% macro m(x, n) %}{% if n %}{{ m(x ~ x, n - 1) }}{% endif %}{{ x }}"
    "{% endmacro %}{{ m('ab', 60) }}",
    "a large separator": "{{ range(10000)|join('x' * 10000) }}",
    "a large replacement": "{{ ('x' * 10000)|replace('x', 'y' * 10000) }}",
    "a wide centre": "{{ 'x'.center(1000000000) }}",
    "a wide filter centre": "{{ 'x'|center(1000000000) }}",
    "a wide indent": "{{ 'x'|indent(1000000000) }}",
    "wide tabs": "{{ '\t'.expandtabs(1000000000) }}",
    "wide zeros": "{{ '1'.zfill(1000000000) }}",
    "a replacing method": "{{ ('x' * 9999).replace('x', 'y' * 9999) }}",
    "a joining method": "{{ ('x' * 9999).join(range(9999)|map('string')) }}",
    "a translating method": "{{ 'x'.translate({120: 'y' * 9999}) }}",
    "a large batch": "{{ [1]|batch(1000000000, 0)|list }}",
    "a large slice": "{{ [1]|slice(1000000000)|list }}",
    "a precise round": "{{ 1.5|round(1000000000, 'floor') }}",
    "a sum of lists": "{{ ([[1]] * 5000)|sum(start=[]) }}",
    "lorem ipsum": "{{ lipsum(n=1000000) }}",
    "a large JSON": "{{ {'a': 1}|tojson(indent=1000000000) }}",
    "a text of a list": "{{ ([('x' * 10000)] * 9000)|string|length }}",
    "an upper-case list": "{{ ([('x' * 10000)] * 9000)|upper|length }}",
    "a formatted list": "{{ '%s' % (([('x' * 10000)] * 9000),) }}",
    "a large output": "{% set x = 'x' * 10000 %}{% for i in range(10000) %}{{ x }}{% endfor %}",
    "a large captured output": "{% set x = 'x' * 10000 %}{% set y %}{% for i in range(10000) %}"
    "{{ x }}{% endfor %}{% endset %}",
    "a change of the data": "{{ data.rows.append(1) }}",
    "a removal from the data": "{{ data.pop('s') }}",
    "an import": "{% import 'os' as os %}",
    "an include": "{% include '/etc/passwd' %}",
    "a wide time": "{{ ''.__format__('') }}",
    "endless recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a private key of the data": "{{ data._private.__class__ }}",
    "a random number": "{{ [1, 2]|random }}",
    "the whole context": "{{ data }}",
    "a namespace": "{{ namespace(a=1) }}",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refuses(name: str):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    with pytest.raises(RenderingError):
        filled(ATTACKS[name])
    assert time.process_time() - begin < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


ORDINARY = {
    "{{ 'ab' * 3 }}": "ababab",
    "{{ 2 ** 10 }}": "1024",
    "{{ 2.5 * 2 }}": "5.0",
    "{{ 7 % 4 }}": "3",
    "{{ '%05.2f %s' % (1.5, 'x') }}": "01.50 x",
    "{{ 'a' ~ 1 ~ data.null }}": "a1",
    "{{ [1, 2] + [3] == [1, 2, 3] }}": "True",
    "{{ range(5)|join(', ') }}": "0, 1, 2, 3, 4",
    "{{ 'a-b'|replace('-', '+') }}": "a+b",
    "{{ data.s.upper() ~ data.s.split('e')[0] }}": "TEXTt",
    "{{ [1, 2, 3]|sum }}": "6",
    "{% for pair in [1, 2, 3]|batch(2) %}{{ pair|length }}{% endfor %}": "21",
    "{{ 1.256|round(2) }}": "1.26",
    "{% for k, v in [('a', 1)] %}{{ k }}{{ v }}{% endfor %}": "a1",
    "{% set ns = namespace(n=0) %}{% for i in data.rows %}{% set ns.n = ns.n + i %}{% endfor %}"
    "{{ ns.n }}": "3",
    "{{ dict(a=1).a }}": "1",
    "{{ data.rows|map('string')|join }}": "12",
    "{{ [{'a': 1}, {'a': 2}]|map(attribute='a')|sum }}": "3",
    "{{ data.rows|first }}{{ data.rows[-1] }}": "12",
    "{{ 'x' if data.gone is defined else 'y' }}": "y",
    "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}": "<1>",
    "{% filter upper %}a{{ data.s }}{% endfilter %}": "ATEXT",
    "{{ data.s is string }}{{ data.n is divisibleby 5 }}": "TrueTrue",
    "{{ true }}{{ 1.0 }}": "True1.0",
}


@pytest.mark.parametrize("source", ORDINARY)
def test_allows(source: str):
    assert filled(source) == ORDINARY[source]
