"""What all customers share: the period, the seasons, the price list, the channels and their campaigns."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from dev.generate.columns import DAY, NEVER

BRANDS = ("default", "atelier")
BRAND_SHARES = (0.93, 0.07)
CURRENCIES = ("EUR", "USD", "GBP")
PRICE_FACTORS = np.array([1.0, 1.10, 0.86])

COUNTRIES = ("FR", "BE", "DE", "ES", "IT", "NL", "US", "GB")
COUNTRY_SHARES = (0.50, 0.10, 0.11, 0.07, 0.06, 0.05, 0.05, 0.06)
COUNTRY_CURRENCY = np.array([0, 0, 0, 0, 0, 0, 1, 2])
CITIES = ("Lyon", "Bruxelles", "Berlin", "Valencia", "Torino", "Utrecht", "Boston", "Leeds")


@dataclass(frozen=True)
class Channel:
    """How people come in by a channel and what becomes of them.

    ``share`` of all people (before normalising), ``engages`` and ``buys`` (given engaged) as probabilities,
    ``touch_types`` seen, the utm texts, ``cost`` in cents per click (0 = no advertising).
    """

    name: str
    share: float
    engages: float
    buys: float
    touch_types: tuple[str, ...]
    platform: str | None
    utm_source: str | None
    utm_medium: str | None
    referrer: str | None
    has_campaigns: bool
    cost: int = 0


CHANNELS = (
    Channel("paid_search", 0.18, 0.80, 0.66, ("click", "visit"), "google", "google", "cpc", None, True, 210),
    Channel("organic_search", 0.19, 0.78, 0.62, ("visit",), None, None, None, "https://www.google.com/", False),
    Channel(
        "paid_social", 0.15, 0.66, 0.42, ("impression", "click"), "meta", "facebook", "paid_social", None, True, 150
    ),
    Channel(
        "organic_social",
        0.10,
        0.82,
        0.45,
        ("visit",),
        "instagram",
        "instagram",
        "social",
        "https://www.instagram.com/",
        False,
    ),
    Channel(
        "email", 0.07, 0.88, 0.72, ("email_delivered", "email_opened"), "newsletter", "newsletter", "email", None, True
    ),
    Channel(
        "affiliate",
        0.06,
        0.74,
        0.70,
        ("click",),
        "partners",
        "bonplan",
        "affiliate",
        "https://bonplan.example/",
        True,
        100,
    ),
    Channel("referral", 0.08, 0.92, 0.78, ("visit",), "friends", "friend", "referral", None, True),
    Channel("direct", 0.14, 0.84, 0.74, ("visit",), None, None, None, None, False),
    Channel("podcast", 0.04, 0.80, 0.50, ("podcast_listen",), "spotify", "podcast", "audio", None, True, 300),
)
CHANNEL_NUMBER = {channel.name: number for number, channel in enumerate(CHANNELS)}

# January to December: gifts in November and December, sales in January and June, quiet summers.
MONTH_WEIGHTS = (1.08, 0.90, 0.95, 0.97, 1.00, 1.06, 0.88, 0.76, 0.98, 1.03, 1.30, 1.42)
WEEKDAY_WEIGHTS = (1.00, 0.98, 0.98, 1.00, 1.04, 1.06, 0.94)

PRODUCTS_PER_BRAND = 36
CATEGORIES = ("coffee", "tea", "chocolate", "accessories", "gifts", "machines")


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later (or earlier), the last of the month where the month is too short."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def seconds(day: date) -> int:
    """Midnight (UTC) of a date, in seconds since 1970."""
    return (day - date(1970, 1, 1)).days * DAY


@dataclass(frozen=True)
class World:
    """The fixed surroundings of one data set, drawn from ``seed`` alone."""

    customers: int
    months: int
    seed: int
    end_date: date
    dirt: float
    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        # The period ends with end_date and holds whole months before it.
        following = self.end_date + timedelta(days=1)
        object.__setattr__(self, "start", seconds(add_months(following, -self.months)))
        object.__setattr__(self, "end", seconds(following) - 1)
        object.__setattr__(self, "_clock", self._seasonal_clock())
        object.__setattr__(self, "products", Products(self.rng("products")))

    def rng(self, concern: str, chunk: int = 0) -> np.random.Generator:
        """A random stream of its own for one concern in one chunk, so that concerns do not disturb each other."""
        return np.random.default_rng([self.seed, chunk, zlib.crc32(concern.encode())])

    @property
    def days(self) -> np.ndarray:
        """Midnights of all days of the period, in seconds."""
        return np.arange(self.start, self.end, DAY, dtype=np.int64)

    def weights(self, days: np.ndarray) -> np.ndarray:
        """How busy each day (midnight, seconds) is, about 1 on average."""
        calendar = (days // DAY).astype("datetime64[D]")
        month = (calendar.astype("datetime64[M]").astype(int)) % 12
        weekday = (days // DAY + 3) % 7
        return np.array(MONTH_WEIGHTS)[month] * np.array(WEEKDAY_WEIGHTS)[weekday]

    def _seasonal_clock(self) -> tuple[np.ndarray, np.ndarray]:
        # Shopping time runs faster on busy days; both axes in seconds from the start, a year past the end.
        days = np.arange(self.start, self.end + 400 * DAY, DAY, dtype=np.int64)
        shopping = np.concatenate([[0.0], np.cumsum(self.weights(days)) * DAY])
        calendar = np.append(days, days[-1] + DAY).astype(float)
        return calendar, shopping

    def to_shopping_time(self, moments: np.ndarray) -> np.ndarray:
        """Seconds of shopping time since the start for calendar moments."""
        return np.interp(moments, *self._clock)

    def to_calendar(self, shopping: np.ndarray) -> np.ndarray:
        """Calendar moments for shopping time; anything more than a year past the end is ``NEVER``."""
        calendar, axis = self._clock
        found = np.interp(shopping, axis, calendar).astype(np.int64)
        return np.where(shopping >= axis[-1], NEVER, found)

    def arrivals(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """First moments of ``count`` people, spread over the period and denser in season."""
        days = self.days
        density = np.cumsum(self.weights(days))
        day = np.searchsorted(density, rng.random(count) * density[-1])
        return days[np.minimum(day, len(days) - 1)] + rng.integers(0, DAY, count)

    def quarter_count(self) -> int:
        """Number of three-month campaign periods."""
        return max(1, -(-self.months // 3))

    def quarter_start(self, quarter: int) -> int:
        """First midnight of a campaign period; that of the one after the last is the end."""
        if quarter >= self.quarter_count():
            return self.end + 1
        return seconds(add_months(date(1970, 1, 1) + timedelta(seconds=self.start), 3 * quarter))

    def quarter_of(self, moments: np.ndarray) -> np.ndarray:
        """The campaign period (from 0) in which each moment falls."""
        starts = np.array([self.quarter_start(quarter) for quarter in range(1, self.quarter_count())], dtype=np.int64)
        return np.searchsorted(starts, moments, side="right")

    def campaign_ids(self) -> list[str]:
        """Campaign ids by ``channel number * quarter_count + quarter``; channels without campaigns have unused ids."""
        return [f"{channel.name}-q{quarter + 1:02d}" for channel in CHANNELS for quarter in range(self.quarter_count())]


class Products:
    """The price list: 36 products a brand and a gift card, ``price`` and ``cost`` in euro cents (``cost`` -1 = unknown)."""

    def __init__(self, rng: np.random.Generator) -> None:
        count = PRODUCTS_PER_BRAND * len(BRANDS)
        self.brand = np.repeat(np.arange(len(BRANDS)), PRODUCTS_PER_BRAND)
        self.number = np.tile(np.arange(PRODUCTS_PER_BRAND), len(BRANDS)) + 1
        self.category = (self.number - 1) % len(CATEGORIES)
        typical = np.array([1_200, 950, 1_100, 2_400, 3_500, 14_900])[self.category]
        self.price = (typical * rng.lognormal(0, 0.35, count) / 10).astype(np.int64) * 10 - 1
        self.cost = (self.price * rng.uniform(0.5, 0.75, count)).astype(np.int64)
        self.cost[rng.random(count) < 0.05] = -1
        self.popularity = rng.gamma(1.2, 1.0, count)
        # The last products are one gift card a brand, at any price. They are never drawn: see Shop.
        self.gift_card = len(self.number) + np.arange(len(BRANDS))
        self.brand = np.append(self.brand, np.arange(len(BRANDS)))
        self.number = np.append(self.number, np.full(len(BRANDS), PRODUCTS_PER_BRAND + 1))
        self.category = np.append(self.category, np.full(len(BRANDS), CATEGORIES.index("gifts")))
        self.price, self.cost, self.popularity = (
            np.append(values, np.zeros(len(BRANDS), dtype=values.dtype))
            for values in (self.price, self.cost, self.popularity)
        )

    def draw(self, rng: np.random.Generator, brand: np.ndarray) -> np.ndarray:
        """A product (index into the arrays) for each row's brand, popular ones more often."""
        chosen = np.zeros(len(brand), dtype=np.int64)
        for number in range(len(BRANDS)):
            own = np.flatnonzero(self.brand == number)
            steps = np.cumsum(self.popularity[own])
            rows = np.flatnonzero(brand == number)
            at = np.searchsorted(steps, rng.random(len(rows)) * steps[-1], side="right")
            chosen[rows] = own[np.minimum(at, len(own) - 1)]
        return chosen


def some(rng: np.random.Generator, candidates: np.ndarray, share: float, at_least: int = 0) -> np.ndarray:
    """A sorted random part of the candidates: ``share`` of them, but ``at_least`` so many if there are."""
    count = min(len(candidates), max(at_least, round(share * len(candidates))))
    return np.sort(rng.choice(candidates, count, replace=False)) if count else candidates[:0]
