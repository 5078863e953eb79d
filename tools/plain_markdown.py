"""MyST Markdown in plain words: what JupyterLab, GitHub, nbviewer and Colab can show of a lecture.

These read Markdown and formulas, but neither MyST's directives and roles nor the book's formula macros. A notebook pair
therefore says the same in what they know: macros written out, references by name, theorems and remarks as quotations.
"""

import re
from collections.abc import Callable

QUOTED = {"admonition", "note", "tip", "hint", "important", "warning", "caution", "seealso", "attention", "danger"}
FENCE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}\s*(?P<title>.*)$")
CODE_SPAN = re.compile(r"(?<!\})(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


class Translator:
    """Translates the cells of one lecture; knows its labels, its equations' numbers and the book's references."""

    def __init__(self, text: str, macros: dict[str, str], citations: dict[str, str]):
        self.macros = macros
        self.citations = citations
        labelled = re.findall(r"^```\{math\}\s*\n:label: (\S+)", text, re.MULTILINE)
        self.equations = {label: number for number, label in enumerate(labelled, 1)}
        self.names = dict(re.findall(r"^\(([\w-]+)\)=\n+#+ (.+)$", text, re.MULTILINE))
        titled = r"^(?:`{3,}|:{3,})\{[\w:-]+\} *(.+)\n:label: (\S+)"
        self.names |= {label: title for title, label in re.findall(titled, text, re.MULTILINE)}

    def cell(self, source: str) -> str:
        """Return a Markdown cell without MyST's own syntax; empty if nothing was left to read."""
        return self._block(source.splitlines()).strip()

    def _block(self, lines: list[str]) -> str:
        done: list[str] = []
        while lines:
            line, *lines = lines
            if match := FENCE.match(line):
                body, lines = _until(match["fence"], lines)
                if match["name"] == "solution-start":
                    # Its words run to the end of the cell; the code cells after it hide themselves.
                    body, lines = lines, []
                done += ["", self._directive(match["name"], match["title"], body), ""]
            elif re.match(r"`{3,}", line):
                body, lines = _until(line[: len(line) - len(line.lstrip("`"))], lines)
                done += [line, *body, "```"]
            elif not re.fullmatch(r"\([\w-]+\)=", line):
                done.append(self._text(line))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(done))

    def _directive(self, name: str, title: str, lines: list[str]) -> str:
        options, lines = _options(lines)
        if name == "math":
            number = self.equations.get(options.get("label", ""))
            tag = [rf"\tag{{{number}}}"] if number else []
            return "\n".join(["$$", expand("\n".join(lines), self.macros), *tag, "$$"])
        if name in {"figure", "image"}:
            alt = options.get("alt", "")
            return f"![{alt}]({title})\n\n{self._block(lines)}"
        body, title = self._block(lines).strip(), self._text(title)
        kind = name.removeprefix("prf:").capitalize()
        if name == "solution-end":
            return ""
        if name in {"solution", "solution-start", "dropdown"}:
            summary = title if name == "dropdown" else "Solution"
            return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
        if name == "table":
            return f"{body}\n\n*{title}*"
        if name in QUOTED:
            return _quoted(f"**{title or kind}**\n\n{body}")
        if name.startswith("prf:"):
            return _quoted(f"**{kind}{f': {title}' if title else ''}.** {body}")
        return f"**{kind}: {title}**\n\n{body}" if name == "exercise" else body

    def _text(self, line: str) -> str:
        """Translate roles, references and macros of a line, outside its code spans."""
        line = re.sub(r"\{([\w:]+)\}`([^`]+)`", lambda role: self._role(role[1], role[2]), line)
        line = re.sub(r"\[\]\(#([\w-]+)\)", lambda link: f"“{self.names.get(link[1], link[1])}”", line)
        line = re.sub(r"\[\]\(([\w-]+)\.md\)", r"[\1](\1.md)", line)
        return _outside(CODE_SPAN, line, lambda part: expand(part, self.macros))

    def _role(self, role: str, content: str) -> str:
        if role.startswith("cite"):
            found = [self.citations.get(key.strip(), key.strip()) for key in content.split(",")]
            return "; ".join(found) if role == "cite:t" else f"({'; '.join(found)})"
        if role == "eq":
            return f"({self.equations.get(content, content)})"
        if role in {"ref", "numref", "prf:ref"}:
            return f"“{self.names.get(content, content)}”"
        return f"**{content}**" if role == "kbd" else f"${content}$" if role == "math" else content


def expand(text: str, macros: dict[str, str]) -> str:
    r"""Write out formula macros, `\KL{p}{q}` with its arguments; `\\` is a line break and starts no macro."""
    match = next((m for m in re.finditer(r"\\(?:\\|[A-Za-z]+)", text) if m[0] in macros), None)
    if match is None:
        return text
    body, rest = macros[match[0]], text[match.end() :]
    for number in range(1, 1 + len(set(re.findall(r"#\d", body)))):
        argument, rest = _argument(rest)
        body = body.replace(f"#{number}", argument)
    return text[: match.start()] + expand(body, macros) + expand(rest, macros)


def citations(bibliography: str) -> dict[str, str]:
    """Return `Author Year` for every key of a BibTeX file."""
    found = {}
    for key, entry in re.findall(r"^@\w+\{([^,\s]+),(.*?)^\}", bibliography, re.MULTILINE | re.DOTALL):
        fields = dict(re.findall(r"^\s*(author|year)\s*=\s*[{\"](.+?)[}\"],?\s*$", entry, re.MULTILINE))
        people = [name.partition(",")[0].strip("{}") for name in fields.get("author", key).split(" and ")]
        names = " and ".join(people) if len(people) < 3 else f"{people[0]} et al."
        found[key] = f"{names} {fields.get('year', '')}".strip()
    return found


def _argument(text: str) -> tuple[str, str]:
    """Split a TeX argument, `{…}` or one character, from what follows it."""
    text = text.lstrip()
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return (text[1:place] if character == "}" else character), text[place + 1 :]
    raise ValueError(f"an argument of a formula macro has no closing brace: {text[:60]!r}; close it in the source")


def _until(fence: str, lines: list[str]) -> tuple[list[str], list[str]]:
    """Split the lines inside a fence from those after it."""
    for number, line in enumerate(lines):
        if line.strip() == fence:
            return lines[:number], lines[number + 1 :]
    raise ValueError(f"a directive opened by {fence} is not closed before its cell ends: {lines[:1]}; close it")


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the `:key: value` lines at the head of a directive from its body."""
    options = {}
    while lines and (match := re.match(r":([\w-]+): *(.*)$", lines[0])):
        options[match[1]], lines = match[2], lines[1:]
    return options, lines


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _outside(pattern: re.Pattern, text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the parts of a text that a pattern does not match."""
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(text[end:])])
