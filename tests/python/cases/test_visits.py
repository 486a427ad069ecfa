"""Where visits come from, and which rows are machines: builds of what tag managers, shops and mail tools really send.

Each case is a brand of its own in one build. Right values are those of the field's convention, worked out by hand; every person
is invented. ``VISITS`` is the table of addresses, referrers and parameters: one row is one visit, and
the channel that is right for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Builder, Warehouse

AS_OF_DATE = date(2024, 12, 31)
NOON = datetime(2024, 3, 1, 12)
SHOP = "https://shop.example"
MODELS = (
    "attribution_credits",
    "acquisition_channels_daily",
    "acquisition_channels_monthly",
    "cart_abandonment_daily",
    "lifecycle_customers",
    "rejected_records",
)
Row = dict[str, Any]

# what a visit says of where it came from: source, medium, referrer, address of the landing page -> channel
VISITS: tuple[tuple[str | None, str | None, str | None, str | None, str], ...] = (
    # click ids: an ad click is proved by what only ads carry
    (None, None, "https://www.google.de/", f"{SHOP}/a?gclid=Cj0K", "paid_search"),
    (None, None, None, f"{SHOP}/a?gad_source=1&gbraid=0AAA", "paid_search"),
    (None, None, None, f"{SHOP}/a?x=1&amp;wbraid=Cl0", "paid_search"),
    (None, None, None, f"{SHOP}/a#msclkid=77", "paid_search"),
    (None, None, None, f"{SHOP}/a?GCLID=Cj0K", "paid_search"),
    (None, None, None, f"{SHOP}/a?gclid=", "direct"),
    (None, None, None, f"{SHOP}/a?page=gclid", "direct"),
    (None, None, None, f"{SHOP}/a?mygclid=1", "direct"),
    (None, None, None, "https%3A%2F%2Fshop.example%2Fa%3Fgclid%3DCj0K", "paid_search"),
    (None, None, None, f"{SHOP}/a?ttclid=E.C.P", "paid_social"),
    (None, None, "https://t.co/", f"{SHOP}/a?twclid=2-1", "paid_social"),
    (None, None, None, f"{SHOP}/a?ScCid=1", "paid_social"),
    (None, None, None, f"{SHOP}/a?li_fat_id=1", "paid_social"),
    (None, None, None, f"{SHOP}/a?dclid=CJ1", "other"),
    (None, None, "https://coupons.example/", f"{SHOP}/a?awc=1_2_3", "affiliate"),
    (None, None, None, f"{SHOP}/a?irclickid=1", "affiliate"),
    (None, None, None, f"{SHOP}/a?mc_cid=1&mc_eid=2", "email"),
    (None, None, None, f"{SHOP}/a?_kx=abc", "email"),
    # what proves no payment
    (None, None, None, f"{SHOP}/a?fbclid=IwAR", "organic_social"),
    (None, "cpc", None, f"{SHOP}/a?fbclid=IwAR", "paid_social"),
    (None, None, None, f"{SHOP}/a?igshid=1", "organic_social"),
    (None, None, None, f"{SHOP}/a?srsltid=Af", "organic_search"),
    (None, None, "https://chatgpt.com/", f"{SHOP}/a?srsltid=Af", "ai_assistant"),
    (None, None, "https://www.google.com/", f"{SHOP}/a?fbclid=IwAR", "organic_search"),
    # parameters in the address; a column wins where it has a value
    (None, None, None, f"{SHOP}/a?utm_source=Google&utm_medium=CPC", "paid_search"),
    (None, None, None, f"{SHOP}/a?utm_source=meta&utm_medium=paid%2520social", "paid_social"),
    (None, None, None, f"{SHOP}/a#utm_source=autumn-letter&utm_medium=e-mail", "email"),
    ("instagram", None, None, f"{SHOP}/a?utm_source=google&utm_medium=cpc", "paid_social"),
    ("newsletter", "email", None, f"{SHOP}/a?gclid=Cj0K", "email"),
    # names as they are typed and encoded
    ("Facebook%20", "Paid+Social", None, None, "paid_social"),
    ("tiktok/ads", None, None, None, "paid_social"),
    ("pinterest%252Fads", "CPC", None, None, "paid_social"),
    ("google ads", None, None, None, "paid_search"),
    ("l.facebook.com", "referral", None, None, "organic_social"),
    ("newsletter%7Cmay", None, None, None, "email"),
    ("crm", "email,email", None, None, "email"),
    ("(direct)", "(none)", None, None, "direct"),
    ("(not set)", "(not set)", None, None, "direct"),
    ("100%25 wool", None, None, None, "other"),
    ("%e9t%e9", "%00", None, None, "other"),
    # pages that are no origin
    (None, None, "https://checkout.stripe.com/c/pay/cs_1", None, "direct"),
    (None, None, "https://www.mollie.com/checkout/ideal", None, "direct"),
    (None, None, "https://acs2.bank.example/3ds/challenge", None, "direct"),
    (None, None, "https://geo.cardinalcommerce.com/", None, "direct"),
    (None, None, "https://pay.google.com/", None, "direct"),
    (None, None, "https://accounts.google.com/", None, "direct"),
    (None, None, "https://login.microsoftonline.com/common/oauth2", None, "direct"),
    (None, None, "https://appleid.apple.com/", None, "direct"),
    (None, None, "https://www.facebook.com/v18.0/dialog/oauth?client_id=1", None, "direct"),
    (None, None, "https://help.sister-shop.example/faq", None, "direct"),
    (None, None, "https://checkout.shop.example/step/2", f"{SHOP}/thanks", "direct"),
    (None, None, "https://www.shop.example/a", f"{SHOP}/b", "direct"),
    ("paypal.com", "referral", None, None, "direct"),
    (None, None, "https://www.adyen.com/", f"{SHOP}/thanks?gclid=Cj0K", "direct"),
    (None, None, "https://pubs.acs.org/doi/1", None, "referral"),
    # apps, mail, search, shorteners
    (None, None, "android-app://com.google.android.gm/", None, "email"),
    (None, None, "android-app://com.google.android.googlequicksearchbox/https/www.google.com", None, "organic_search"),
    (None, None, "android-app://com.facebook.katana", None, "organic_social"),
    (None, None, "ios-app://389801252/", None, "organic_social"),
    (None, None, "https://webmail.freenet.example/", None, "email"),
    (None, None, "https://messagerie.orange.fr/", None, "email"),
    (None, None, "https://deref-gmx.net/mail/client/1", None, "email"),
    (None, None, "https://docs.google.com/document/d/1", None, "referral"),
    (None, None, "https://www.dailymail.example/news", None, "referral"),
    (None, None, "https%3A%2F%2Fwww.bing.com%2F", None, "organic_search"),
    (None, None, "https://bit.ly/3xyz", None, "referral"),
    (None, None, "https://lnkd.in/abc", None, "organic_social"),
    # assistants
    ("chatgpt.com", None, None, None, "ai_assistant"),
    (None, None, "https://www.perplexity.ai/search", None, "ai_assistant"),
    (None, None, "https://gemini.google.com/", None, "ai_assistant"),
    (None, None, "https://copilot.microsoft.com/", None, "ai_assistant"),
    ("claude.ai", "referral", None, None, "ai_assistant"),
    # others of each kind
    (None, None, None, f"{SHOP}/a?yclid=1", "paid_search"),
    (None, None, None, f"{SHOP}/a?gclid=Cj0K&fbclid=IwAR", "paid_search"),
    (None, None, None, f"{SHOP}/a?twclid=1#gclid", "paid_social"),
    (None, None, None, f"{SHOP}/a?mibextid=Zxz2cZ", "organic_social"),
    (None, None, None, f"{SHOP}/a?elqTrackId=A1", "email"),
    (None, None, None, f"{SHOP}/a?_ke=ey", "email"),
    (None, None, None, f"{SHOP}/a?cjevent=1", "affiliate"),
    (None, None, None, f"{SHOP}/a?obclid=1", "other"),
    (None, None, None, f"{SHOP}/a?UTM_SOURCE=Bing&UTM_MEDIUM=PPC", "paid_search"),
    (None, None, None, f"{SHOP}/#!/a?utm_source=klaviyo&utm_medium=email", "email"),
    ("klaviyo", "sms", None, None, "other"),
    ("brevo", "web push", None, None, "other"),
    ("instagram", "organic", None, None, "organic_social"),
    ("LinkedIn", "Organic", None, None, "organic_social"),
    ("google", "organic", None, None, "organic_search"),
    ("t.co", "referral", None, None, "organic_social"),
    ("lnkd.in", "referral", None, None, "organic_social"),
    ("awin", None, None, None, "affiliate"),
    ("Tradedoubler", "referral", None, None, "affiliate"),
    ("awin", "email", None, None, "email"),
    (None, None, "https://hpp.realexpayments.com/pay", None, "direct"),
    (None, None, "https://sis.redsys.es/sis/realizarPago", None, "direct"),
    (None, None, "https://www.mobilepay.dk/", None, "direct"),
    (None, None, "https://checkout.paddle.com/", None, "direct"),
    (None, None, "https://3ds.natwest.com/", None, "direct"),
    (None, None, "https://nid.naver.com/oauth", None, "direct"),
    (None, None, "https://kauth.kakao.com/", None, "direct"),
    (None, None, "https://company.okta.com/app", None, "direct"),
    (None, None, "https://search.naver.com/", None, "organic_search"),
    (None, None, "https://ya.ru/", None, "organic_search"),
    (None, None, "https://3c.gmx.net/mail", None, "email"),
    (None, None, "https://eur01.safelinks.protection.outlook.com/?url=x", None, "email"),
    (None, None, "https://web.telegram.org/", None, "organic_social"),
    (None, None, "https://br.pinterest.com/pin/1", None, "organic_social"),
    (None, None, "https://www.pinterest.co.uk/pin/1", None, "organic_social"),
    (None, None, "android-app://com.linkedin.android", None, "organic_social"),
    (None, None, "https://tinyurl.com/x", None, "referral"),
    (None, None, "https://grok.com/", None, "ai_assistant"),
    (None, None, "https://chat.mistral.ai/", None, "ai_assistant"),
    (None, None, "https://www.amazon.com/gp", None, "referral"),
    # placeholders that nothing has filled, words of tools for none, pages that are none
    ("%7B%7Bsite_source_name%7D%7D", "__MEDIUM__", None, None, "direct"),
    ("*|SOURCE|*", "undefined", "https://duckduckgo.com/", None, "organic_search"),
    ("not set", "not set", None, None, "direct"),
    ("null", "null", None, None, "direct"),
    (None, None, "about:blank", None, "direct"),
    (None, None, "(direct)", None, "direct"),
    (None, None, "http://localhost:3000/", None, "direct"),
    (None, None, "http://192.168.1.7/", None, "direct"),
    # pages of payment and of accounts, whoever runs them; checkouts of a shop system
    (None, None, "https://pay.sumup.com/", None, "direct"),
    (None, None, "https://checkout.acquirer.example/3", None, "direct"),
    (None, None, "https://paiement.banque.example/", None, "direct"),
    (None, None, "https://id.apple.com/", None, "direct"),
    (None, None, "https://accounts.spotify.com/", None, "direct"),
    (None, None, "https://shop-example.myshopify.com/", None, "direct"),
    (None, None, "https://id.pinterest.com/pin/1", None, "organic_social"),
    (None, None, "https://payless.example/", None, "referral"),
    # networks of advertising, and what only their links carry
    ("outbrain", "cpc", None, None, "other"),
    ("taboola", "native", None, None, "other"),
    (None, None, "https://googleads.g.doubleclick.net/", None, "other"),
    (None, None, "https://syndicatedsearch.goog/", None, "organic_search"),
    (None, None, "https://www-shop-example.cdn.ampproject.org/", None, "organic_search"),
    (None, None, "https://www.copilot.com/", None, "ai_assistant"),
    (None, None, None, f"{SHOP}/a?gclsrc=aw.ds", "paid_search"),
    (None, None, None, f"{SHOP}/a?trk_contact=3&trk_msg=4", "email"),
    (None, None, None, f"{SHOP}/a?_bta_tid=3", "email"),
    (None, None, None, f"{SHOP}/a?wgu=1_2", "affiliate"),
    (None, None, None, f"{SHOP}/a?ranMID=1&ranEAID=2", "affiliate"),
)


def _order(brand: str, number: object, **values: Any) -> Row:
    return {
        "brand": brand,
        "order_id": f"o{number}",
        "customer_id": f"c{number}",
        "ordered_at": NOON + timedelta(minutes=21),
        "total_amount": 100,
        **values,
    }


def _visit(brand: str, number: object, **values: Any) -> Row:
    return {
        "brand": brand,
        "touchpoint_id": f"t{number}",
        "customer_id": f"c{number}",
        "occurred_at": NOON,
        "touch_type": "visit",
        **values,
    }


def table_of_visits() -> dict[str, list[Row]]:
    """``VISITS``, one customer each."""
    names = ("utm_source", "utm_medium", "referrer", "landing_page")
    rows = [
        _visit("table", number, **dict(zip(names, visit[:4], strict=True))) for number, visit in enumerate(VISITS, 1)
    ]
    return {"touchpoints": rows, "orders": [_order("table", "0", customer_id="nobody_else")]}


def campaigns() -> dict[str, list[Row]]:
    """Names of campaigns in other spellings than reports and records have: by each route to a campaign one customer."""
    spellings: tuple[Row, ...] = (
        {"utm_campaign": "spring sale"},
        {"utm_campaign": "spring%20sale"},
        {"utm_campaign": "Spring+Sale "},
        {"utm_campaign": "SPRING%2520SALE"},
        {"campaign_id": "spring%20sale"},
        {"landing_page": f"{SHOP}/?utm_source=facebook&utm_medium=cpc&utm_campaign=Spring%20Sale"},
        {"landing_page": f"{SHOP}/?utm_id=spring+sale&utm_campaign=unheard-of"},
    )
    raw: dict[str, list[Row]] = {
        "touchpoints": [
            _visit("named", number, utm_source="facebook", utm_medium="cpc", **spelling)
            for number, spelling in enumerate(spellings, 1)
        ],
        "orders": [_order("named", number) for number in range(1, len(spellings) + 1)],
        "campaigns": [
            {"brand": "named", "campaign_id": "Spring Sale", "name": "S24", "channel": "Paid%20Social"},
            {"brand": "named", "campaign_id": "77", "name": "Été", "channel": "paid social"},
            {"brand": "named", "campaign_id": "78", "name": "Twice", "channel": "email"},
            {"brand": "named", "campaign_id": "79", "name": "twice", "channel": "email"},
        ],
        "ad_performance": [
            {
                "brand": "named",
                "date": NOON.date(),
                "campaign_id": "spring sale",
                "platform": "meta",
                "spend_amount": 30,
            },
            {
                "brand": "named",
                "date": NOON.date(),
                "campaign_id": "Spring%20Sale",
                "platform": "meta",
                "spend_amount": 40,
            },
            {
                "brand": "named",
                "date": NOON.date(),
                "campaign_id": "Reported Only",
                "platform": "google",
                "spend_amount": 5,
            },
        ],
    }
    others = ({"utm_campaign": "%C3%A9t%C3%A9"}, {"utm_campaign": "TWICE"}, {"utm_campaign": "reported+only"})
    raw["touchpoints"] += [
        _visit("named", f"n{number}", utm_source="google", utm_medium="cpc", **other)
        for number, other in enumerate(others, 1)
    ]
    return raw


def returns() -> dict[str, list[Row]]:
    """A paid click, the payment page twenty minutes later, an order a minute after: one visit, and the click's credit."""
    pages = (
        {"referrer": "https://checkout.stripe.com/c/pay"},
        {"referrer": "https://www.paypal.com/checkoutnow"},
        {"referrer": "https://pay.klarna.com/"},
        {"referrer": "https://hooks.stripe.com/3ds"},
        {"referrer": "https://shop.example/cart", "landing_page": f"{SHOP}/thank-you"},
        {"referrer": "https://account.sister-shop.example/", "landing_page": "/thank-you"},
        {"referrer": "https://betalen.rabobank.nl/ideal"},
        {"referrer": "https://shop.app/pay", "landing_page": f"{SHOP}/thank-you?gclid=Cj0K"},
        {"referrer": "https://accounts.google.com/", "landing_page": f"{SHOP}/account"},
    )
    raw: dict[str, list[Row]] = {"touchpoints": [], "orders": []}
    for number, page in enumerate(pages, 1):
        raw["touchpoints"].append(
            _visit(
                "paid", f"{number}a", customer_id=f"c{number}", utm_source="google", utm_medium="cpc", utm_campaign="x"
            )
        )
        back = {"customer_id": f"c{number}", "occurred_at": NOON + timedelta(minutes=20)}
        raw["touchpoints"].append(_visit("paid", f"{number}b", **back, **page))
        raw["orders"].append(_order("paid", number))
    return raw


