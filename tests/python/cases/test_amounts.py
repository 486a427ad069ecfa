"""What is written in a cell, and what it is read as: numbers, currencies, ids, e-mails, times and words for yes and no, as exports write them.

Amounts are held against a reader of this file's own, which knows the rules as the guide says them: a text is read whole or
not at all. Other types stand with the value that they must have.
"""

# ruff: noqa: E501, RUF001, SIM905

from __future__ import annotations

import hashlib
import itertools
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import pytest

DASHES = "-−–‒﹣－"
BLANKS = " \u00a0\u2007\u2009\u202f"
UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\u00ad\ufeff\u3000"
CODES = {
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "SEK",
    "NOK",
    "PLN",
    "CAD",
    "AUD",
    "DKK",
    "INR",
    "TRY",
    "ALL",
    "TOP",
    "CUP",
    "MOP",
    "GEL",
    "RON",
    "AED",
}
SIGNS = {
    "€": "EUR", "$": "USD", "£": "GBP", "US$": "USD", "¥": "JPY", "zł": "PLN", "C$": "CAD", "euro": "EUR", "CA$": "CAD", "A$": "AUD",
    "AU$": "AUD", "R$": "BRL", "kr": "KR", "Kč": "CZK", "Ft": "HUF", "lei": "RON", "sFr": "CHF", "₹": "INR", "₽": "RUB", "₺": "TRY",
    "￥": "JPY", "円": "JPY", "HK$": "HKD", "NT$": "TWD", "MX$": "MXN", "S$": "SGD",
}  # fmt: skip


def read(text: str, decimal_mark: str | None = None) -> tuple[Decimal, str | None] | None:
    """Amount and currency of a text, by trying each place of sign and currency in turn; None where it cannot be read."""
    if "GBp" in text:
        return None  # pence, a hundredth of GBP
    text = text.strip(UNSEEN + BLANKS)
    text = text.translate(str.maketrans("０１２３４５６７８９．，’", "0123456789.,'"))
    text = text.translate(str.maketrans({dash: "-" for dash in DASHES} | {blank: " " for blank in BLANKS})).strip()
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        try:
            return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP), None
        except InvalidOperation:
            return None
    is_negative, signs = False, 0
    if text.startswith("(") and text.endswith(")"):
        text, is_negative, signs = text[1:-1], True, 1
    if text[:1] in ("+", "-"):
        is_negative, signs, text = is_negative or text[0] == "-", signs + 1, text[1:].removeprefix(" ")
    currency = None
    for name, code in [*SIGNS.items(), *((code, code) for code in CODES)]:
        for rest in _without(text, name):
            if currency is None and rest[:1] and rest[0] in "0123456789.,+-(":
                text, currency = rest, code
    if text.startswith("(") and text.endswith(")"):
        text, is_negative, signs = text[1:-1], True, signs + 1
    if currency and text[:1] in ("+", "-"):
        is_negative, signs, text = text[0] == "-", signs + 1, text[1:]
    if re.search("[0-9][.,]-$", text) and not signs:
        text = text[:-1]  # no cents: '12,-'
    if text.endswith("-"):
        is_negative, signs, text = True, signs + 1, text[:-1]
    number = _digits(text, decimal_mark)
    if signs > 1 or number is None:
        return None
    return (-number if is_negative else number), currency


def _without(text: str, name: str) -> list[str]:
    rests = []
    if text.upper().startswith(name.upper()):
        rests.append(text[len(name) :].removeprefix(" "))
    if text.upper().endswith(name.upper()):
        rests.append(text[: -len(name)].removesuffix(" "))
    return rests


def _digits(text: str, decimal_mark: str | None) -> Decimal | None:
    """Try each mark for decimals and each for thousands; all that succeed must agree, except where the text leaves it open."""
    if re.fullmatch("[1-9][0-9]?(,[0-9]{2})+,[0-9]{3}([.][0-9]*)?", text):
        text = text.replace(",", "")  # as in India
    readings = set()
    for decimal, group in itertools.product(".,", ["", ".", ",", " ", "'"]):
        if group == decimal:
            continue
        whole, point, part = text.partition(decimal)
        if point and not re.fullmatch("[0-9]*", part):
            continue
        groups = whole.split(group) if group else [whole]
        if len(groups) > 1:
            if not all(re.fullmatch("[0-9]{3}", piece) for piece in groups[1:]):
                continue
            if not re.fullmatch("[1-9][0-9]{0,2}", groups[0]):
                continue
        digits = "".join(groups)
        if not re.fullmatch("[0-9]*", digits) or not digits + part:
            continue
        if decimal_mark in (None, decimal):
            readings.add(Decimal(f"{digits or '0'}.{part or '0'}"))
    if not readings and decimal_mark:
        return _digits(text, None)
    return readings.pop().quantize(Decimal("0.01"), ROUND_HALF_UP) if len(readings) == 1 else None


