"""Customers who do anything, again and late: what is never sent, and what always is."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mailroom import DAY, DEFAULTS, HOUR, MINUTE, NOON, SECOND, Mailroom

from udfs.engagement.events import ALERTS, CLICKS, LIFECYCLE, PREFERENCES, RESPONSES, SIGNALS

CUSTOMERS = ("ann", "ben")
SKUS = ("mug", "pot")
ORDERS = ("o1", "o2", "o3")
ZONES = (None, "Asia/Tokyo", "America/New_York", "Asia/Kathmandu")
CART, BROWSE, BACK = "CART_ABANDONMENT", "BROWSE_ABANDONMENT", "BACK_IN_STOCK"
AFTER_DELIVERY = {"REVIEW_REQUEST": 7 * DAY, "CROSS_SELL": 14 * DAY}
CAPS = {template: policy["weekly_cap"] for template, policy in DEFAULTS.items()}

a_customer = st.sampled_from(CUSTOMERS)
a_sku = st.sampled_from(SKUS)
lateness = st.sampled_from([0] * 8 + [SECOND, 10 * MINUTE, 2 * HOUR, 3 * DAY])


class Customers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.shop = Mailroom()
        self.shop.advance(NOON)
        self.read = 0
        self.sent: list[tuple[str, dict]] = []
        self.wanted: dict[str, dict] = {}
        self.unsubscribed: dict[tuple[str, str], int] = {}

    # -- what happens -------------------------------------------------------------------------

    def tell(self, topic: str, late: int = 0, **fields) -> None:
        self.sent.append((topic, self.shop.tell(topic, self.shop.now - late, **fields)))

    @rule(
        customer_id=a_customer,
        event_type=st.sampled_from(
            [
                *["PAGE_VIEW"] * 4,
                *["ADD_TO_CART"] * 3,
                *["WISHLIST_ADD"] * 2,
                "REMOVE_FROM_CART",
                "CHECKOUT_START",
                "PURCHASE",
                "HOVER",
            ]
        ),
        sku=a_sku,
        quantity=st.sampled_from([None, 1, 2]),
        late=lateness,
    )
    def click(self, customer_id, event_type, sku, quantity, late) -> None:
        fields = {"visitor_id": "v", "event_type": event_type, "sku": sku, "quantity": quantity}
        self.tell(CLICKS, late, customer_id=customer_id, **fields)

    @rule(customer_id=a_customer, sku=a_sku, late=lateness)
    def look_three_times(self, customer_id, sku, late) -> None:
        for _ in range(3):
            self.click(customer_id, "PAGE_VIEW", sku, None, late)

    @rule(order_id=st.sampled_from(ORDERS), state=st.sampled_from(["INITIATED", "DELIVERED"]))
    def order(self, order_id, state) -> None:
        self._step(order_id, state, 1 if state == "INITIATED" else 5)

    @precondition(lambda self: self._orders("DELIVERED"))
    @rule(data=st.data())
    def give_back(self, data) -> None:
        self._step(data.draw(st.sampled_from(self._orders("DELIVERED"))), "RETURNED", 6)

    def _step(self, order_id: str, state: str, sequence: int) -> None:
        """Steps of an order come in their order, and it comes to no state twice."""
        if order_id not in self._orders("RETURNED") + self._orders(state):
            before = {"INITIATED": "INITIATED", "DELIVERED": "SHIPPED", "RETURNED": "DELIVERED"}
            states = {"from_state": before[state], "to_state": state, "sequence": sequence}
            customer_id = CUSTOMERS[ORDERS.index(order_id) % 2]
            self.tell(LIFECYCLE, customer_id=customer_id, order_id=order_id, **states)

    def _orders(self, state: str) -> list[str]:
        return [r["order_id"] for t, r in self.sent if t == LIFECYCLE and r["to_state"] == state]

    @rule(sku=a_sku)
    def come_back(self, sku) -> None:
        self.tell(ALERTS, customer_id=None, sku=sku, alert_type="BACK_IN_STOCK")

    @rule(
        customer_id=a_customer,
        time_zone=st.sampled_from(ZONES),
        quiet=st.sampled_from([None, None, (0, 0), (0, 1200), (600, 1300), (1380, 300)]),
        opt_outs=st.sampled_from([[], [], [], [CART], [BROWSE], ["*"]]),
        late=lateness,
    )
    def prefer(self, customer_id, time_zone, quiet, opt_outs, late) -> None:
        quiet_from, quiet_to = quiet or (None, None)
        fields = {"quiet_from_min": quiet_from, "quiet_to_min": quiet_to, "opt_outs": opt_outs}
        self.tell(PREFERENCES, late, customer_id=customer_id, time_zone=time_zone, **fields)
        record = self.sent[-1][1]
        both = [record, self.wanted.get(customer_id, record)]
        self.wanted[customer_id] = max(both, key=lambda one: (one["event_time"], one["event_id"]))

    @precondition(lambda self: self.shop.messages())
    @rule(
        data=st.data(),
        response=st.sampled_from(["OPENED", "CLICKED", "OPENED", "DISMISSED", "UNSUBSCRIBED"]),
    )
    def answer(self, data, response) -> None:
        message = data.draw(st.sampled_from(self.shop.messages()))
        customer_id, template = message["customer_id"], message["template"]
        about = {"trigger_id": message["event_id"], "template": template, "response": response}
        self.tell(RESPONSES, customer_id=customer_id, **about)
        if response == "UNSUBSCRIBED":
            self.unsubscribed[customer_id, template] = self.shop.now

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data) -> None:
        """The same record again, at most a day later."""
        recent = [one for one in self.sent if one[1]["event_time"] > self.shop.now - DAY]
        if recent:
            topic, record = data.draw(st.sampled_from(recent))
            self.shop.send(record, topic)

    @rule(span=st.sampled_from([SECOND, 10 * MINUTE, 31 * MINUTE, 5 * HOUR, 2 * DAY, 8 * DAY]))
    def time_passes(self, span) -> None:
        self.shop.advance(self.shop.now + span)

    # -- what always holds --------------------------------------------------------------------

    @invariant()
    def what_is_sent_may_be_sent(self) -> None:
        for trigger in self._new_triggers():
            event(f"{trigger['template']} {trigger['outcome']} {trigger['reason']}")
            if trigger["outcome"] == "SENT":
                self._check_the_time(trigger)
                self._check_it_is_wanted(trigger)
                self._check_it_is_not_silenced(trigger)

    def _new_triggers(self) -> list[dict]:
        triggers = self.shop.triggers()
        new, self.read = triggers[self.read :], len(triggers)
        return new

    def _check_the_time(self, trigger: dict) -> None:
        at, policy = trigger["send_at"], DEFAULTS[trigger["template"]]
        after = at - trigger["caused_at"]
        assert policy["delay_s"] * 1000 <= after <= policy["latest_s"] * 1000
        wanted = self.wanted.get(trigger["customer_id"], {})
        zone = ZoneInfo(wanted.get("time_zone") or "UTC")
        start, stop = wanted.get("quiet_from_min"), wanted.get("quiet_to_min")
        if start is None or stop is None:
            start, stop = 1260, 480
        local = datetime.fromtimestamp(at / 1000, zone)
        minute = local.hour * 60 + local.minute
        inside = start <= minute < stop if start <= stop else minute >= start or minute < stop
        assert not inside, f"sent at {local}, quiet is {start} to {stop}"
        assert local.hour == trigger["local_hour"]

    def _check_it_is_wanted(self, trigger: dict) -> None:
        customer_id, template = trigger["customer_id"], trigger["template"]
        wanted = self.wanted.get(customer_id, {})
        assert not {"*", template} & set(wanted.get("opt_outs", ()))
        unsubscribed_at = self.unsubscribed.get((customer_id, template), 0)
        assert unsubscribed_at <= wanted.get("event_time", 0)

    def _check_it_is_not_silenced(self, trigger: dict) -> None:
        clicks = self._clicks(trigger["customer_id"])
        template, caused_at, subject = (trigger[n] for n in ("template", "caused_at", "subject"))
        if template == CART:
            assert any(
                c["event_time"] == caused_at and c["event_type"] in CART_EVENTS for c in clicks
            )
            assert not any(at >= caused_at for at in self._purchases(trigger["customer_id"]))
        elif template == BROWSE:
            added = [c["event_time"] for c in clicks if _is(c, "ADD_TO_CART", subject)]
            views = {c["event_id"]: c["event_time"] for c in clicks if _is(c, "PAGE_VIEW", subject)}
            became_many_at = views[trigger["trigger_id"].split("/")[-1]]
            since = max([*added, became_many_at - DAY - 1])
            assert max(added, default=0) < caused_at, "it was put into the cart"
            assert sum(since < at <= became_many_at for at in views.values()) >= 3
        elif template == BACK:
            wish_id = trigger["trigger_id"].split("/")[-1]
            assert any(c["event_id"] == wish_id and _is(c, "WISHLIST_ADD", subject) for c in clicks)
        else:
            assert subject not in self._orders("RETURNED")
            assert trigger["due_at"] == caused_at + AFTER_DELIVERY[template]

    def _clicks(self, customer_id: str) -> list[dict]:
        return [r for t, r in self.sent if t == CLICKS and r["customer_id"] == customer_id]

    def _purchases(self, customer_id: str) -> list[int]:
        bought = [c for c in self._clicks(customer_id) if c["event_type"] == "PURCHASE"]
        placed = [
            r
            for t, r in self.sent
            if t == LIFECYCLE and r["customer_id"] == customer_id and r["sequence"] == 1
        ]
        return [record["event_time"] for record in bought + placed]

    @invariant()
    def each_trigger_is_decided_once_and_sent_messages_are_requested_once(self) -> None:
        triggers = Counter(trigger["trigger_id"] for trigger in self.shop.triggers())
        assert set(triggers.values()) <= {1}
        sent = Counter(trigger["trigger_id"] for trigger in self.shop.triggers(outcome="SENT"))
        assert sent == Counter(message["event_id"] for message in self.shop.messages())

    @invariant()
    def nobody_gets_more_than_the_weekly_caps(self) -> None:
        for customer_id in CUSTOMERS:
            messages = self.shop.messages(customer_id=customer_id)
            for template, cap in CAPS.items():
                times = sorted(m["send_at"] for m in messages if template in ("*", m["template"]))
                assert all(b - a >= 7 * DAY for a, b in zip(times, times[cap:], strict=False))

    @invariant()
    def promises_are_counted(self) -> None:
        for customer_id in CUSTOMERS:
            state = self.shop.state(customer_id)
            counted = 0 if state is None else state.promises
            assert counted == len(self.shop.children(customer_id))

    # -- what holds in the end ----------------------------------------------------------------

    def teardown(self) -> None:
        self.shop.advance(self.shop.now + 16 * DAY)
        self.what_is_sent_may_be_sent()
        self.nobody_gets_more_than_the_weekly_caps()
        self._check_the_last_cart_was_written_about()
        self._check_deliveries_and_wishes_were_decided()
        self.shop.advance(self.shop.now + 400 * DAY)
        for customer_id in CUSTOMERS:
            assert self.shop.children(customer_id) == {}
        self.shop.assert_no_wake_ups_left()
        assert self.shop.links.states == {}

    def _check_the_last_cart_was_written_about(self) -> None:
        for customer_id in CUSTOMERS:
            carts = [c for c in self._clicks(customer_id) if c["event_type"] in CART_EVENTS]
            latest = max(carts, key=lambda click: click["event_time"], default=None)
            if latest is None or latest["event_type"] != "ADD_TO_CART":
                continue
            at = latest["event_time"]
            alone = [c["event_time"] for c in carts].count(at) == 1
            if alone and not any(bought >= at for bought in self._purchases(customer_id)):
                found = self.shop.triggers(customer_id=customer_id, template=CART, caused_at=at)
                assert found, f"nothing was decided about the cart of {at}"

    def _check_deliveries_and_wishes_were_decided(self) -> None:
        for order_id in set(self._orders("DELIVERED")):
            for template in AFTER_DELIVERY:
                assert len(self.shop.triggers(template=template, subject=order_id)) == 1
        for signal in self.shop.emitted(SIGNALS):
            end = f"/{signal['sku']}/{signal['wish_id']}"
            found = [t for t in self.shop.triggers() if t["trigger_id"].endswith(end)]
            assert len(found) == 1


CART_EVENTS = ("ADD_TO_CART", "REMOVE_FROM_CART", "CHECKOUT_START")


def _is(click: dict, event_type: str, sku: str) -> bool:
    return click["event_type"] == event_type and click["sku"] == sku


Customers.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestCustomers = Customers.TestCase