SOURCES = {
    "Google / CPC": "paid_search",
    "facebook%20ads": "paid_social",
    "Facebook ": "organic_social",
    "PAID+SOCIAL": "paid_social",
    "Newsletter": "email",
    "social": "organic_social",
    "ChatGPT": "ai_assistant",
    "ai assistant": "ai_assistant",
    "Partner": "affiliate",
    "google": "organic_search",
    "A Neighbour%20 ": "a neighbour",
    "a+neighbour": "a neighbour",
    "(not set)": "unknown",
    "Awin": "affiliate",
    "instagram / organic": "organic_social",
    "perplexity": "ai_assistant",
    "E-Mail": "email",
}


def profiles() -> dict[str, list[Row]]:
    """What shops write into a profile as the source of a customer."""
    return {
        "customers": [
            {"brand": "profile", "customer_id": f"c{number}", "acquisition_source": source}
            for number, source in enumerate(SOURCES, 1)
        ],
        "orders": [_order("profile", number) for number in range(1, len(SOURCES) + 1)],
        "ad_performance": [
            {
                "brand": "profile",
                "date": NOON.date(),
                "campaign_id": "a",
                "platform": "Facebook%20Ads",
                "spend_amount": 9,
            }
        ],
    }


def visits_of_nobody() -> dict[str, list[Row]]:
    """Three visits without any id, two by one device."""
    nobody = {"customer_id": None}
    return {
        "touchpoints": [
            _visit("nobody", 1, **nobody, referrer="https://www.bing.com/"),
            _visit("nobody", 2, **nobody, referrer="https://www.bing.com/"),
            _visit("nobody", 3, **nobody),
            _visit("nobody", 4, **nobody, anonymous_id="d", referrer="https://www.bing.com/"),
            _visit("nobody", 5, **nobody, anonymous_id="d", occurred_at=NOON + timedelta(minutes=1)),
            _visit("nobody", 6, **nobody, touch_type="impression"),
        ],
        "orders": [_order("nobody", "0", customer_id="nobody_else")],
    }