NUMBERS = """
0 00 7 10 100 1000 1234567 0.5 .5 ,5 5. 5, 0.125 0,125 12.5 12,5 12.50 12,50 1234.5 1234,5 1234.56 1234,56 1234.567 1234,567 0.1234 12.3456
1.234 1,234 10.000 10,000 100.000 999,999 1.000 1,000 12.345 12,345 1.234,5 1,234.5 1.234,56 1,234.56 1.234.567 1,234,567 1.234.567,89
1,234,567.89 1.234,567 1,234.567 12.345.678 12,345,678 1'234.50 1'234'567.89 1'234 1’234.50 1.23.4 1,23,4 12.34.56 1,2,3 1.2,3 1,2.3 0.000 0,000
1..2 1,,2 . , .. 1.2.3 1,234.56.78 1.234,56,78 12,34.5 1234,567.8 1234.567,8 01.234 001,234 1e3 1.5e2 1.5E+03 2E-1 1e 1e400 e5 1.5e2.5 1e3e3
+5 -5 --5 +-5 -+5 5- 5+ 5-- -5- (5) (5.00) (-5) (5)- -(5) ((5)) (5 5) +12.50 -12.50 12.50- -1,234.56 -1.234 (1,234.50) (1.234)
""".split()
SPACED = [
    "1 234",
    "1 234,50",
    "1 234.50",
    "12 345 678,90",
    "10 20",
    "10 2000",
    "1 23",
    "1  234",
    "1\u202f234,56",
    "1\u00a0234.56",
    "1\u2009234",
    "1 234 5",
    "1 234'567",
    "1.234 567",
    "12 34.50",
    "0 123",
    "- 5",
    "5 -",
    "1 2 3",
]
STRANGE = """
10;20 10@20 10/20 10:20 10*2 10%20 12% 50% 10_000 1_0 #10 10# =10 =10+5 +10+5 10k 10K 1M 3x x3 1/2 ½ 10½ ∞ inf -inf Infinity NaN1 0x1F 0b1 1L
twelve zwölf ten12 12ten 1O0 l0 O.5 12.5o 12..50 12.,50 12,.50 $ € USD EUR - + () (.) -. £- true yes ten.50 12^2 ~12 ≈12 <12 >12 12! "12 12" `12`
２０ １２.50 １２．５０ １，２３４．５０ ٢٠ १२ 12٫50 二十 ⅫⅫ −5.00 –5,00 ‒5.00 －5.00 ﹣5.00 —5.00 5.00− 5.00– −1.234,50
""".split()
WORDS = """12 Dec|ref 12|3 pcs|10 units|No 12|12 items|approx 10|12 or 13|10 to 20|10 - 20|10-20|2024-01-10|10.01.2024|10/01/2024|12:30|12h30
12 and a half|EUR|EUR EUR|12 XXX|XYZ 12|12 ABC|Total: 12|Total 12|12 each|12 per month|12/month|1 of 2|1,5 %|12 Jan|Mar 12|May 5|5 May|12 Sep|1 st""".replace(
    "\n", "|"
).split("|")
MONEY = [
    *[f"{sign}12.50" for sign in SIGNS if not sign.isalpha()],
    *[f"12.50 {name}" for name in ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "PLN", "CAD", "AUD", "zł", "€", "$", "£")],
    *[f"{name} 12,50" for name in ("EUR", "USD", "GBP", "NOK", "€", "US$", "C$", "euro")],
    *["eur 12.50", "12.50usd", "12.50USD", "USD12.50", "Usd 12.50", "12,50€", "12,50 €", "12,50\u00a0€", "€ 12,50"],
    *[
        "-€12.50",
        "€-12.50",
        "€ -12.50",
        "-12,50 €",
        "12,50- €",
        "12,50 €-",
        "(€12.50)",
        "€(12.50)",
        "($5.00)",
        "-$5.00",
    ],
    *["$-5.00", "$ 5", "$5", "5$", "5 $", "$1,234.50", "1.234,50 €", "1 234,50 €", "CHF 1'234.50", "$1234567.89"],
    *["1.234 €", "1.000 EUR", "12.345 EUR", "€1,234", "$1,000", "USD 10.000", "$10,000.00", "1.234.567 EUR", "€0.125"],
    *["€12€", "EUR 12 €", "EUR 12 EUR", "$$12", "12 $ $", "€ 12 USD", "12 EUR USD", "$12;", "12.50 EURUSD", "EU R 12"],
    *[
        "1E12R",
        "1U2S3D",
        "EUR",
        "€ €",
        "12.50 €/month",
        "12.50 € incl. VAT",
        "10 % of € 5",
        "12 euros",
        "12.50 dollars",
    ],
]
# Further ones of each kind: cents left out, letters and brackets of accountants, groups of other countries, numerals, dashes, blanks and
# marks that are not seen, spreadsheets' formulas, exponents, currencies written before, behind and twice.
FURTHER = """12,-|5.-|5.--|CHF 5.-|12,-€|€ 12,-|1.000,-|1,000.-|12,– €|-12,-|(12,-)|12,-5|,-|12.50 CR|12.50DR|[12.50]|<12.50>|12.50 €uro|-12.50€-
- $12.50|$ - 12.50|( 12.50 )|(12.50|12.50)|)12.50(|12.50 -|12.50 +|+12.50-|1,234-|(1,234.50-)|+(12)|(+12)|12 -EUR|12EUR-|EUR12-|-EUR 12|EUR -12
1.5 E3|1,5E3|1.5e−3|12e|0x10|1ʼ000.50|1´000.50|1`000.50|1,00,000|1,00,00,000.50|10,00,000|12,345,67|1.00.000|1 00 000|1,234,5678|12  500
‐5|‑5|―5|⁻5|➖5|\u200e12.50|\u202a12.50\u202c|12\u200b.50|12\ufeff.50|(12,50 €)|€ (12,50)|12 5000|٣|٣٫٥|१२|৩|1٬234|１２．５０|１e２|＋12|（12）|12−|12–|$−12|−$12|€–12
'12.50|=12.50|"12.50"|12.50 %|0.5%|1:2|.-5|-.5|-,5|00012.50|-0|-0.00|(0)|0-|1e-400|1e308|#DIV/0!|#VALUE!|--|—|free|gratis|TBD|1234,5678|1234.5678|1,234.5678
100,000,000|100.000.000|1000,000|1.0000|1,0000|12 EUR 50|12€50|12$50|5 pounds|5 dollars|5 USD.|USDT 5|5 BTC|₿1|5 GBP/USD|R$ 5,00|kr5|5 DKK|12,50 kr.|Rs. 12|Fr. 12.50
Kč 5|5 Ft|lei 5|￥500|500円|₹1,23,456.00|INR 500|1.50₽|₺5|TL 5|5 sFr|SFr. 5|5 €/Monat|ab 5 €|ca. 5|5*|5†|5 (net)|5 incl|5 ea|5/ea|2x5|2 x 5|5,5,5|5;5|XAU 1|12 ALL|TRY 12
1.e2|.1e2|1e+02|0.005|0.004|2.5.|US $12.50|USD $12.50|$12.50 EUR|€12.50 USD|£5 EUR|12.50 USD USD|EUR-12|1\u2009234\u2009567,89|€\u00a012|CA$5|AU$ 5|1250 GBp|GBp 1250|5 gbp|1250 GBX""".replace(
    "\n", "|"
)
FURTHER_AMOUNTS = [re.sub(r"\\u(....)", lambda found: chr(int(found[1], 16)), text) for text in FURTHER.split("|")]
# And further ones, made up after the grammar stood: figures of other scripts, groups of other countries, halves and shares, uncertain and joined
# numbers, quotation marks, control characters, currencies of other places.
LATER = """١٢٣٤|۱۲۳۴٫۵۰|１ ２３４，５０|1\u00a0234\u00a0567,89|1\u202f234\u202f567.89|1’234’567.50|1ʹ234.50|12,34,567.50|1,23,456|12,34,567
1234.50-|1.234,50-|(1.234,50)|( 1 234,50 )|1.234,56 €|1.234,56€|€ -5|€ - 5|USD1,000|USD 1,000.00|usd1000|1E3|1.0e3|1e+3
1,0e3|--12.50|+-12.50|−−5|5 %|5%|5 ‰|1 234,5|1 234.5|0x1F4|0X10|0b101|0o17|+Infinity|−12,50|﹣12.50|⁃5|\u200f12.50
12.50\u200f|\u206612.50\u2069|12\u200d.50|12\u2060.50|\u061c12.50|12\u00ad.50|\ufeff€ 5|1,23457E+15|'12,50'|“12.50”
«12,50»|12.50\u0009|\u000912.50|12\u000b.50|1\u2002234.50|1\u3000234.50|12.50 Euro|12.50 EURO|EURO 12,50|12.50EUR.
12.50 EUR,|Fr 12.50|CHF12.-|12.--|12,——|12:50|12h|12'50|12’50|1'23'4|1 000 000|1 00|10 000,5|1\\234|1|234.50|1_234
1·234,50|12·50|1˙234|1,234,56|1.234.56|0,1.234|.123|,123|0.123|00.50|0,50-|-0.5-|12.50c|50¢|50 ct|50p|£0.50p|5 k€|5K
5 Mio|5 mln|5,5 T€|¼|1¼|²|5²|Ⅻ|①|5️⃣|~5|±5|≤5|5±1|5–6|5..6|5…|…5|12.50 *|12.50*|12.50 (paid)|paid 12.50|12.50/2|12.50x2
2×12.50|0.1e1|1e-2|1e2e3|1d3|1f|1.5f|12.50L|1,5E+03|-1e3|+1e3|1e3 €|€1e3|EUR 1e3|USD -1,234.50|-USD 1,234.50
USD 1,234.50-|US$-5|-US$5|HK$ 5|NT$5|MX$5|S$5|$ 1.234,50|AED 12.50|د.إ 12|﷼12|₡12|৳12|12 ₣|Rp 12.000|Rp12.000,00|RM12.50
12.50 RM|zł 12,50|12,50 zl|12,50 PLN|12,50 Kc|12 Sfr.|12.50 US dollars|12 EURO|12 Eur|12 eurs|12 €uros|12€ 50|€12.50.
€12.50,-|1.000,-- €|1.000,– €|12,50 € €|€ 12,50 €|EUR 12,50 €|12,50 € EUR|USD $12|$ USD 12|12 USD$""".replace("\n", "|")
LATER_AMOUNTS = [re.sub(r"\\u(....)", lambda found: chr(int(found[1], 16)), text) for text in LATER.split("|")]
# spellings that the reader above was not told: a plural, and a sign with its code
UNLIKE_THE_READER = {
    "12 euros": (Decimal("12.00"), "EUR"),
    "$12.50 USD": (Decimal("12.50"), "USD"),
    "$12.50 CAD": (Decimal("12.50"), "CAD"),
    "€12,50 EUR": (Decimal("12.50"), "EUR"),
    "£ 12.50 GBP": (Decimal("12.50"), "GBP"),
    "12 USD$": (Decimal("12.00"), "USD"),
}
ALL_AMOUNTS = list(
    dict.fromkeys([*NUMBERS, *SPACED, *STRANGE, *WORDS, *MONEY, *FURTHER_AMOUNTS, *LATER_AMOUNTS, *UNLIKE_THE_READER])
)

