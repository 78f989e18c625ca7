"""The SQL room: its files read, split, ordered and submitted as one statement set a folder."""
