"""Messages to people: sent once for a request, at their time, and not at night unless they must."""