# What other values of the brand say of '1.234' and its like; a table of the same texts, with one more row.
EVIDENCE = {"dots": ("12.50", "."), "commas": ("12,50", ","), "thousands": ("1.234.567", ","), "zero": ("0.125", ".")}
OPEN = ["1.234", "1,234", "10.000", "1.234 €", "$1,000", "-1.234", "(1,234)", "999.999"]

IDS = {
    "7": "7",
    "7.0": "7",
    "7.00": "7",
    "07.000": "07",
    "v1.0": "v1.0",
    "1.0.0": "1.0.0",
    "1042.0": "1042",
    "1042.50": "1042.50",
    "-7.00": "-7",
    "A.0": "A.0",
    "55.00": "55",
    "10": "10",
    "1.00001": "1.00001",
    "12E5": "12E5",
    "1e2a": "1e2a",
    "E+12": "E+12",
    "7,0": "7,0",
    "007": "007",
    "'007": "007",
    '="007"': "007",
    "'": "'",
    "\u200e1042\u202c": "1042",
    "\u30001042\u00ad": "1042",
    "#1001": "#1001",
    "1_000": "1_000",
    "gid://shop/Cart/12": "gid://shop/Cart/12",
    "1E5": "1E5",
    "12345678901234567890": "12345678901234567890",
    "Jan-24": "Jan-24",
    "anna@example.org": "email:" + hashlib.md5(b"anna@example.org").hexdigest(),
    "+33 6 12 34 56 78": "phone:",
    "tel:+33612345678": "phone:",
    "+5.0": "+5.0",
    "+2024-01-15": "+2024-01-15",
}
ROUNDED_IDS = ["1.23457E+12", "1,23457E+12", "1.23457e+12", "5E+15", "9.9E12", "1.2E+100", "1.2E3", "1e+5", "1.00E+00"]
# words for no cart and no affiliate, in any case
NO_IDS = """0|0.0|00|00000000|-1|-|--|---|.|?|none|NONE|Null|nil|undefined|na|N.A.|(none)|(null)|[null]|<null>|(not set)|[]|{}|[object Object]|#REF!|#NUM!
unknown|deleted|ffffffff-ffff-ffff-ffff-ffffffffffff|00000000-0000-0000-0000-000000000000|nobody|blank""".replace(
    "\n", "|"
).split("|")
ANNA = "anna@example.org"
EMAILS = {
    "Anna@Example.ORG": ANNA, " anna@example.org\u200b": ANNA, "<anna@example.org>": ANNA, "Anna Rossi <Anna@example.org>": ANNA,
    '"Rossi, Anna" <anna@example.org>': ANNA, "mailto:anna@example.org": ANNA, '="anna@example.org"': ANNA, "\u202aanna@example.org\u202c": ANNA,
    **{email: email for email in (
        "anna+shop@example.org", "o'neil@example.org", "a_b-c.d@sub.example.co.uk", "nina@example.org", "olga@example.org", "eva@example.org",
        "1@example.org", "änna@exämple.org", "anna..r@example.org", "a@b", "nonette@shop.example", "testing@test.example",
    )},
    **dict.fromkeys((
        "anna", "anna@", "@example.org", "anna.example.org", "anna(at)example.org", "anna@@example.org", "anna@bob@example.org", "anna @example.org",
        "anna@ example.org", "anna@exa mple.org", "anna@example.org.", "anna@example.org,", "anna@example.org;", "anna@example..org",
        "anna@example.org; bob@example.org", "anna@example.org, bob@example.org", "anna@example.org bob@example.org", "anna@example.org (old)",
        "E-Mail: anna@example.org", "(anna@example.org)", "'anna@example.org'", '"anna@example.org"', "anna@example.org/x", "http://anna@example.org",
        "anna\u200b@example.org", "anna\u00a0@example.org", "anna＠example.org", "-@-", "na@na.example", "n/a@n/a", "none@x.example", "deleted@x.example",
        "anonymised@x.example", "redacted@x.example", "test@example.com", "email@email.com", "noreply@x.example", "no-email@x.example",
    )),
}  # fmt: skip
TIMES = {
    "2024-01-10": datetime(2024, 1, 10),
    "2024/01/10": datetime(2024, 1, 10),
    "2024-1-9": datetime(2024, 1, 9),
    "2024-01-10T10:00": datetime(2024, 1, 10, 10),
    "2024-01-10 10:00:00": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00:00.250": datetime(2024, 1, 10, 10, 0, 0, 250000),
    "2024-01-10T10:00:00Z": datetime(2024, 1, 10, 10),
    "2024-01-10 10:00:00 UTC": datetime(2024, 1, 10, 10),
    "2024-01-10 10:00:00 GMT": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00:00+02:00": datetime(2024, 1, 10, 8),
    "2024-01-10T10:00:00-0530": datetime(2024, 1, 10, 15, 30),
    "2024-01-10 10:00:00 +01": datetime(2024, 1, 10, 9),
    "2024-01-10 10:00:00UTC": datetime(2024, 1, 10, 10),
    "2024-01-10 10:00:00 utc": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00:00 Z": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00:00z": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00Z": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00+02": datetime(2024, 1, 10, 8),
    "2024-01-10T10:00:00-00:00": datetime(2024, 1, 10, 10),
    "2024-01-10T10:00:00+14:00": datetime(2024, 1, 9, 20),
    "2024-01-10T10:00:00-12:00": datetime(2024, 1, 10, 22),
    "2024-01-10 10:00:00 -1100": datetime(2024, 1, 10, 21),
    "2024-01-10T10:00:00+13:45": datetime(2024, 1, 9, 20, 15),
    "2024-01-10T10:00:00.123456789Z": datetime(2024, 1, 10, 10, 0, 0, 123456),
    "2024-01-10T10:00:00.5+00": datetime(2024, 1, 10, 10, 0, 0, 500000),
    "2024-01-10T24:00:00": datetime(2024, 1, 11),
    "2024-01-10T24:00:00Z": datetime(2024, 1, 11),
    "2024-01-10 24:00:00+02:00": datetime(2024, 1, 10, 22),
    "2024-03-31T02:30:00": datetime(2024, 3, 31, 2, 30),
    "2024-10-27T02:30:00+01:00": datetime(2024, 10, 27, 1, 30),
    "2024-01-1T5:3": datetime(2024, 1, 1, 5, 3),
    "2024-02-29": datetime(2024, 2, 29),
    "1970-01-02": datetime(1970, 1, 2),
    '="2024-01-10"': datetime(2024, 1, 10),
    **dict.fromkeys(
        """2023-02-29|2024-06-31|2024-00-10|2024-01-00|2024-01-32|2024-W02-3|2024W023|2024-010|2024010|2024-001|2024-1|2024-01|2024|24-01-10|24-1-1|10-01-24
10/01/24|01/02/03|2024.01.10|2024 01 10|2024\\01\\10|2024-Jan-10|10-Jan-2024|10 Jan 24|Jan-24|2024年1月10日|２０２４-01-10|٢٠٢٤-٠١-١٠|20240-01-10|10000-01-01
2024-01-10T24:00:01|2024-01-10T23:59:60|2024-01-10T10:60:00|2024-01-10T10:00:61|2024-01-10T10|2024-01-10T1000|2024-01-10 10.30|2024-01-10 10:30 AM|2024-01-10 10:30PM
2024-01-10T10:00:00,250|2024-01-10T10:00:00+16:00|2024-01-10T10:00:00+15|2024-01-10T10:00:00-15:00|2024-01-10T10:00:00-13|2024-01-10T10:00:00+14:30|2024-01-10T10:00:00-1230|2024-01-10T10:00:00−02:00|2024-01-10T10:00:00+2|2024-01-10T10:00:00+02:60|2024-01-10T10:00:00+02:00:00|2024-01-10t10:00:00
2024-01-10  10:00:00|2024-01-10T10+02:00|2024-01-10T|2024-01-10Z|2024-01-10+02:00|2024-01-10x|2024-01-10 x|'2024-01-10|-2024-01-10|+2024-01-10|2024-01-10 BC|2024--01-10
1704880800000|1704880800.5|45301.4375|2024-01-10 10:00:00 UTC+2|2024-01-10 10:00:00 +0000 UTC|2024-01-10T10:00:00[UTC]|Wed, 10 Jan 2024 10:00:00 GMT|2024/02/30|2024/13/1
2024/1/5 10:00|12/31/2023|1-1-2024|12:00|10:00:00|today|now()|NaT|2024-01-10 :|2024-01-10 10::00""".replace(
            "\n", "|"
        ).split("|")
    ),
    "2024-01-10 10:00:00 Europe": None,
    "2024-01-10 10:00:00 Europe/Paris": None,
    "2024-01-10 10:00:00 BST": None,
    "2024-01-10 10:00:00 IST": None,
    "2024-01-10 10:00:00 CST": None,
    "2024-01-10 10:00:00 EST": None,
    "2024-01-10 10:00:00 PST": None,
    "2024-01-10 10:00:00 CET": None,
    "2024-01-10 10:00:00 MST7MDT": None,
    "2024-01-10 10:00:00 GMT+2": None,
    "2024-01-10T10:00:00+01:00[Europe/Paris]": None,
    "2024-01-10T10:00:00+25:00": None,
    "2024-01-10 25:00:00": None,
    "2024-02-30": None,
    "2024-13-01": None,
    "10/01/2024": None,
    "10.01.2024": None,
    "10-01-2024": None,
    "1/31/2024 10:00": None,
    "20240110": None,
    "45301": None,
    "1704880800": None,
    "Jan 10, 2024": None,
    "10 January 2024": None,
    "yesterday": None,
    "now": None,
    "epoch": None,
    "infinity": None,
}
BOOLEANS = {
    "true": True, "TRUE": True, "t": True, "yes": True, "Y": True, "1": True, "1.0": True, "oui": True, "vrai": True,
    "false": False, "f": False, "No": False, "n": False, "0": False, "0.0": False, "non": False, "faux": False,
    "maybe": None, "2": None, "-1": None, "yes!": None, "on/off": None, "null?": None,
    **dict.fromkeys("on|ON|ja|JA|j|wahr|WAHR|waar|si|sì|SÌ|sí|sim|vero|VERO|verdadero|o|V|1.00|True| y |true\u200b".split("|"), True),
    **dict.fromkeys("off|nein|Nein|falsch|FALSCH|nee|onwaar|não|nao|falso|FALSO|N|0.00|False".split("|"), False),
    **dict.fromkeys(
        "tak|nie|да|нет|はい|いいえ|是|x|X|✓|checked|granted|subscribed|01|1,0|1e0|１|TRUE()|=TRUE()|'true'|true.|true;|yes, please|y/n|ye|tru|nope|-".split("|")
    ),
}  # fmt: skip
CURRENCIES = {
    "EUR": "EUR", "eur": "EUR", "€": "EUR", "Euro": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "zł": "PLN",
    "": "EUR", "usd": "USD", "A$": "AUD", "GBp": "GBX", "gbp": "GBP",
}  # fmt: skip
# column currency, amount, whether the row is usable, its currency
TOGETHER = [
    ("EUR", "12.50 GBP", "conflicting_currency"),
    ("USD", "€12.50", "conflicting_currency"),
    ("€", "12.50 USD", "conflicting_currency"),
    ("JPY", "$12.50", "conflicting_currency"),
    ("EUR", "12,50 €", "EUR"),
    ("CAD", "$12.50", "CAD"),
    ("AUD", "$ 12.50", "unknown_currency"),  # no rate, but no contradiction
    ("USD", "US$12.50", "USD"),
    ("CAD", "US$12.50", "conflicting_currency"),
    ("CNY", "¥12.50", "unknown_currency"),
    ("SEK", "12.50 kr", "unknown_currency"),
    ("", "12.50 kr", "unknown_currency"),
    ("", "12.50 KZT", "unknown_currency"),
    ("", "12.50 GBP", "GBP"),
    ("NULL", "£12.50", "GBP"),
    ("USD", "$12.50 USD", "USD"),
    ("USD", "$12.50 CAD", "conflicting_currency"),
    ("CAD", "$12.50 USD", "conflicting_currency"),
    ("", "$12.50 CAD", "CAD"),
]


