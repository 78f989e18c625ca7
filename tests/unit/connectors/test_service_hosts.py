"""Where the services are: on one host, or each on its own."""

import pytest
from pydantic import ValidationError

from connectors.settings import Settings

HOSTS = ("kafka_host", "registry_host", "postgres_host", "flink_host", "zookeeper_host")


def settings(**given):
    return Settings(host="10.0.0.1", **{**dict.fromkeys(HOSTS), **given})


def addresses(found):
    return [
        found.kafka_bootstrap,
        found.registry_url,
        found.postgres_dsn,
        found.flink_url,
        found.zookeeper_quorum,
    ]


def test_every_service_is_on_the_one_host_unless_it_is_given_its_own():
    assert all("10.0.0.1" in address for address in addresses(settings()))


@pytest.mark.parametrize(("number", "name"), list(enumerate(HOSTS)))
def test_a_service_with_a_host_of_its_own_is_found_there_and_the_others_stay(number, name):
    changed = addresses(settings(**{name: "elsewhere"}))
    before = addresses(settings())
    assert [a.replace("elsewhere", "10.0.0.1") for a in changed] == before
    assert ["elsewhere" in address for address in changed] == [n == number for n in range(5)]


def test_a_host_is_given_by_a_variable(monkeypatch):
    monkeypatch.setenv("SHOPSTREAM_KAFKA_HOST", "kafka")
    assert Settings(kafka_port=9092).kafka_bootstrap == "kafka:9092"


def test_an_empty_host_is_refused_as_it_would_mean_any():
    with pytest.raises(ValidationError, match="kafka_host"):
        settings(kafka_host="")
