"""What each macro of macros/cross_db and macros/metrics, and those that clean what people type, must give on every engine: cases by file, each a call and its value.

A call is Jinja over one row of columns: ``input`` (the text in the middle), or none. SQL may surround it. The cells of
tests/python/cases/test_amounts.py are read on every engine as well, some nine hundred of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases.test_amounts import ALL_AMOUNTS, BOOLEANS, EMAILS, IDS, NO_IDS, ROUNDED_IDS, TIMES, UNLIKE_THE_READER, read

# Types as each engine calls them.
TEXT_TYPE = "{{ text_type() }}"
DOUBLE_TYPE = "{{ double_type() }}"
TIMESTAMP_TYPE = "{{ timestamp_type() }}"
ZONED_TYPE = "{{ {'spark': 'timestamp_ltz'}.get(target.type, 'timestamp with time zone') }}"


@dataclass(frozen=True)
class Case:
    """``call`` over a column ``input`` holding ``input`` (SQL) is ``expected`` when cast to text; None is null."""

    call: str
    input: str
    expected: str | None

    def row(self, number: int) -> str:
        """A query of one row: ``number``, and ``value``, the text with a mark before it that an empty text may be seen."""
        return f"select {number} as number, '=' || cast({self.call} as {TEXT_TYPE}) as value from (select {self.input} as input) as cases"


def _text(call: str, *pairs: tuple[str | None, str | None]) -> list[Case]:
    return [Case(call, _literal(given), expected) for given, expected in pairs]


def _literal(text: str | None) -> str:
    """Write a text as SQL, by the macro that knows what must be escaped."""
    value = "null" if text is None else "{{ text_literal(" + json.dumps(text) + ") }}"
    return f"cast({value} as {TEXT_TYPE})"


def _rows(select: str, expected: str, join: str = "") -> Case:
    """Expect of a set how many values it has, the least and the greatest: ``3 0 2``."""
    query = (
        f"(select cast(count(*) as {TEXT_TYPE}) || ' ' || coalesce(cast(min(value) as {TEXT_TYPE}), '') || ' ' || "
        f"coalesce(cast(max(value) as {TEXT_TYPE}), '') from (select {select} as value from (select 1 as one) as only_row {join}) as values_of_set)"
    )
    return Case(query, "1", expected)


def _shared_out(units: int, *weights: int) -> str:
    """Share units out to up to three touches and read the parts as the digits of a number, hundreds first."""
    touches = " union all ".join(
        f"select 1 as order_id, {position} as touch_number, {10 ** (2 - position)} as digit, "
        f"cast({units} as bigint) as cents, cast({weight} as bigint) as weight"
        for position, weight in enumerate(weights)
    )
    arguments = (
        "'parts', rows='touches', units='cents', weight='weight', keys='order_id', order_by='touch_number', as='part'"
    )
    return f"(with touches as ({touches}), {{{{ shared_out({arguments}) }}}} select cast(sum(digit * part) as integer) from parts)"


def _chains(call: str, *links: tuple[int, int, int]) -> str:
    """Tell of the chains of links (id, next id, latest) what they lead to: rows, longest, sum of ids reached, sum of latest."""
    rows = " union all ".join(
        f"select {link[0]} as id, {link[1]} as next_id, {link[2]} as latest_link" for link in links
    )
    arguments = "'chains', 'links', id='id', next_id='next_id', latest='latest_link'"
    told = " || ' ' || ".join(
        f"cast({value} as {TEXT_TYPE})" for value in ("count(*)", "max(step_count)", "sum(reached_id)", "sum(latest)")
    )
    return f"(with recursive links as ({rows}), {{{{ {call.format(arguments)} }}}} select {told} from chains)"


def _four_digits(call: str) -> str:
    return f"cast({call} as decimal(6, 4))"


def _date(text: str) -> str:
    return f"cast('{text}' as date)"


def _timestamp(text: str) -> str:
    return f"cast('{text}' as {TIMESTAMP_TYPE})"


DATE = "{{ safe_cast_to('input', 'date') }}"
TIMESTAMP = "{{ safe_cast_to('input', 'timestamp') }}"
MONEY = "{{ safe_cast_to('input', 'decimal(18, 2)') }}"
UTC = "{{ offset_to_utc('input') }}"
HOST = "{{ url_host('input') }}"
TRIMMED = "{{ trim_whitespace('input') }}"
TO_PARIS = "{{ utc_to_local('input', 'Europe/Paris') }}"
FROM_PARIS = "{{ local_to_utc('input', 'Europe/Paris') }}"
FROM_HAVANA = "{{ local_to_utc('input', 'America/Havana') }}"

MACRO_CASES: dict[str, list[Case]] = {
    "add_days": [
        Case("{{ add_days('input', 90) }}", _date("2024-01-01"), "2024-03-31"),
        Case("{{ add_days('input', -1) }}", _date("2024-03-01"), "2024-02-29"),
        Case("{{ add_days('input', 'cast(2 as bigint)') }}", _date("2023-12-31"), "2024-01-02"),
        Case("{{ add_days('input', 1) }}", "cast(null as date)", None),
    ],
    "add_months": [
        Case("{{ add_months('input', 1) }}", _date("2024-01-31"), "2024-02-29"),
        Case("{{ add_months('input', 1) }}", _date("2023-01-31"), "2023-02-28"),
        Case("{{ add_months('input', '-1') }}", _date("2024-03-31"), "2024-02-29"),
        Case("{{ add_months('input', 12) }}", _date("2024-02-29"), "2025-02-28"),
    ],
    "bounds_of_time": [
        Case("{{ beginning_of_time() }}", "1", "0001-01-01"),
        Case("{{ end_of_time() }}", "1", "9999-12-31"),
        Case("{{ null_if_never('input') }}", _date("9999-12-31"), None),
        Case("{{ null_if_never('input') }}", _date("2024-01-01"), "2024-01-01"),
    ],
    # in the tests Spark has the format of its profile, Parquet
    "can_increment": [Case("'{{ can_increment() == (target.type != 'spark') }}'", "1", "True")],
    "days_between": [
        Case("{{ days_between('input', \"cast('2024-03-01' as date)\") }}", _date("2024-02-28"), "2"),
        Case("{{ days_between('input', \"cast('2024-02-28' as date)\") }}", _date("2024-02-28"), "0"),
        Case("{{ days_between('input', \"cast('2024-02-27' as date)\") }}", _date("2024-02-28"), "-1"),
    ],
    # more in test_follow_links.py
    "follow_links": [
        Case(_chains(call, *links), "1", expected)
        for links, limits, expected in [
            ([(1, 2, 1), (2, 3, 3), (3, 4, 2), (7, 3, 9)], (None, 4, "false"), "8 3 27 33"),
            ([(1, 2, 1), (2, 3, 3), (3, 4, 2), (7, 3, 9)], (2, 2, "false"), "7 2 23 30"),
            ([(1, 2, 5), (2, 3, 6), (3, 2, 4), (7, 8, 1)], (4, 4, "true"), "9 4 28 46"),
        ]
        for call in [
            f"follow_links({{}}, at_most={limits[0] or 'none'}, until_start={limits[2]})",
            f"links_by_recursion({{}}, at_most={limits[0] or 'none'}, until_start={limits[2]})",
            f"links_by_joins({{}}, step_total={limits[1]}, until_start={limits[2]})",
        ]
    ],
    "gather_statistics": [],  # a statement, not a value: every build runs it
    "inlined": [Case("(with one as {{ inlined() }} (select 1 as number) select max(number) from one)", "1", "1")],
    "double_type": [Case("cast(input as {{ double_type() }}) / 4", "1", "0.25")],
    "join_integers": [
        _rows("{{ unnest_integers('2', '2 + 2') }}", "2 2 3", "{{ join_integers('2', '2 + 2') }}"),
    ],
    "matches_pattern": [
        *_text("{{ matches_pattern('input', '[0-9]$') }}", ("A-12", "true"), ("12-A", "false"), (None, None)),
        *_text("{{ matches_pattern('input', '^-?[0-9]+[.]0$') }}", ("10.0", "true"), ("1010", "false")),
    ],
    "matches_pattern_of": [
        *_text("{{ matches_pattern_of('input', \"'^(google|bing)$'\") }}", ("google", "true"), ("googles", "false")),
        *_text(
            "{{ matches_pattern_of('input', \"cast('(^|[.])google[.]' as \" ~ text_type() ~ ')') }}",
            ("www.google.fr", "true"),
        ),
    ],
    "percentile_of": [
        Case(
            "(select cast({{ percentile_of('number', 0.5) }} as integer) from "
            "(select 1 as number union all select 2 union all select 10) as numbers)",
            "1",
            "2",
        ),
        Case(
            "(select cast(100 * {{ percentile_of('number', 0.9) }} as integer) from "
            "(select 1 as number union all select 2 union all select null) as numbers)",
            "1",
            "190",
        ),
    ],
    "period_start": [
        Case("{{ period_start('month', 'input') }}", _date("2024-05-17"), "2024-05-01"),
        Case("{{ period_start('week', 'input') }}", _date("2024-05-17"), "2024-05-13"),
        Case("{{ period_start('week', 'input') }}", _date("2024-05-12"), "2024-05-06"),
        Case("{{ period_start('week', 'input') }}", _date("2024-01-01"), "2024-01-01"),
    ],
    "periods_between": [
        Case("{{ periods_between('month', 'input', \"cast('2024-02-01' as date)\") }}", _date("2024-01-31"), "1"),
        Case("{{ periods_between('month', 'input', \"cast('2024-01-31' as date)\") }}", _date("2022-12-31"), "13"),
        Case("{{ periods_between('week', 'input', \"cast('2024-05-13' as date)\") }}", _date("2024-05-12"), "1"),
        Case("{{ periods_between('week', 'input', \"cast('2024-05-19' as date)\") }}", _date("2024-05-13"), "0"),
        Case("{{ add_periods('month', 'input', 2) }}", _date("2024-01-01"), "2024-03-01"),
        Case("{{ add_periods('week', 'input', 2) }}", _date("2024-01-01"), "2024-01-15"),
    ],
    "prepare_session": [],  # statements, not a value: every build runs them
    "ratio_of": [
        Case("{{ ratio_of('input', 4) }}", "3", "0.75"),
        Case("{{ ratio_of('input', 0) }}", "3", None),
        Case("{{ ratio_of('input', 'cast(null as integer)') }}", "3", None),
        Case("{{ ratio_of('input', 'cast(8 as bigint)') }}", "cast(1.00 as decimal(18, 2))", "0.125"),
    ],
    "replace_pattern": [
        *_text(
            "{{ replace_pattern('input', '([a-z])=[0-9]+', '\\\\1=?') }}",
            ("a=1&b=22", "a=?&b=?"),
            ("A=1", "A=1"),
            (None, None),
        ),
        *_text(
            "{{ remove_pattern('input', '[^0-9.,]') }}", ("1 234,50 €", "1234,50"), ("", ""), ("abc", ""), (None, None)
        ),
    ],
    "row_as_json": [
        *_text(
            "{{ row_as_json({'a': 'input'}) }}",
            ("A1", '{"a":"A1"}'),
            ("", '{"a":""}'),
            (None, '{"a":null}'),
            ('say "é" \\ /', '{"a":"say \\"é\\" \\\\ /"}'),
            ("one\ttwo\nthree", '{"a":"one\\ttwo\\nthree"}'),
        ),
        Case("{{ row_as_json({'a': 'input'}) }}", "cast(12.5 as decimal(18, 2))", '{"a":12.50}'),
        Case("{{ row_as_json({'a': 'input'}) }}", "cast(7 as bigint)", '{"a":7}'),
        Case("{{ row_as_json({'a': 'input'}) }}", "true", '{"a":true}'),
        Case("{{ row_as_json({'a': 'input'}) }}", _date("2024-01-31"), '{"a":"2024-01-31"}'),
        Case("{{ row_as_json({'a': 'input'}) }}", _timestamp("2024-01-31 10:00:00"), '{"a":"2024-01-31 10:00:00"}'),
        Case("{{ row_as_json({'a': 'input'}) }}", _timestamp("2024-01-31 10:00:00.5"), '{"a":"2024-01-31 10:00:00.5"}'),
        Case("{{ row_as_json({'a': 'input', \"b'c\": 'cast(null as date)'}) }}", "1", '{"a":1,"b\'c":null}'),
    ],
    "row_fingerprint": [
        Case("({{ row_fingerprint(['input', '1']) }} = {{ row_fingerprint(['input', '1']) }})", _literal("a"), "true"),
        Case("({{ row_fingerprint(['input', '1']) }} = {{ row_fingerprint(['input', '2']) }})", _literal("a"), "false"),
        Case("({{ row_fingerprint(['input', '1']) }} = {{ row_fingerprint([\"''\", '1']) }})", _literal(None), "false"),
    ],
    "safe_cast_to": [
        *_text(
            DATE,
            ("2024-01-31", "2024-01-31"),
            ("2024-1-5", "2024-01-05"),
            ("2024/01/31", "2024-01-31"),
            ("2024/2/29", "2024-02-29"),
            ("2024/3/31", "2024-03-31"),
            ("2023/2/29", None),
            ("2024/01-31", None),
            ("2024-01/31", None),
            ("2024-02-29", "2024-02-29"),
            ("2000-02-29", "2000-02-29"),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2024-02-30", None),
            ("2024-04-31", None),
            ("2024-13-01", None),
            ("2024-00-10", None),
            ("2024-01-32", None),
            ("0000-00-00", None),
            ("2024-01", None),
            ("20240131", None),
            ("tomorrow", None),
            ("", None),
            (None, None),
            ("2024-01-31x", None),
            ("9999-12-31", "9999-12-31"),
        ),
        *_text(
            TIMESTAMP,
            ("2024-01-31 10:00", "2024-01-31 10:00:00"),
            ("2024-01-31T10:00:00", "2024-01-31 10:00:00"),
            ("2024-01-31 1:2:3", "2024-01-31 01:02:03"),
            ("2024-01-31 23:59:59.5", "2024-01-31 23:59:59.5"),
            ("2024-01-31 10:00:00.9999999", "2024-01-31 10:00:00.999999"),
            ("2024-01-31 24:00:00", "2024-02-01 00:00:00"),
            ("2024-01-31 25:00", None),
            ("2024-01-31 10:60", None),
            ("2024-02-30 10:00", None),
            ("2024-01-31T", None),
            ("now", None),
        ),
        *_text(
            MONEY,
            ("12.5", "12.50"),
            ("-3", "-3.00"),
            ("+5", "5.00"),
            (".5", "0.50"),
            ("5.", "5.00"),
            ("1.005", "1.01"),
            ("-0.125", "-0.13"),
            ("1e2", "100.00"),
            ("1E+2", "100.00"),
            ("1e-3", "0.00"),
            ("9999999999999999.99", "9999999999999999.99"),
            ("9999999999999999.995", None),
            ("99999999999999999", None),
            ("1e400", None),
            ("1e16", None),
            ("abc", None),
            ("", None),
            ("-", None),
            ("1,5", None),
            ("1 2", None),
            (None, None),
        ),
        Case(MONEY, "cast(12.345 as decimal(18, 4))", "12.35"),
        Case(MONEY, f"cast('nan' as {DOUBLE_TYPE})", None),
        Case(MONEY, f"cast(1e30 as {DOUBLE_TYPE})", None),
        Case(MONEY, f"cast(0.1 as {DOUBLE_TYPE})", "0.10"),
    ],
    "recursive_columns": [
        Case(
            "(with recursive steps {{ recursive_columns(['step']) }} as (select 1 as step union all "
            "select step + 1 from steps where step < 4) select max(step) from steps)",
            "1",
            "4",
        ),
    ],
    "shared_out": [
        Case(_shared_out(10, 1, 1, 1), "1", "433"),
        Case(_shared_out(-5, 3, 1), "1", "-410"),
        Case(_shared_out(0, 2, 1), "1", "0"),
    ],
    "text_literal": [
        Case("{{ text_literal('\\\\N') }}", "1", "\\N"),
        Case('{{ text_literal("it\'s") }}', "1", "it's"),
    ],
    "utc_to_local": [
        Case(TO_PARIS, _timestamp("2024-01-01 23:30:00"), "2024-01-02 00:30:00"),
        Case(TO_PARIS, _timestamp("2024-07-01 23:30:00"), "2024-07-02 01:30:00"),
        Case(TO_PARIS, f"cast(null as {TIMESTAMP_TYPE})", None),
    ],
    "local_to_utc": [
        Case(FROM_PARIS, _timestamp("2024-01-02 00:30:00"), "2024-01-01 23:30:00"),
        Case(FROM_PARIS, _timestamp("2024-07-02 00:00:00"), "2024-07-01 22:00:00"),
        # the hour that occurs twice is its first, the one that never occurs moves on by the gap
        Case(FROM_PARIS, _timestamp("2024-10-27 02:30:00"), "2024-10-27 00:30:00"),
        Case(FROM_PARIS, _timestamp("2024-03-31 02:30:00"), "2024-03-31 01:30:00"),
        Case(FROM_HAVANA, _timestamp("2024-11-03 00:00:00"), "2024-11-03 04:00:00"),
        Case(FROM_HAVANA, _timestamp("2024-03-10 00:00:00"), "2024-03-10 05:00:00"),
        Case(FROM_HAVANA, f"cast(null as {TIMESTAMP_TYPE})", None),
    ],
    "offset_to_utc": [
        *_text(
            UTC,
            ("2024-01-01T10:00:00+02:00", "2024-01-01 08:00:00"),
            ("2024-01-01T10:00:00Z", "2024-01-01 10:00:00"),
            ("2024-01-01 10:00-0530", "2024-01-01 15:30:00"),
            ("2024-01-01T10:00:00.123456789+02", "2024-01-01 08:00:00.123456"),
            ("2024-01-01 10:00:00 UTC", "2024-01-01 10:00:00"),
            ("2024-02-30T10:00:00Z", None),
            ("2024-01-01T10:00:00+2", None),
            ("2024-01-01T10:00:00 Nowhere/Land", None),
            (None, None),
        ),
        Case(UTC, f"cast('2024-01-01 10:00:00+02' as {ZONED_TYPE})", "2024-01-01 08:00:00"),
    ],
    "seconds_between": [
        Case(
            "{{ seconds_between('input', \"cast('2024-01-01 00:01:00.5' as timestamp)\") }}",
            _timestamp("2024-01-01 00:00:00"),
            "60.5",
        ),
    ],
    "text_md5": _text(
        "{{ text_md5('input') }}",
        ("anna@example.org", "7771093713556e85d7a876c08cb5bb63"),
        ("é", "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
        (None, None),
    ),
    "text_type": [Case("cast(input as {{ text_type() }})", _date("2024-01-31"), "2024-01-31")],
    "timestamp_type": [
        Case("cast(input as {{ timestamp_type() }})", "'2024-01-31 10:00:00.123456'", "2024-01-31 10:00:00.123456"),
    ],
    "trim_whitespace": _text(
        TRIMMED,
        (" Anna\t", "Anna"),
        ("\u00a0\u200bAnna B.\ufeff\r\n", "Anna B."),
        ("Anna", "Anna"),
        ("   ", ""),
        ("", ""),
        (None, None),
        ("é", "é"),
        (" ~x", "~x"),
        ("\u200e12\u202c", "12"),
        ("\u3000Anna\u00ad\u2060", "Anna"),
    ),
    "union_distinct": [
        Case(
            "(select sum(value) from (select 1 as value {{ union_distinct() }} select 1 {{ union_distinct() }} select 2) as numbers)",
            "1",
            "3",
        ),
    ],
    "unnest_integers": [
        _rows("{{ unnest_integers('0', '3') }}", "3 0 2", "{{ join_integers('0', '3') }}"),
        _rows(
            "{{ unnest_integers('5', 'cast(7 as bigint)') }}", "2 5 6", "{{ join_integers('5', 'cast(7 as bigint)') }}"
        ),
        _rows("{{ unnest_integers('3', '3') }}", "0  ", "{{ join_integers('3', '3') }}"),
        _rows("{{ unnest_integers('3', '1') }}", "0  ", "{{ join_integers('3', '1') }}"),
    ],
    "url_host": _text(
        HOST,
        ("https://www.Example.com:443/a?b=c", "example.com"),
        ("shop.example.com/x", "shop.example.com"),
        ("//user@Example.org#top", "example.org"),
        ("android-app://com.google", "com.google"),
        ("", ""),
        (None, None),
    ),
    "url_decode": _text(
        "{{ url_decode('input') }}",
        ("spring%20sale", "spring sale"),
        ("spring+sale", "spring sale"),
        ("spring%252520sale%2fx", "spring sale/x"),
        ("100%", "100%"),
        ("100%25", "100%"),
        ("", ""),
        (None, None),
    ),
    "url_parameter": _text(
        "{{ url_parameter('input', 'utm_source') }}",
        ("https://a.example/p?utm_source=news%20letter&x=1", "news%20letter"),
        ("https://a.example/p?x=1&amp;utm_source=b#top", "b"),
        ("/p#utm_source=b", "b"),
        ("/p?my_utm_source=b&utm_source=", None),
        (None, None),
    ),
    "nps_interval": [
        # (30 -+ 1.96 * sqrt((71.5 / 103 - (30 / 103)^2) * 103)) / 103
        Case(_four_digits("{{ nps_lower('input', 20, 100) }}"), "50", "0.1405"),
        Case(_four_digits("{{ nps_upper('input', 20, 100) }}"), "50", "0.4420"),
        Case(_four_digits("{{ nps_lower('input', 0, 'input') }}"), "cast(10 as bigint)", "0.4750"),
        Case(_four_digits("{{ nps_upper('input', 0, 'input') }}"), "cast(10 as bigint)", "1.0000"),
        Case(_four_digits("{{ nps_lower('input', 0, 'input') }}"), "1", "-0.4850"),
        Case(_four_digits("{{ nps_upper('input', 0, 'input') }}"), "1", "1.0000"),
        Case(_four_digits("{{ nps_lower(0, 'input', 'input') }}"), "10", "-1.0000"),
        Case(_four_digits("{{ nps_upper(0, 'input', 5) }}"), "0", "0.3001"),
        Case("{{ nps_lower('input', 0, 0) }}", "0", None),
        Case("{{ nps_upper('input', 0, 'cast(null as bigint)') }}", "0", None),
    ],
    # the published ones are Newcombe's (1998), method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29, 29 of 29
    "wilson": [
        Case(_four_digits("{{ wilson_lower('input', 263) }}"), "81", "0.2553"),
        Case(_four_digits("{{ wilson_upper('input', 263) }}"), "81", "0.3662"),
        Case(_four_digits("{{ wilson_lower('input', 148) }}"), "15", "0.0624"),
        Case(_four_digits("{{ wilson_upper('input', 148) }}"), "15", "0.1605"),
        Case("({{ wilson_lower('input', 20) }} = 0)", "0", "true"),
        Case(_four_digits("{{ wilson_upper('input', 20) }}"), "0", "0.1611"),
        Case(_four_digits("{{ wilson_lower('input', 29) }}"), "cast(1 as bigint)", "0.0061"),
        Case(_four_digits("{{ wilson_upper('input', 29) }}"), "cast(1 as bigint)", "0.1718"),
        Case(_four_digits("{{ wilson_lower('input', 'input') }}"), "29", "0.8830"),
        Case("({{ wilson_upper('input', 'input') }} = 1)", "29", "true"),
        Case(_four_digits("{{ wilson_lower('20 - input', '10 + input') }}"), "10", "0.2993"),
        Case("{{ wilson_lower('input', 0) }}", "0", None),
        Case("{{ wilson_upper('input', 0) }}", "0", None),
        Case("{{ wilson_upper('input', 'cast(null as bigint)') }}", "0", None),
    ],
}

# A raw column of text in which more than numbers stands, and whose decimals are told by nothing else.
_TEXT = "'value': 'input', 'is_native': false, 'family': 'text', 'brand': 'input', 'zones': {'': 'UTC'}"
_COLUMN = f"{{{_TEXT}, 'as_text': 'input'}}"
# raw_rows makes the signs of a number plain, and finds what is written beside it
_NUMBER = f"{{{_TEXT}, 'as_text': plain_signs('input'), 'sign': money_sign(plain_signs('input')), 'has_marks': true, 'decimal_marks': {{}}}}"
_AMOUNT = f"{{{{ clean_amount({_NUMBER}) }}}}"
_SIGN = "{{ code_of_sign('nullif(' ~ money_sign(plain_signs('input')) ~ \", '')\") }}"

CLEANING_CASES: dict[str, list[Case]] = {
    "clean_number": _text(
        _AMOUNT,
        ("1234.5", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12,34,567.50", "1234567.50"),
        ("$12.50", "12.50"),
        ("EUR 12,5", "12.50"),
        ("12 USD", "12.00"),
        ("(12.50)", "-12.50"),
        ("-€12.50", "-12.50"),
        ("12.50-", "-12.50"),
        ("\u221212,50", "-12.50"),
        ("1.234.567", "1234567.00"),
        # two numbers, other units, a month, a factor of a thousand apart
        ("10 20", None),
        ("3 pcs", None),
        ("12 Dec", None),
        ("1,234", None),
        ("1.234", None),
        ("1,23,4", None),
        ("--5", None),
        ("12,-", "12.00"),
        ("-12,-", None),
        (None, None),
    ),
    "clean_currency": _text(
        _SIGN,
        ("€ 12", "EUR"),
        ("12,50 usd", "USD"),
        ("US$ 7", "USD"),
        ("£7", "GBP"),
        ("7 zł", "PLN"),
        ("CHF -7.00", "CHF"),
        ("12.50", None),
        ("12 Dec", None),
        (None, None),
    ),
    "clean_person": [
        *_text(
            f"{{{{ clean_customer_id({_COLUMN}) }}}}",
            ("10000010.0", "10000010"),
            ("Anna@Example.org", "email:7771093713556e85d7a876c08cb5bb63"),
            ("WALK-IN", None),
            ("Walk-in Customer", None),
            ("0", None),
            ("#REF!", None),
            ("unknown@pos.example", None),
            ("walker", "walker"),
            ("00000000-0000-0000-0000-000000000000", None),
        ),
        *_text(
            f"{{{{ clean_email({_COLUMN}) }}}}",
            ("Anna+shop@Example.ORG", "anna+shop@example.org"),
            ("anna", None),
            ("none@pos.example", None),
            ("no-reply@shop.example", None),
            ("nonette@shop.example", "nonette@shop.example"),
            ("test@test.com", None),
        ),
    ],
    "personal_data": [
        *_text(
            "{{ redacted('input') }}",
            ("call +33 6 12 34 56 78 or anna@example.org", "call [phone] or [e-mail]"),
            ("tel:+43-699-7654321", "tel:[phone]"),
            ("spring+20240115", "spring+20240115"),
            ("2024-01-10T10:00:00+02:00", "2024-01-10T10:00:00+02:00"),
            ("from +2024-01-15", "from +2024-01-15"),
            ("06 12 34 56 78", "06 12 34 56 78"),
            (None, None),
        ),
        *_text(
            "{{ without_phones('input') }}",
            ("call me on 06 12 34 56 78", "call me on [phone]"),
            ("0171/1234567 (evenings)", "[phone] (evenings)"),
            ("(030) 123 45 67", "[phone]"),
            ("(555) 123-4567", "[phone]"),
            ("call (555)123-4567!", "call [phone]!"),
            ("(0171 1234567)", "[phone])"),
            ("0033612345678.", "[phone]."),
            ("order 10000040 was 30 days late", "order 10000040 was 30 days late"),
            ("too_expensive", "too_expensive"),
            ("since 2024-01-10", "since 2024-01-10"),
            (None, None),
        ),
    ],
    "clean_origin": [
        *_text(
            "{{ origin_name('input') }}",
            (" Paid+Social", "paid social"),
            ("paid%2520social", "paid social"),
            ("%E9t%E9", "%e9t%e9"),
            ("100%", "100%"),
            ("(not set)", None),
            ("%28none%29", None),
            ("+", None),
        ),
        *_text(
            "{{ parameter_names(web_address('input')) }}",
            ("https://a.example/p?b&gclid=x#top", "&gclid&"),
            ("/p?x=1&amp;WBRAID=Cl0", "&x&wbraid&"),
            ("/p#msclkid=77", "&msclkid&"),
            ("/p?gclid&page=2", "&page&"),
            ("https%3A%2F%2Fa.example%2Fp%3Fgclid%3Dx%3By%3D1", "&gclid&y&"),
            ("/p", None),
        ),
    ],
}


def _cells() -> list[tuple[str, Mapping[str, str | None]]]:
    """Calls with the cells that they read, and what each must give as text."""
    amounts = {text: UNLIKE_THE_READER.get(text, read(text)) for text in ALL_AMOUNTS}
    hidden = "phone:" + hashlib.md5(b"33612345678").hexdigest()
    ids = {text: hidden if value == "phone:" else value for text, value in IDS.items()}
    times = {text: value and value.isoformat(sep=" ") for text, value in TIMES.items()}
    return [
        (_AMOUNT, {text: amount and f"{amount[0] + 0:.2f}" for text, amount in amounts.items()}),
        (f"{{{{ clean_id({_COLUMN}) }}}}", ids | dict.fromkeys(ROUNDED_IDS)),
        (f"{{{{ without_placeholder(clean_id({_COLUMN})) }}}}", dict.fromkeys(NO_IDS)),
        (f"{{{{ clean_email({_COLUMN}) }}}}", EMAILS),
        (
            f"{{{{ clean_timestamp({_COLUMN}) }}}}",
            {text: value and value.rstrip("0") if value and "." in value else value for text, value in times.items()},
        ),
        (
            f"{{{{ clean_boolean({_COLUMN}) }}}}",
            {text: value if value is None else str(value).lower() for text, value in BOOLEANS.items()},
        ),
    ]


def query_of_all_cells() -> str:
    """All cells in one query; its rows come in the order of ``wrong_cells``."""
    selects, number = [], 0
    for call, cells in _cells():
        rows = [f"({number + place}, {_literal(text)})" for place, text in enumerate(cells)]
        selects.append(
            f"select number, '=' || cast({call} as {TEXT_TYPE}) as value from (select number, "
            f"{{{{ null_words_as_null(trim_whitespace('cell')) }}}} as input "
            f"from (values {', '.join(rows)}) as cells (number, cell)) as inputs"
        )
        number += len(cells)
    return " union all ".join(selects) + " order by number"


def wrong_cells(rows: Iterable[Sequence]) -> list[str]:
    """Tell which rows of that query, (number, value), are not as expected."""
    asked = [(call, text, expected) for call, cells in _cells() for text, expected in cells.items()]
    return [
        f"{call.split('(')[0][3:]} of {text!r} is {value!r}, expected {expected!r}"
        for (call, text, expected), (_, value) in zip(asked, rows, strict=True)
        if (None if value is None else value[1:]) != expected
    ]


def query_of_all_cases(without: Sequence[str] = ()) -> str:
    """All cases in one query, so that an engine is asked once; their rows come in the order of ``wrong_cases``.

    ``without``: macros that need what the engine lacks.
    """
    rows = [case.row(number) for number, (_, case) in enumerate(_cases(without))]
    return " union all ".join(rows) + " order by number"


def wrong_cases(rows: Iterable[Sequence], without: Sequence[str] = ()) -> list[str]:
    """Tell which rows of that query, (number, value), are not as expected."""
    wrong = []
    for (macro, case), (_, value) in zip(_cases(without), rows, strict=True):
        got = None if value is None else value[1:]
        if got != case.expected:
            wrong.append(f"{macro}: {case.call} of {case.input} is {got!r}, expected {case.expected!r}")
    return wrong


def _cases(without: Sequence[str]) -> list[tuple[str, Case]]:
    groups = {**MACRO_CASES, **CLEANING_CASES}
    return [(macro, case) for macro, cases in groups.items() if macro not in without for case in cases]
