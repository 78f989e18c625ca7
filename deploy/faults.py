"""Dead letters that tell of the code rather than of their records."""

from collections import Counter

from connectors.registry import Registry
from connectors.settings import Settings
from deploy.audit.log import LogReader

DEAD_LETTERS = "dlq"

# What a record can bring upon itself; anything else that a rule raises is a fault of the rule.
OF_RECORDS = frozenset(
    {
        "GivenUp",
        "InvalidEventError",
        "UndecodableError",
        "UnicodeDecodeError",
        "ValidationError",
    }
)


class CodeFaults:
    """The faults of a job's code from now on. To be closed."""

    def __init__(self, settings: Settings, job: str):
        registry = Registry(settings.registry_url)
        self._job = job
        self._reader = LogReader(
            settings.kafka_bootstrap, registry, [DEAD_LETTERS], from_beginning=False
        )
        self.read()

    def read(self) -> Counter[str]:
        """How many dead letters of what error there have been since the last call."""
        found: Counter[str] = Counter()
        while True:
            for entry in self._reader.read(0.2):
                letter = entry.record
                if letter and letter["job"] == self._job:
                    found[letter["error_class"]] += 1
            if self._reader.at_end:
                return Counter({kind: n for kind, n in found.items() if kind not in OF_RECORDS})

    def close(self) -> None:
        self._reader.close()
