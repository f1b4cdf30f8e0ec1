"""The data dictionary: every stored table and column in words, made from the schema."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from evalkit.vocabulary.checks import check_catalogue
from evalkit.vocabulary.code_labels import code_label
from evalkit.vocabulary.dictionary_words import RULES, TYPES, UNITS, WORDS
from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, Rule, TableSchema, table_names, table_schema
from evalkit.vocabulary.school_types import Language

FILES: Mapping[Language, str] = {"en": "data_dictionary.md", "sv": "datakatalog.md"}
"""What the dictionary is called in each language."""

_HEADINGS = ("column", "holds", "type", "unit", "codes", "missing", "refers", "known_from", "restricted")
# Pandoc shares the width of a page by the dashes under the headings.
_WIDTHS = (16, 26, 12, 10, 30, 12, 16, 12, 8)


def data_dictionary(language: Language) -> str:
    """Return the dictionary of every table that the store keeps.

    Returns
    -------
    str
        Markdown with one section and one pipe table per canonical table, and the catalogue of checks.
    """
    words = WORDS[language]
    head = [f"# {words['title']}", *(words[name] for name in ("about", "intervals", "known", "restricted_means"))]
    sections = [_section(table_schema(name), language) for name in table_names()]
    catalogue = [f"## {words['checks']}", words["about_checks"], check_catalogue(language).rstrip()]
    return "\n\n".join([*head, *sections, *catalogue]) + "\n"


def write_dictionaries(folder: Path) -> None:
    """Write the dictionary in every language to a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in FILES.items():
        (folder / name).write_text(data_dictionary(language), encoding="utf-8", newline="\n")


def _section(table: TableSchema, language: Language) -> str:
    words = WORDS[language]
    title = table.sv if language == "sv" else table.en
    facts = [
        f"- {words['key']}: {_coded(table.key)}",
        f"- {words['known_from']}: {_known_from(table.known_from, language)}",
        f"- {words['order']}: {_coded(table.order)}",
        f"- {words['partition']}: {words[table.partition or 'none']}",
    ]
    rows = [_row(_cells(table, column, language)) for column in table.columns]
    heading = _row([words[name] for name in _HEADINGS])
    line = "|" + "|".join("-" * width for width in _WIDTHS) + "|"
    parts = [f"## {title} (`{table.name}`)", "\n".join(facts), "\n".join([heading, line, *rows])]
    if table.rules:
        told = "\n".join(f"- {_rule(rule, language)}" for rule in table.rules)
        parts += [f"{words['rules']}:", told]
    return "\n\n".join(parts)


def _cells(table: TableSchema, column: ColumnSchema, language: Language) -> list[str]:
    words = WORDS[language]
    return [
        f"`{column.name}`",
        column.sv if language == "sv" else column.en,
        _type(column, language),
        UNITS[language][column.unit] if column.unit else "",
        "; ".join(_code(table.name, column.name, code, language) for code in column.allowed),
        _missing(column, language),
        _refers(column, language),
        _known_from(column.known_from or table.known_from, language),
        words["yes" if column.restricted else "no"],
    ]


def _type(column: ColumnSchema, language: Language) -> str:
    words = WORDS[language]
    told = [TYPES[language][column.type]]
    if column.identity:
        told = [words[f"identity_{column.identity}"]]
    if column.maximum is not None:
        told.append(words["from_to"].format(minimum=f"{column.minimum:g}", maximum=f"{column.maximum:g}"))
    elif column.minimum is not None:
        told.append(words["at_least"].format(minimum=f"{column.minimum:g}"))
    if column.example:
        told.append(words["like"].format(example=f"`{column.example}`"))
    return ", ".join(told)


def _code(table: str, column: str, code: str, language: Language) -> str:
    label = code_label(table, column, code, language)
    return f"`{code}`" if label == code else f"`{code}` {label}"


def _missing(column: ColumnSchema, language: Language) -> str:
    words = WORDS[language]
    if column.known_if is not None:
        return words["unknown_unless"].format(known_if=f"`{column.known_if}`")
    if column.default is not None:
        return words["read_as"].format(default=f"`{column.default}`")
    return words["yes" if column.nullable else "no"]


def _refers(column: ColumnSchema, language: Language) -> str:
    if column.references is None:
        return ""
    told = f"`{column.references}`"
    return told if column.demanded_table else WORDS[language]["if_there"].format(references=told)


def _known_from(name: str, language: Language) -> str:
    return WORDS[language]["always"] if name == ALWAYS else f"`{name}`"


def _rule(rule: Rule, language: Language) -> str:
    words, rules = WORDS[language], RULES[language]
    told = rules[rule.kind].format(
        left=_listed(rule.left, rules["and"]),
        right=f"`{rule.right}`",
        start=f"`{rule.start}`",
        end=f"`{rule.end}`",
        per=_listed(rule.per, rules["and"]),
        date=f"`{rule.date}`",
        of=f"`{rule.of}`",
    )
    if rule.when:
        told += " " + rules["when"].format(when=f"`{rule.when}`")
    if rule.tolerance:
        told += ", " + rules["tolerance"].format(tolerance=f"{rule.tolerance:g}")
    return f"`{rule.id}`: {told}" + (f" {words['warning']}" if rule.severity == "warning" else "")


def _listed(names: tuple[str, ...], last: str) -> str:
    coded = [f"`{name}`" for name in names]
    return " ".join([", ".join(coded[:-1]), last, coded[-1]]) if len(coded) > 1 else "".join(coded)


def _coded(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    write_dictionaries(Path(sys.argv[1]))
