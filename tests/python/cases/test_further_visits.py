"""Referrers and addresses that no other case has: the channel that an analyst would give them, by hand."""

from __future__ import annotations

from pathlib import Path

from cases.test_silence import Build

REFERRERS = {
    "direct": """
        js.klarna.com
        pay.klarna.com
        www.paypal.com
        checkoutshopper-live.adyen.com
        live.adyen.com
        acs.revolut.com
        acs2.3dsecure.no
        3ds.payplug.com
        hooks.stripe.com
        secure.worldpay.com
        www.mollie.com
        payments.amazon.com
        sis.redsys.es
        tpeweb.paybox.com
        www.sofort.com
        ideal.ing.nl
        r3.girogate.de
        checkout.shopifycs.com
        shop.app
        accounts.google.com
        appleid.apple.com
        login.microsoftonline.com
        login.live.com
    """,
    "ai_assistant": """
        chatgpt.com
        chat.openai.com
        www.perplexity.ai
        claude.ai
        gemini.google.com
        copilot.microsoft.com
        chat.mistral.ai
        chat.deepseek.com
        grok.com
        www.meta.ai
        you.com
        poe.com
    """,
    "organic_social": """
        t.co
        lnkd.in
        l.facebook.com
        lm.facebook.com
        l.instagram.com
        out.reddit.com
        pin.it
        youtu.be
        android-app://org.telegram.messenger
        android-app://com.pinterest
        bsky.app
        www.threads.net
        mastodon.social
        vk.com
        web.whatsapp.com
        t.me
        www.tiktok.com
        discord.com
    """,
    "email": """
        mail.google.com
        outlook.live.com
        mail.yahoo.com
        webmail.orange.fr
        mail.proton.me
        e.mail.ru
        webmail.free.fr
        messagerie.sfr.fr
        mail.aol.com
        navigator-bs.gmx.net
        deref-mail.com
        deref-gmx.net
        android-app://com.google.android.gm
        android-app://com.microsoft.office.outlook
    """,
    "organic_search": """
        android-app://com.google.android.googlequicksearchbox
        search.brave.com
        www.ecosia.org
        duckduckgo.com
        yandex.ru
        www.qwant.com
        www.startpage.com
        search.yahoo.co.jp
        www.baidu.com
        www.google.co.uk
        kagi.com
    """,
    "referral": """
        android-app://com.slack
    """,
}
ADDRESSES = {
    "paid_search": """
        gclid=abc
        wbraid=abc
        gbraid=x
        msclkid=x
        yclid=1
        gad_source=1
        utm_source=Google&utm_medium=CPC
        utm_source=google&utm_medium=paid-search
        utm_source=google%2520ads&utm_medium=cpc
        UTM_SOURCE=Bing&UTM_MEDIUM=PPC
        amp;utm_source=google&amp;utm_medium=cpc
    """,
    "other": """
        dclid=x
        utm_medium=display&utm_source=dv360
    """,
    "paid_social": """
        ttclid=x
        li_fat_id=x
        twclid=x
        ScCid=x
        rdt_cid=x
        epik=x
        utm_source=facebook&utm_medium=paid_social
        utm_source=ig&utm_medium=paid
        utm_source=fb&utm_medium=cpc
        utm_source=linkedin&utm_medium=cpc
        utm_source=tiktok&utm_medium=cpm
    """,
    "organic_social": """
        fbclid=x
        igshid=x
        utm_medium=Organic+Social&utm_source=Insta
        utm_source=pinterest&utm_medium=social
    """,
    "email": """
        mc_eid=x
        _kx=x
        utm_source=klaviyo&utm_medium=e-mail
        utm_source=newsletter
    """,
    "organic_search": """
        srsltid=x
        utm_source=google&utm_medium=organic
    """,
    "ai_assistant": """
        utm_source=chatgpt.com
    """,
    "affiliate": """
        utm_source=awin&utm_medium=affiliate
        utm_source=tradedoubler&utm_medium=partner
    """,
}


def test_each_further_visit_is_in_its_channel(tmp_path: Path) -> None:
    """Payment pages, log-ins, webmail, assistants, search engines, apps; click ids and utm values as tools write them."""
    visits = [
        (host if ":" in host else f"https://{host}/x?y=1", "https://shop.example/", channel)
        for host, channel in _each(REFERRERS)
    ]
    visits += [("", f"https://shop.example/p?a=1&{query}", channel) for query, channel in _each(ADDRESSES)]
    rows = "".join(
        f"t{number},c{number},2025-01-05T10:00:00Z,page_view,{referrer},{page}\n"
        for number, (referrer, page, _) in enumerate(visits)
    )
    files = {
        "touchpoints.csv": f"touchpoint_id,customer_id,occurred_at,touch_type,referrer,landing_page\n{rows}",
        "orders.csv": "order_id,customer_id,ordered_at,total_amount,currency\n1,a,2025-01-06,5,EUR\n",
    }
    build = Build(tmp_path, files, models=["+int_touchpoint_channels"])
    assert build.result.success, build.result.problems
    found = dict(build.rows("select touchpoint_id, channel from intermediate.int_touchpoint_channels"))
    wrong = {
        (referrer or page, channel, found.get(f"t{number}"))
        for number, (referrer, page, channel) in enumerate(visits)
        if found.get(f"t{number}") != channel
    }
    assert len(visits) > 100
    assert not wrong


def _each(kinds: dict[str, str]) -> list[tuple[str, str]]:
    return [(line, channel) for channel, lines in kinds.items() for line in lines.split()]
