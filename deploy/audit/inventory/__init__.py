"""The audit of the inventory job: `audit` judges records, `log.audit_topics` those in Kafka."""

from deploy.audit.inventory.fold import audit
from deploy.audit.inventory.inputs import InputRecord

__all__ = ["InputRecord", "audit"]
