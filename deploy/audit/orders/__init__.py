"""The audit of the orders job: `audit` judges records, `log.audit_topics` those in Kafka."""

from deploy.audit.orders.fold import audit

__all__ = ["audit"]