def machines() -> dict[str, list[Row]]:
    """Rows that are a machine's by their own word, by that of their device, and rows that are not."""

    def cart(cart_id: str, device: str, minutes: int, **values: Any) -> Row:
        created_at = NOON + timedelta(minutes=minutes)
        return {"brand": "machines", "cart_id": cart_id, "anonymous_id": device, "created_at": created_at, **values}

    def engagement(number: str, who: Row, kind: str, minutes: int = 0, **values: Any) -> Row:
        at = NOON + timedelta(minutes=minutes)
        row = {"brand": "machines", "engagement_id": number, "occurred_at": at, "engagement_type": kind}
        return row | who | values

    def visit(number: str, device: str, minutes: int, **values: Any) -> Row:
        at = {"occurred_at": NOON + timedelta(minutes=minutes)}
        return _visit("machines", number, customer_id=None, anonymous_id=device, **at, **values)

    days = 24 * 60
    return {
        "orders": [_order("machines", "0", customer_id="nobody_else")],
        "touchpoints": [
            visit("v1", "crawler", 0, is_bot=True),
            visit("v2", "crawler", 3 * days),
            visit("v3", "crawler", 4 * days, is_bot=False),
            visit("v4", "laptop", 0),
            visit("v5", "laptop", 5 * days, is_bot=True),
            visit("v6", "laptop", 6 * days),
        ],
        "engagements": [
            engagement("e0", {"customer_id": "subscriber"}, "newsletter_subscribed"),
            *(
                engagement(f"e{week}", {"customer_id": "subscriber"}, "email_clicked", week * 7 * days, is_bot=True)
                for week in range(1, 40)
            ),
            engagement("lead1", {"customer_id": "form_bot"}, "lead_form", is_bot=True),
            engagement("lead2", {"anonymous_id": "crawler"}, "lead_form", 60),
            engagement("lead3", {"anonymous_id": "laptop"}, "lead_form", 6 * days),
        ],
        "carts": [
            cart("k1", "crawler", 60),
            cart("k2", "card_tester", 0, is_bot="yes"),
            cart("k3", "card_tester", 60),
            cart("k4", "laptop", 6 * days),
            cart("k5", "crawler", -2 * days),
        ],
    }


