"""The symbols in the equations of a Markdown text: a small reader of LaTeX for `test_symbols`.

A symbol is a letter with its accent, its primes and its subscript, as `S_t`, `x'` or `L_{adv}`, and a name set upright,
as mean. Numbers, operators, brackets and words are none; nor is a letter that a sum or a named function binds, nor a
running number that is a subscript in the same text.
"""

import re
from dataclasses import dataclass, field


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


RUNNING = "ijklrb"  # letters that count something where they are subscripts
GREEK = words(
    r"""\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \lambda \mu \nu \xi \pi
    \rho \sigma \tau \upsilon \phi \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi
    \Psi \Omega"""
)
ACCENTS = words(r"\hat \bar \tilde \vec \dot \mathbf \boldsymbol \mathbb \mathcal \widehat \overline \mathit")
UPRIGHT = {r"\mathrm", r"\operatorname"}
USUAL = {"argmax", "argmin", "max", "min"}  # upright names that mean what they mean everywhere
WORDS = {r"\text", r"\textbf", r"\textit", r"\begin", r"\end", r"\label", r"\tag"}  # their argument holds no symbols
BINDING = words(r"\sum \prod \int \iint \max \min \lim \sup \inf")
OPERATORS = words(
    r"""\, \; \: \! \{ \} \| \\ \quad \qquad \left \right \big \Big \bigl \bigr \Bigl \Bigr \frac \tfrac \dfrac \sqrt
    \cdot \times \odot \pm \top \partial \nabla \in \le \ge \ne \leq \geq \approx \sim \to \leftarrow \mapsto \infty
    \dots \ldots \cdots \mid \lVert \rVert \lvert \rvert \lfloor \rfloor \langle \rangle \exp \ln \log \sin \cos \tan
    \tanh \arg \det \textstyle \displaystyle \limits \circ \cup \cap \forall \colon \%"""
) | {r"\ "}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]|\d+(?:\.\d+)?|\S|\s+", re.DOTALL)


@dataclass(frozen=True)
class Symbol:
    """A letter with what belongs to it, and the symbols inside its subscript."""

    base: str
    sub: str = ""
    inner: tuple["Symbol", ...] = ()

    def __str__(self) -> str:
        return self.base + (f"_{{{self.sub}}}" if len(self.sub) > 1 else f"_{self.sub}" if self.sub else "")

    @property
    def running(self) -> bool:
        """Whether the subscript only counts: running letters and numbers."""
        return bool(self.sub) and all(c in RUNNING or c.isdigit() or c == "," for c in self.sub)


@dataclass
class Reader:
    """Reads one equation: `found` are its symbols, `bound` and `counted` letters that need no explanation."""

    tokens: list[str]
    place: int = 0
    found: list[Symbol] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    def peek(self) -> str:
        """The next token that is no space, or an empty text."""
        while self.place < len(self.tokens) and self.tokens[self.place].isspace():
            self.place += 1
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        """The next token that is no space; it is passed."""
        token = self.peek()
        self.place += 1
        return token

    def argument(self) -> list[str]:
        """The tokens of what follows: a group without its braces, a command with its argument, or one token."""
        token = self.take()
        if token in ACCENTS | UPRIGHT | WORDS:
            return [token, "{", *self.argument(), "}"]
        if token != "{":
            return [token]
        start, depth = self.place, 1
        while depth and self.place < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.place], 0)
            self.place += 1
        return self.tokens[start : self.place - 1]

    def inside(self, tokens: list[str]) -> list[Symbol]:
        """Read other tokens as part of this equation; gives the symbols that they hold."""
        other = Reader(tokens, bound=self.bound, counted=self.counted)
        other.read()
        return other.found

    def read(self) -> "Reader":
        """Read to the end."""
        while token := self.take():
            if token in WORDS:
                self.argument()
            elif token in BINDING:
                self.binding()
            elif token in UPRIGHT:
                if self.peek() == "*":
                    self.take()
                name = "".join(part for part in self.argument() if part.isalpha())
                if name not in USUAL:
                    self.found.append(Symbol(rf"\mathrm{{{name}}}"))
                self.binding()
            elif token in ACCENTS:
                self.symbol(f"{token} {''.join(self.argument())}")
            elif token == "e" and self.peek() == "^":
                continue  # the number 2.718...
            elif token == "d" and set(self.tokens) & {r"\int", r"\iint"} and self.peek() in ("x", "y"):
                continue  # of an integral
            elif token in GREEK or re.fullmatch("[A-Za-z]", token):
                self.symbol(token)
            elif token == "_":  # of a bracket
                self.counted.update(re.findall("[a-z]", "".join(self.argument())))
            elif token.startswith("\\") and token not in OPERATORS:
                raise ValueError(f"unknown command {token}")
        return self

    def symbol(self, base: str) -> None:
        """A base that was read, with its primes and scripts."""
        sub, inner = "", ()
        while self.peek() in ("'", "_", "^") and self.peek():
            script = self.take()
            if script == "'":
                base += "'"
            elif script == "^":
                self.found += self.inside(self.argument())
            else:
                raw = self.argument()
                sub = "".join(t for t in raw if t not in UPRIGHT | WORDS and t not in "{}" and not t.isspace())
                inner = tuple(self.inside(raw))
        made = Symbol(base, sub, inner)
        if made.running:
            self.counted.update(sub)
        self.found.append(made)

    def binding(self) -> None:
        """The limits of a sum or a named function: what stands below, up to an equals sign, is bound."""
        while self.peek() in ("_", "^") and self.peek():
            if self.take() == "^":
                self.found += self.inside(self.argument())
                continue
            raw = self.argument()
            end = next((i for i, token in enumerate(raw) if token in ("=", r"\in")), len(raw))
            if r"\mathrm" in raw[:end]:  # a word in a limit explains itself
                end, raw = raw.index(r"\mathrm"), raw[: raw.index(r"\mathrm")]
            self.bound.update(token for token in raw[:end] if re.fullmatch("[A-Za-z]", token))
            self.found += self.inside(raw[end:])


def equations(markdown: str) -> list[str]:
    """The LaTeX between dollar signs of a Markdown text; code is left out."""
    text = re.sub(r"```.*?```|`[^`\n]+`", "", markdown, flags=re.DOTALL)
    return [double or single for double, single in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", text, re.DOTALL)]


def symbols(markdown: str) -> list[Symbol]:
    """The symbols of a text's equations, each once, in order.

    Raises:
        ValueError: an equation has a command that is not known here; names it.
    """
    readers = [Reader(TOKEN.findall(latex)).read() for latex in equations(markdown)]
    counted = set().union(*(reader.counted for reader in readers))
    found = [s for reader in readers for s in reader.found if s.sub or s.base not in reader.bound | counted]
    return list(dict.fromkeys(found))
