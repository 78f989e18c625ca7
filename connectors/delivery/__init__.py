"""Delivering to somebody who limits, fails and times out, and being held to nothing lost.

The decisions are clock-free: `bucket`, `backoff` and `breaker` say when a call may be made,
`answer` what an answer means, `outbox` which call is next, `progress` which offsets are done with.
`intake`, `courier` and `letters` do what they say, on Kafka and asyncio.
"""
