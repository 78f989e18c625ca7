"""2,000 simulated orders through fraud, orders and inventory, while TaskManagers were killed."""

from closed_shop.shop import ORDERS, Shop
from connectors.settings import settings
from deploy.audit.fraud.log import audit_topics as audit_fraud
from deploy.audit.inventory.log import audit_topics as audit_inventory
from deploy.audit.orders.log import audit_topics as audit_orders
from deploy.audit.verdict import Verdict
from deploy.cluster import FlinkCluster

DEADLINE_S = 120.0


def demand_that_it_holds(verdict: Verdict) -> None:
    assert verdict.ok, f"{verdict}\njobs that do not run: {FlinkCluster(settings()).failing()}"


def test_every_order_ends_or_waits_explained_and_money_and_stock_add_up(shop: Shop) -> None:
    assert shop.restarts["orders"], "the jobs felt the loss of a TaskManager"
    assert len(shop.tally.labels) == ORDERS
    verdict = audit_orders(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    demand_that_it_holds(verdict)


def test_every_order_has_one_decision_however_often_it_was_written(shop: Shop) -> None:
    verdict = audit_fraud(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    demand_that_it_holds(verdict)


def test_no_unit_was_promised_twice_meanwhile(shop: Shop) -> None:
    verdict = audit_inventory(settings().kafka_bootstrap, shop.registry, DEADLINE_S)
    demand_that_it_holds(verdict)