@pytest.fixture(scope="module")
def warehouse(builder):
    """Every text of this file in a row of its own, of brands that decide otherwise."""

    def row(brand: str, order_id: str, amount: str = "10", **more: str) -> dict[str, str]:
        ordered = {"customer_id": "someone", "ordered_at": "2024-01-10T10:00:00"}
        return {"brand": brand, "order_id": order_id, "total_amount": amount} | ordered | more

    orders = [row("mixed", f"m{number}", text) for number, text in enumerate(ALL_AMOUNTS)]
    for brand, (evidence, _) in EVIDENCE.items():
        orders += [row(brand, f"{brand}{number}", text) for number, text in enumerate([*OPEN, evidence])]
    orders += [row("open", f"o{number}", text) for number, text in enumerate(OPEN)]
    orders += [row("ids", f"i{number}", cart_id=text) for number, text in enumerate([*IDS, *ROUNDED_IDS])]
    orders += [row("rounded", text, case=text) for text in ROUNDED_IDS]
    orders += [
        row("no_ids", f"n{number}", cart_id=text, affiliate_id=text, discount_code=text.replace("0.0", "0"))
        for number, text in enumerate(NO_IDS)
    ]
    orders += [row("emails", f"e{number}", email=text, customer_id="") for number, text in enumerate(EMAILS)]
    orders += [row("email_ids", f"e{number}", customer_id=text) for number, text in enumerate(EMAILS)]
    orders += [row("buyers", f"b{number}", customer_id=text) for number, text in enumerate(ROUNDED_IDS)]
    orders += [row("times", f"t{number}", ordered_at=text) for number, text in enumerate(TIMES)]
    orders += [row("booleans", f"y{number}", is_test=text) for number, text in enumerate(BOOLEANS)]
    orders += [row("currencies", f"c{number}", currency=text) for number, text in enumerate(CURRENCIES)]
    orders += [
        row("together", f"g{number}", amount, currency=code) for number, (code, amount, _) in enumerate(TOGETHER)
    ]
    orders += [row("sizes", f"s{number}", text) for number, text in enumerate(SIZES)]
    orders.append(row("dues", "d1", tax_amount="12", shipping_amount="4"))
    orders.append(row("dues", "d2", "10 USD", tax_amount="2 EUR"))
    orders.append(row("dues", "d3", cancelled_at="1970-01-01", tax_amount="1e13"))
    orders.append(row("dues", "d4", ordered_at="1970-01-01T00:00:00"))
    return builder.build("amounts", {"orders": orders}, as_of_date=None, models=["base_shop__orders"])


