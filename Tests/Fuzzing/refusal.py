"""What confirm.py's independent readers say of files that they do not read."""


class Refusal(Exception):
    """The independent reader does not read the file."""
