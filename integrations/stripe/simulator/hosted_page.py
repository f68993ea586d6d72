"""The page on which a person pays: Stripe's, not ours, so the card number never reaches the product."""

from html import escape

from integrations.stripe.simulator.cards import DECLINED_CARD, TEST_CARD, number_of
from integrations.stripe.simulator.checkout import try_card
from integrations.stripe.simulator.deliveries import deliver_waiting
from integrations.stripe.simulator.forms import nested
from integrations.stripe.simulator.messages import HttpReply, HttpRequest, page_reply, redirect_reply
from integrations.stripe.simulator.refusals import ResourceMissing, StripeRefusal
from integrations.stripe.simulator.resources import Resource
from integrations.stripe.simulator.world import StripeWorld

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body{{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f4f6fa;color:#1a1f36}}
main{{max-width:24rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #c6ccd8}}
.note{{color:#4a5068;font-size:.875rem}} .sum{{font-size:2rem;margin:.25rem 0}}
[role=alert]{{color:#8a1022;font-weight:600}} label{{display:block;margin:1rem 0 .25rem}}
input,button{{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin:0 0 .75rem}}
button{{background:#2d3fbd;color:#fff;border:0;cursor:pointer}}
button.quiet{{background:#e3e7f1;color:#1a1f36}}
</style></head><body><main>{content}</main></body></html>"""

_FORM = """<p class="note">Simulated card processor. No real money moves here.</p>
<h1>{name}</h1><p class="sum">{amount}</p>{alert}
<form method="post"><label for="card">Card number</label>
<input id="card" name="card" inputmode="numeric" autocomplete="off" value="{card}">
<button name="action" value="pay">Pay with test card</button>
<button name="action" value="decline" class="quiet">Decline</button>
<button name="action" value="cancel" class="quiet">Cancel</button></form>"""

_DECLINED = {
    "insufficient_funds": "Your card has insufficient funds. Try a different card.",
    "authentication_required": "Your bank could not confirm that it is you. Try a different card.",
}


async def answer(world: StripeWorld, request: HttpRequest) -> HttpReply:
    """Show the page of one session, or do what its form asks."""
    session_id = request.path.rsplit("/", 1)[-1]
    try:
        session = world.memory.get(world.memory.account_of(session_id), session_id, "cs")
        if request.method == "POST":
            return await _submitted(world, session, nested(request.body))
    except ResourceMissing:
        return _message(404, "Page not found", "This payment page does not exist.")
    except StripeRefusal as refusal:
        return _message(400, "Not understood", refusal.message)
    return _shown(world, session)


async def _submitted(world: StripeWorld, session: Resource, form: dict[str, str]) -> HttpReply:
    if session["status"] == "open" and form.get("action") == "cancel":
        return redirect_reply(session["cancel_url"] or session["success_url"])
    if session["status"] == "open":
        typed = DECLINED_CARD if form.get("action") == "decline" else str(form.get("card", ""))
        number = number_of(typed)
        if number is None:
            return _shown(world, session, alert="Your card number is invalid.")
        decline = try_card(world, session["id"], number)
        world.save()
        # Stripe, too, tells the merchant before it sends the person back
        await deliver_waiting(world)
        if decline is not None:
            return _shown(world, session, alert=_DECLINED.get(decline, "Your card was declined."))
    return _shown(world, session)


def _shown(world: StripeWorld, session: Resource, alert: str = "") -> HttpReply:
    if session["status"] == "complete":
        return redirect_reply(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
    if session["status"] == "expired":
        return _message(200, "This page has expired", "Go back to where you came from to start again.")
    content = _FORM.format(
        name=escape(world.memory.item_names[session["id"]]),
        amount=_dollars(session["amount_total"]),
        alert=f'<p role="alert">{escape(alert)}</p>' if alert else "",
        card=TEST_CARD,
    )
    return page_reply(402 if alert else 200, _PAGE.format(title="Pay", content=content))


def _message(status: int, title: str, text: str) -> HttpReply:
    content = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    return page_reply(status, _PAGE.format(title=escape(title), content=content))


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"