SIZES = {
    "999999999999.99": None,
    "1000000000000": "implausible_amount",
    "9999999999999999.99": "implausible_amount",
    "1E+13": "implausible_amount",
    "99999999999999999999": "unparseable_value",
}


def _rows(warehouse, brand: str, *columns: str) -> list[tuple]:
    """What became of the rows of a brand, in the order in which they were written."""
    query = f"select {', '.join(columns)} from staging.base_shop__orders where brand = ? "
    return warehouse.rows(query + "order by cast(regexp_replace(order_id, '[^0-9]', '', 'g') as int)", [brand])


def test_an_amount_is_read_whole_or_refused(warehouse):
    """Close to seven hundred texts: the reader of this file and the build agree on amount, currency and refusal."""
    found = _rows(warehouse, "mixed", "total_amount", "currency", "rejection_reason")
    assert len(found) == len(ALL_AMOUNTS) > 650
    wrong = []
    for text, (amount, currency, reason) in zip(ALL_AMOUNTS, found, strict=True):
        right = UNLIKE_THE_READER.get(text, read(text))
        if right is None:
            is_right = reason == "unparseable_value"
        elif right[0] < 0:
            is_right = reason == "negative_amount"
        else:
            is_right = (amount, currency) == (right[0], right[1] or "EUR") and reason in (None, "unknown_currency")
        if not is_right:
            wrong.append((text, right, amount, currency, reason))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("brand", EVIDENCE)
