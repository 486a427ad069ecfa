"""Where a visit came from, read with Python's own reader of addresses: the words of the guide and of the seed channel_rules.

Columns win over the address of the landing page; names are decoded as often as they were encoded, trimmed, in lower case;
a page of the same site, or of the shop's other domains, is no origin; the first rule whose patterns all match decides.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

RULES = Path(__file__).resolve().parents[3] / "seeds" / "lifecycle" / "channel_rules.csv"
CLUES = ("touch_type", "utm_source", "utm_medium", "referrer_host", "click_id", "campaign_channel")
WORDS_FOR_NOTHING = ("not set", "not provided", "none", "null", "undefined", "nan", "n/a", "unset")
NOTHING = {
    "",
    *WORDS_FOR_NOTHING,
    *(f"{opening}{word}{closing}" for word in WORDS_FOR_NOTHING for opening in ("", "(") for closing in ("", ")")),
}
# What an ad platform or a mailing tool was to fill: {{campaign.name}}, %%source%%, *|SOURCE|*, __SOURCE__.
PLACEHOLDER = re.compile(r"\{+[^{}]*\}+|%%.*%%|\*\|.*\|\*|__[a-z0-9_]+__")
CAMPAIGN_PARAMETERS = ("utm_id", "campaign_id", "gad_campaignid")
LOG_IN = ("oauth", "oauth2", "saml", "saml2", "openid", "ap/signin")
_ENCODED = re.compile(rb"(?:%[0-9a-f]{2})+", re.I)


@dataclass
class Origin:
    """What one touchpoint says of its origin; None where it says nothing. ``parameters``: names of those with a value."""

    touch_type: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    referrer_host: str | None
    parameters: frozenset[str]
    landing_campaign: str | None


def _decoded_once(text: str) -> str:
    """Each run of percent codes as the characters it stands for, but what is no UTF-8, or no text, as it is."""

    def decode(found: re.Match[bytes]) -> bytes:
        codes = found[0]
        result, at = b"", 0
        while at < len(codes):
            for length in (4, 3, 2, 1):
                piece = codes[at : at + 3 * length]
                try:
                    sign = unquote_to_bytes(piece).decode()
                except UnicodeDecodeError:
                    continue
                if len(sign) == 1 and sign != "\0":
                    result, at = result + sign.encode(), at + len(piece)
                    break
            else:
                result, at = result + codes[at : at + 3], at + 3
        return result

    return _ENCODED.sub(decode, text.encode()).decode()


def name_of(text: str | None) -> str | None:
    """A name as names are compared: decoded until nothing changes, plus signs as blanks, trimmed, in lower case."""
    if text is None:
        return None
    before = None
    while before != text:
        before, text = text, _decoded_once(text)
    text = text.replace("+", " ").strip().lower()
    return None if text in NOTHING or PLACEHOLDER.fullmatch(text) else text


def _readable(address: str) -> str:
    """An address that was encoded as a whole is decoded until it can be read."""
    while "=" not in address and "%" in address and (decoded := _decoded_once(address)) != address:
        address = decoded
    return address


def host_of(address: str | None) -> str:
    """The host of a web address or the id of an app, without user, port and www; a path alone has none."""
    if not address:
        return ""
    address = _readable(address).lower()
    parts = urlsplit(address if "//" in address.split("?")[0].split("#")[0] else f"//{address}")
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    return host.removeprefix("www.")


def parameters_of(address: str | None) -> dict[str, str]:
    """The parameters with a value in the query or the fragment of an address, whatever stands between them."""
    found: dict[str, str] = {}
    if address:
        _, _, rest = re.sub("[?#]", "\n", _readable(address), count=1).partition("\n")
        for part in re.split("[&;#]", rest):
            name, _, value = part.partition("=")
            if value:
                found.setdefault(name.lower(), value)
    return found


def _is_within(host: str, site: str) -> bool:
    return bool(site) and (host == site or host.endswith(f".{site}"))


def origin_of(row: Mapping[str, Any]) -> Origin:
    """Read one raw touchpoint."""
    row = {name: value if isinstance(value, str) and value.strip() else None for name, value in row.items()}
    landing, referrer = row.get("landing_page"), row.get("referrer")
    parameters = parameters_of(landing)
    site, host = host_of(landing), host_of(referrer)
    path = urlsplit(referrer).path.lower() + "/" if referrer else ""
    if _is_within(host, site) or _is_within(site, host) or any(f"/{step}/" in path for step in LOG_IN):
        host = ""
    named = next((parameters[name] for name in CAMPAIGN_PARAMETERS if name in parameters), None)
    return Origin(
        (row.get("touch_type") or "").strip().lower() or None,
        *(name_of(row.get(name) or parameters.get(name)) for name in ("utm_source", "utm_medium", "utm_campaign")),
        host or None,
        frozenset(parameters),
        name_of(named),
    )


class Channels:
    """The rules of the seed, for campaigns (name as names are compared -> id, channel) and domains of one's own."""

    def __init__(self, campaigns: Iterable[Mapping[str, Any]], own_domains: Iterable[str] = ()) -> None:
        with RULES.open(encoding="utf-8") as file:
            rules = sorted(csv.DictReader(file), key=lambda rule: int(rule["priority"]))
        self.rules = [
            ({clue: re.compile(rule[clue]) for clue in CLUES if rule[clue]}, rule["channel"]) for rule in rules
        ]
        self.own_domains = list(own_domains)
        self.campaigns = {
            name_of(row["campaign_id"]): (row["campaign_id"], name_of(row["channel"])) for row in campaigns
        }

    def campaign_of(self, origin: Origin, campaign_id: str | None) -> tuple[str | None, str | None]:
        """The campaign and what it was bought as: that of the column, known or not, else one that the address names."""
        if (given := name_of(campaign_id)) is not None:
            return self.campaigns.get(given, (given, None))
        for name in (origin.landing_campaign, origin.utm_campaign):
            if name in self.campaigns:
                return self.campaigns[name]
        return None, None

    def channel_of(self, origin: Origin, campaign_channel: str | None) -> str:
        """The channel of the first rule whose patterns all match."""
        host = origin.referrer_host or ""
        clues = {
            "touch_type": origin.touch_type or "",
            "utm_source": origin.utm_source or "",
            "utm_medium": origin.utm_medium or "",
            "referrer_host": "" if any(_is_within(host, own) for own in self.own_domains) else host,
            "click_id": "".join(f"&{name}&" for name in sorted(origin.parameters)),
            "campaign_channel": campaign_channel or "",
        }
        return next(
            channel
            for patterns, channel in self.rules
            if all(pattern.search(clues[clue]) for clue, pattern in patterns.items())
        )
