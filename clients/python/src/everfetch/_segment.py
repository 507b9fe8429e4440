from urllib.parse import quote


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")