def test_other_values_of_a_brand_decide_what_a_single_mark_is(warehouse, brand):
    """'1.234' is 1.23 beside 12.50, and 1234 beside 12,50."""
    found = _rows(warehouse, brand, "total_amount", "rejection_reason")
    for text, (amount, reason) in zip(OPEN, found, strict=False):
        right, _ = read(text, EVIDENCE[brand][1])
        assert (amount, reason) == (right, None) or (right < 0 and reason == "negative_amount"), text


def test_a_factor_of_a_thousand_is_not_guessed(warehouse):
    """Without another value that decides, both readings are refused."""
    assert {reason for (reason,) in _rows(warehouse, "open", "rejection_reason")} == {"unparseable_value"}


def test_one_rule_for_all_ids(warehouse):
    """Zeros behind a point are none of the id; an id that a spreadsheet has rounded is none."""
    found = [value for (value,) in _rows(warehouse, "ids", "cart_id")]
    hidden = {text: value for text, value in zip(IDS, found, strict=False) if IDS[text].endswith(":")}
    assert len(hidden) == 2 == len([value for value in hidden.values() if re.fullmatch("phone:[0-9a-f]{32}", value)])
    assert len(set(hidden.values())) == 1
    assert dict(zip(IDS, found, strict=False)) == IDS | hidden
    assert found[len(IDS) :] == [None] * len(ROUNDED_IDS)
    said = warehouse.rows(
        "select count(*) from staging.base_shop__orders where brand = 'ids' and cleaning_failures like '%|cart_id:rounded_id|%'"
    )
    assert said == [(len(ROUNDED_IDS),)]


