"""The audit of the clickstream job: `audit` judges records, `log.audit_topics` those in Kafka."""

from deploy.audit.clickstream.fold import audit

__all__ = ["audit"]
