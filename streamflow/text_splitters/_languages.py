"""Where code and marked up text may be cut: the largest parts first."""

from __future__ import annotations

from enum import Enum


class Language(str, Enum):
    """What `RecursiveCharacterTextSplitter.from_language` knows the parts of.

    >>> Language("python").name
    'PYTHON'
    """

    C = "c"
    CPP = "cpp"
    CSHARP = "csharp"
    GO = "go"
    HTML = "html"
    JAVA = "java"
    JS = "js"
    KOTLIN = "kotlin"
    LATEX = "latex"
    MARKDOWN = "markdown"
    PHP = "php"
    PYTHON = "python"
    RST = "rst"
    RUBY = "ruby"
    RUST = "rust"
    SCALA = "scala"
    SWIFT = "swift"
    TS = "ts"


_TEXT = ("\n\n", "\n", " ", "")


def _lines(*words: str) -> tuple[str, ...]:
    """Return patterns for lines that begin with a word, indented or not."""
    return tuple(rf"\n(?=[ \t]*{word}\b)" for word in words)


_FLOW = ("if", "for", "while", "switch", "case")
_C = (*_lines("class", "struct", "enum", "void", "int", "float", "double"), *_lines(*_FLOW))
_MEMBERS = ("public", "protected", "private", "internal", "static")
_SCRIPT = ("export", "function", "const", "let", "var", "class")

SEPARATORS: dict[Language, tuple[str, ...]] = {
    Language.C: (*_C, *_TEXT),
    Language.CPP: (*_lines("namespace", "template"), *_C, *_TEXT),
    Language.CSHARP: (
        *_lines("namespace", "interface", "enum", "class", "abstract", *_MEMBERS, *_FLOW),
        *_TEXT,
    ),
    Language.GO: (*_lines("func", "var", "const", "type", *_FLOW), *_TEXT),
    Language.HTML: (
        r"(?=<(?:body|main|section|article|nav|header|footer|aside)\b)",
        r"(?=<h[1-6]\b)",
        r"(?=<(?:div|table|ul|ol|p|pre)\b)",
        r"(?=<(?:tr|li|br)\b)",
        r"(?=<\w)",
        *_TEXT,
    ),
    Language.JAVA: (*_lines("class", "interface", "enum", *_MEMBERS, *_FLOW), *_TEXT),
    Language.JS: (*_lines(*_SCRIPT, *_FLOW, "default"), *_TEXT),
    Language.KOTLIN: (*_lines("class", "object", *_MEMBERS, "fun", "val", "var", *_FLOW), *_TEXT),
    Language.LATEX: (
        r"\n(?=\\chapter\*?\{)",
        r"\n(?=\\section\*?\{)",
        r"\n(?=\\subsection\*?\{)",
        r"\n(?=\\subsubsection\*?\{)",
        r"\n(?=\\begin\{)",
        *_TEXT,
    ),
    Language.MARKDOWN: (
        *(rf"\n(?=#{{{level}}} )" for level in range(1, 7)),
        r"\n(?=```)",
        r"\n(?=(?:\*\*\*+|---+|___+)\n)",
        *_TEXT,
    ),
    Language.PHP: (*_lines("class", "interface", "trait", "function", *_FLOW), *_TEXT),
    Language.PYTHON: (
        r"\n(?=class |@)",
        r"\n(?=(?:async )?def )",
        *_lines("(?:async )?def"),
        *_TEXT,
    ),
    Language.RST: (r"\n(?==+\n)", r"\n(?=-+\n)", r"\n(?=\*+\n)", r"\n(?=\.\. )", *_TEXT),
    Language.RUBY: (*_lines("module", "class", "def", "if", "unless", "while", "for"), *_TEXT),
    Language.RUST: (*_lines("(?:pub )?(?:mod|struct|enum|trait|impl|fn)", *_FLOW, "loop"), *_TEXT),
    Language.SCALA: (*_lines("class", "object", "trait", "def", "val", "var", *_FLOW), *_TEXT),
    Language.SWIFT: (*_lines("func", "class", "struct", "enum", *_FLOW), *_TEXT),
    Language.TS: (
        *_lines("enum", "interface", "namespace", "type", *_SCRIPT, *_FLOW, "default"),
        *_TEXT,
    ),
}