def test_a_rounded_id_that_a_row_needs_is_refused(warehouse):
    """Two orders of one rounded id are no versions of one order; a rounded customer is no customer."""
    query = "select rejection_reason, count(*) from staging.base_shop__orders where json_extract_string(raw_row, '$.case') is not null group by 1"
    assert warehouse.rows(query) == [("rounded_id", len(ROUNDED_IDS))]
    assert {row for row in _rows(warehouse, "buyers", "person_id", "rejection_reason")} == {(None, None)}


def test_words_for_no_id_are_none(warehouse):
    """Neither a cart, nor an affiliate who brought the order, nor a discount: '0' of many orders is not one cart."""
    assert set(_rows(warehouse, "no_ids", "cart_id", "affiliate_id", "discount_code")) == {(None, None, None)}
    failures = {failure for (failure,) in _rows(warehouse, "no_ids", "cleaning_failures")}
    assert failures == {"|cart_id:placeholder_id|affiliate_id:placeholder_id|"}


def test_an_email_is_one_address_or_none(warehouse):
    """A name and brackets around it are none of it; with anything else it would be another person."""
    found = [email for (email,) in _rows(warehouse, "emails", "email")]
    assert dict(zip(EMAILS, found, strict=True)) == EMAILS
    persons = dict(zip(EMAILS, [person for (person,) in _rows(warehouse, "email_ids", "person_id")], strict=True))
    annas = {persons[text] for text, email in EMAILS.items() if email == ANNA}
    assert annas == {"email_ids:email:" + hashlib.md5(ANNA.encode()).hexdigest()}
    # two addresses are none, but still an id
    assert all(persons[text] for text in EMAILS if text.count("@") == 2)