def mails() -> dict[str, list[Row]]:
    """Clicks of mails: at once, in bursts, and as people click."""

    def mail(number: str, who: str, kind: str, seconds: int, campaign: str | None = "letter") -> tuple[str, Row]:
        table = "touchpoints" if kind == "email_delivered" else "engagements"
        key, type_ = ("touchpoint_id", "touch_type") if table == "touchpoints" else ("engagement_id", "engagement_type")
        at = NOON + timedelta(seconds=seconds)
        row = {"brand": "mails", key: number, "email": f"{who}@mail.example", "occurred_at": at, type_: kind}
        return table, row | {"campaign_id": campaign}

    raw: dict[str, list[Row]] = {"orders": [_order("mails", "0", customer_id="nobody_else")]}
    for table, row in (
        mail("d1", "scanned", "email_delivered", 0),
        mail("at_once", "scanned", "email_clicked", 10, "Letter"),
        mail("later", "scanned", "email_clicked", 11),
        mail("other_mail", "scanned", "email_clicked", 5, "another"),
        mail("d2", "reader", "email_delivered", 0),
        mail("before", "reader", "email_clicked", -1),
        mail("read", "reader", "email_clicked", 600),
        mail("read_again", "reader", "email_clicked", 604),
        mail("burst1", "filtered", "email_clicked", 900),
        mail("burst2", "filtered", "email_clicked", 905),
        mail("burst3", "filtered", "email_clicked", 910),
        mail("slow1", "slow", "email_clicked", 900),
        mail("slow2", "slow", "email_clicked", 906),
        mail("slow3", "slow", "email_clicked", 911),
    ):
        raw.setdefault(table, []).append(row)
    return raw


