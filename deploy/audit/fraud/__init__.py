"""The audit of the fraud job: `audit` judges records, `log.audit_topics` those in Kafka, and
`quality` tells how good the decisions are where it is known what the orders were."""

from deploy.audit.fraud.fold import audit
from deploy.audit.fraud.quality import Quality, quality

__all__ = ["Quality", "audit", "quality"]