def test_times_are_iso_with_offsets_and_no_names_of_zones(warehouse):
    """An abbreviation may be several zones, a name is no ISO 8601, and an order of day and month is not guessed."""
    found = _rows(warehouse, "times", "ordered_at", "rejection_reason")
    wrong = [
        (text, right, *row)
        for (text, right), row in zip(TIMES.items(), found, strict=True)
        if row != (right, None if right else "unparseable_value")
    ]
    assert not wrong, wrong


def test_words_for_yes_and_no(warehouse):
    """A word that is neither is none."""
    assert [value for (value,) in _rows(warehouse, "booleans", "is_test")] == list(BOOLEANS.values())


def test_currencies_by_code_and_sign(warehouse):
    """As a column of their own."""
    assert [value for (value,) in _rows(warehouse, "currencies", "currency")] == list(CURRENCIES.values())


def test_a_currency_in_the_amount_agrees_with_the_column_or_the_row_is_refused(warehouse):
    """'$' is any dollar."""
    found = _rows(warehouse, "together", "currency", "rejection_reason")
    assert [reason or currency for currency, reason in found] == [right for _, _, right in TOGETHER]


def test_an_amount_of_a_trillion_is_refused(warehouse):
    """No order is worth it in any currency."""
    assert [reason for (reason,) in _rows(warehouse, "sizes", "rejection_reason")] == list(SIZES.values())


def test_parts_of_an_order_make_sense(warehouse):
    """Tax above the total is none, two currencies of one row contradict, and the clock's zero is no date."""
    columns = "tax_amount", "shipping_amount", "cancelled_at", "cleaning_failures", "rejection_reason"
    assert _rows(warehouse, "dues", *columns) == [
        (None, Decimal("4.00"), None, "|tax_amount:above_total|", None),
        (Decimal("2.00"), None, None, None, "conflicting_currency"),
        (
            None,
            None,
            None,
            "|tax_amount:implausible_amount|tax_amount:above_total|cancelled_at:implausible_timestamp|",
            None,
        ),
        (None, None, None, None, "implausible_timestamp"),
    ]