RAW = (table_of_visits, campaigns, returns, profiles, visits_of_nobody, machines, mails)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """All cases in one build, a brand each."""
    raw: dict[str, list[Row]] = {}
    for make in RAW:
        for table, rows in make().items():
            raw.setdefault(table, []).extend(rows)
    builder = Builder(tmp_path_factory.mktemp("visits"))
    return builder.build(
        "visits",
        raw,
        as_of_date=AS_OF_DATE,
        models=MODELS,
        own_domains="https://www.sister-shop.example/, ,Other.example",
    )


def channels(warehouse: Warehouse, brand: str) -> Mapping[str, str]:
    """Channel by touchpoint."""
    query = "select touchpoint_id, channel from intermediate.int_touchpoint_channels where brand = ?"
    return dict(warehouse.rows(query, [brand]))


def test_each_visit_has_the_channel_that_its_evidence_proves(warehouse):
    """More than a hundred addresses, referrers and parameters: see ``VISITS``."""
    found = channels(warehouse, "table")
    wrong = [(visit, found[f"t{number}"]) for number, visit in enumerate(VISITS, 1) if found[f"t{number}"] != visit[4]]
    assert not wrong, "\n".join(map(str, wrong))


def test_names_of_campaigns_meet_their_cost_in_whatever_spelling(warehouse):
    """Seven spellings of one campaign are its seven customers, at 10 each, under the id of the record."""
    rows = warehouse.rows(
        "select campaign_id, channel, spend_amount, new_customer_count, customer_acquisition_cost, roas, session_count "
        "from marts.acquisition_channels_monthly where brand = 'named' order by campaign_id"
    )
    assert rows == [
        ("77", "paid_social", 0, 0, None, None, 1),
        ("Reported Only", "paid_search", 5, 0, None, 0, 1),
        ("Spring Sale", "paid_social", 70, 7, 10, 10, 7),
        ("none", "paid_search", 0, 0, None, None, 1),  # two campaigns are called twice: the visit names neither
    ]


