"""What the harness raises: always one of two, so that a test can tell whose rule was broken."""


class HarnessError(Exception):
    """The test asks for something that does not apply to this function, or an assertion failed."""


class RefusedError(TypeError):
    """The platform would refuse this, or silently corrupt it; the message says where and why."""
