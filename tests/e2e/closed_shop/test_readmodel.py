"""The read models of a shop whose TaskManagers and Postgres were killed."""

from closed_shop.shop import Shop
from connectors.postgres import connected
from connectors.settings import settings
from deploy.readmodel.models import READ_MODELS


def test_there_is_no_drift_after_a_taskmanager_and_postgres_died(shop: Shop) -> None:
    assert shop.restarts["readmodel"], "the job felt the loss of a TaskManager or of Postgres"
    checked = shop.stack.run("readmodel", "check")
    lines = dict(line.split(": ", 1) for line in checked.stdout.splitlines() if ": " in line)
    for name in READ_MODELS.keys() - {"kpis"}:  # which hang on when an outage lets event time pass
        found = lines.get(name, "not checked")
        assert found.startswith("no drift, "), checked.stdout + checked.stderr
        assert not found.startswith("no drift, 0 rows"), checked.stdout


def test_what_somebody_changed_by_hand_is_named_and_mended_by_a_rebuild(shop: Shop) -> None:
    with connected(settings().postgres_dsn) as connection:
        connection.execute("UPDATE readmodel.prices SET price_minor = 1")

    checked = shop.stack.run("readmodel", "check", "prices", "--wait", "2")
    assert checked.returncode == 1
    assert "mug: price_minor is 1, the log says 1003" in checked.stdout

    rebuilt = shop.stack.run("readmodel", "rebuild", "prices")
    assert "prices: 1 rows of 4 events" in rebuilt.stdout, rebuilt.stderr
    assert shop.stack.run("readmodel", "check", "prices").returncode == 0


def test_a_name_that_is_no_read_model_is_refused_with_those_that_are(shop: Shop) -> None:
    asked = shop.stack.run("readmodel", "rebuild", "price")
    assert asked.returncode == 1
    assert "expected a read model, one of availability, orders" in asked.stderr