def test_a_return_from_paying_or_logging_in_goes_on_with_the_visit(warehouse):
    """One session each, and all credit of every model to the click."""
    assert warehouse.rows(
        "select count(*), min(touchpoint_count) from intermediate.int_sessions where brand = 'paid'"
    ) == [(9, 2)]
    credits_ = warehouse.rows(
        "select distinct model, channel, credit from marts.attribution_credits "
        "where brand = 'paid' and model in ('first_touch', 'last_touch', 'last_non_direct', 'linear') order by model"
    )
    assert credits_ == [
        (model, "paid_search", 1) for model in ("first_touch", "last_non_direct", "last_touch", "linear")
    ]


def test_sources_of_profiles_go_through_the_rules_of_visits(warehouse):
    """Decoded, compared without case, and read as a channel, a source or a medium; what no rule knows stays in words."""
    found = dict(
        warehouse.rows("select customer_id, acquisition_channel from marts.lifecycle_customers where brand = 'profile'")
    )
    assert {source: found[f"profile:c{number}"] for number, source in enumerate(SOURCES, 1)} == SOURCES
    spend = (
        "select channel, sum(spend_amount), sum(new_customer_count) from marts.acquisition_channels_monthly "
        "where brand = 'profile' and channel = 'paid_social' group by 1"
    )
    assert warehouse.rows(spend) == [("paid_social", 9, 2)]


