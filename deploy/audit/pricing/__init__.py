"""The audit of the pricing job: `audit` judges records, `log.audit_topics` those in Kafka."""

from deploy.audit.pricing.fold import audit

__all__ = ["audit"]
