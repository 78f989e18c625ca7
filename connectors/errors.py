"""The error that a person sees."""


class ShopstreamError(Exception):
    """One line that names what was expected, what came and what to do.

    The command line prints it on standard error and exits with status 1; anything else that
    reaches the command line is a defect and keeps its traceback.
    """