def test_visits_without_any_id_are_counted_apart(warehouse):
    """They are no sessions and have no visitor; impressions are no visits."""
    rows = warehouse.rows(
        "select channel, session_count, visitor_count, unidentified_visit_count from marts.acquisition_channels_daily "
        "where brand = 'nobody' and channel in ('organic_search', 'direct') order by channel"
    )
    assert rows == [("direct", 0, 0, 1), ("organic_search", 1, 1, 2)]


def rejected(warehouse: Warehouse, brand: str) -> set[str]:
    """Keys of the rows of a brand that are a bot's."""
    query = "select record_key from quality.rejected_records where brand = ? and rejection_reason = 'bot_traffic'"
    return {key for (key,) in warehouse.rows(query, [brand])}


def test_rows_of_machines_count_for_nothing(warehouse):
    """Flags hold in every table; a device that began as a bot is one, in carts, too; a row that says false is believed."""
    clicks = {f"e{week}" for week in range(1, 40)}
    assert rejected(warehouse, "machines") == clicks | {"tv1", "tv2", "tv5", "lead1", "lead2", "k1", "k2", "k3"}
    stages = dict(
        warehouse.rows("select customer_id, current_stage from marts.lifecycle_customers where brand = 'machines'")
    )
    assert stages.keys() == {
        f"machines:{who}" for who in ("subscriber", "nobody_else", "anonymous:crawler", "anonymous:laptop")
    }
    assert stages["machines:subscriber"] == "dormant"
    leads = warehouse.rows("select sum(lead_count) from marts.acquisition_channels_daily where brand = 'machines'")
    assert leads == [(1,)]
    carts = warehouse.rows("select sum(cart_count) from marts.cart_abandonment_daily where brand = 'machines'")
    assert carts == [(2,)]


def test_clicks_of_scanners_are_people_until_the_setting_says_otherwise(warehouse, tmp_path_factory):
    """Off by default. With ten seconds: a click up to ten seconds after the same mail, and three within ten seconds."""
    assert rejected(warehouse, "mails") == set()
    builder = Builder(tmp_path_factory.mktemp("scanners"))
    strict = builder.build(
        "scanners", mails(), as_of_date=AS_OF_DATE, models=["rejected_records"], scanner_click_seconds="10"
    )
    assert rejected(strict, "mails") == {"at_once", "burst1", "burst2", "burst3"}
