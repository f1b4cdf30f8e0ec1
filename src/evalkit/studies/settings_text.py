"""Settings as YAML: plain keys and values, each once, none standing for many."""

from __future__ import annotations

from typing import Any

import yaml

from evalkit.errors import readable


class SettingsError(yaml.MarkedYAMLError):
    """What YAML allows and settings do not."""


class SettingsLoader(yaml.SafeLoader):
    """Reads YAML into plain values, and refuses aliases (a few lines of which unfold without end) and double keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next node; as `yaml.composer.Composer`."""
        if self.check_event(yaml.AliasEvent):
            raise SettingsError(problem="the file lets * stand for another part of it", problem_mark=self.get_mark())
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping; as `yaml.constructor.SafeConstructor`."""
        written = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for place, (key, _) in enumerate(node.value):
            if isinstance(key, yaml.ScalarNode) and key.value in written[:place]:
                raise SettingsError(problem="a key stands twice", problem_mark=key.start_mark)
        return super().construct_mapping(node, deep)


def check_readable(text: str) -> str:
    """Return a text that holds only what is seen.

    Raises
    ------
    ValueError
        If it holds characters that order a terminal or page about.
    """
    if readable(text) != text or "\n" in text:
        raise ValueError("the text holds characters that cannot be seen")
    return text


def check_name(text: str) -> str:
    """Return a text that stands on pages as a name or title.

    Raises
    ------
    ValueError
        If it holds what cannot be seen, or what pages take for markup.
    """
    if "<" in text or ">" in text:
        raise ValueError("a name holds no < or >")
    return check_readable(text)
