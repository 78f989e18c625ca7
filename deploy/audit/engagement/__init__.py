"""The audit of the engagement job: `audit` judges records, `log.audit_topics` those in Kafka."""

from deploy.audit.engagement.fold import audit

__all__ = ["audit"]
