"""What a person typed, inside Markdown: it reads as it was typed, and is neither a link, nor a picture, nor HTML."""

import re

#: Characters that may begin something, wherever they stand.
_ANYWHERE = re.compile(r"([\\`*_\[\]<>&|~$!#])")
#: What begins a list or underlines a heading where a line begins.
_AT_THE_START = re.compile(r"^([-+=]|\d+(?=[.)]))")
#: Some readers make links of these.
_LINKS = re.compile(r"(?i)(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?=@)")


def escape(text: str) -> str:
    r"""Return a text that somebody typed as Markdown that shows it as it is, on one line.

    >>> escape("**cats** & [dogs](x)"), escape("1. http://x"), escape("- a")
    ('\\*\\*cats\\*\\* \\& \\[dogs\\](x)', '1\\. http:\\//x', '\\- a')
    """
    marked = _LINKS.sub(r"\\", _ANYWHERE.sub(r"\\\1", " ".join(text.split())))
    return _AT_THE_START.sub(lambda start: f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}", marked)
