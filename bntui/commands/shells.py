"""What a command takes, told to a shell: scripts by which bash, zsh and fish complete what is typed after `bntui`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from bntui.records import dataclass

Kind = Literal["nothing", "choices", "files", "scenarios", "other"]


@dataclass(frozen=True, slots=True)
class Word:
    """An option or what stands without one: its spellings (none without an option), what it is, and what may stand for it."""

    spellings: tuple[str, ...]
    says: str
    kind: Kind
    choices: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A command ("" for what is done without one), its options, and what stands without an option, if anything does."""

    name: str
    says: str
    options: tuple[Word, ...]
    typed: Word | None


def bash(commands: Sequence[Asked], scenarios: Sequence[str]) -> str:
    """The script for bash, 3.2 and later."""
    names = [command.name for command in commands if command.name]
    cases = []
    for command in commands:
        for word in command.options:
            if word.kind != "nothing":
                patterns = "|".join(f"{_quoted(f'{command.name} {spelling}')}" for spelling in word.spellings)
                cases.append(f"        {patterns}) {_bash(word)}return ;;")
    typed = [
        f"        {_quoted(command.name)}) options={_quoted(' '.join(_spellings(command)))}; {_bash(command.typed, 'typed=')};;"
        for command in commands
    ]
    lines = [
        "# bntui's completion for bash; in ~/.bashrc: eval \"$(bntui completion bash)\"",
        "_bntui() {",
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= options= typed= IFS=$'\\n'",
        "    local scenarios=" + _quoted("\n".join(scenarios)),
        "    if [[ $current == '=' ]]; then current=",  # bash takes --option=value for three words
        "    elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi",
        f"    case ${{COMP_WORDS[1]}} in {'|'.join(names)}) (( COMP_CWORD > 1 )) && command=${{COMP_WORDS[1]}} ;; esac",
        "    COMPREPLY=()",
        '    case "$command $before" in',
        *cases,
        "    esac",
        "    case $command in",
        *typed,
        "    esac",
        "    if [[ $current == -* ]]; then",
        '        COMPREPLY=($(compgen -W "${options// /$IFS}" -- "$current"))',
        "        return",
        "    fi",
        '    [[ -n $typed ]] && _bntui_offer "$typed"',
        f"    (( COMP_CWORD == 1 )) && COMPREPLY+=($(compgen -W {_quoted(chr(10).join(names))} -- \"$current\"))",
        "}",
        "_bntui_offer() {",
        "    [[ $1 == scenarios ]] && COMPREPLY+=($(compgen -W \"$scenarios\" -- \"$current\"))",
        "    [[ $1 == scenarios || $1 == files ]] && COMPREPLY+=($(compgen -f -- \"$current\"))",
        "    [[ $1 == scenarios || $1 == files ]] && compopt -o filenames 2>/dev/null",
        "    [[ $1 == choices:* ]] && COMPREPLY+=($(compgen -W \"${1#choices:}\" -- \"$current\"))",
        "}",
        "complete -F _bntui bntui",
    ]
    return "\n".join(lines) + "\n"


def _bash(word: Word | None, front: str = "_bntui_offer ") -> str:
    """What offers the candidates of a word, or says which they are."""
    if word is None or word.kind in ("nothing", "other"):
        return ""
    what = "choices:" + "\n".join(word.choices) if word.kind == "choices" else word.kind
    return f"{front}{_quoted(what)}; "


def zsh(commands: Sequence[Asked], scenarios: Sequence[str]) -> str:
    """The script for zsh, sourced or found as _bntui in $fpath."""
    described = [_quoted(f"{command.name}:{command.says}") for command in commands if command.name]
    lines = [
        "#compdef bntui",
        "# bntui's completion for zsh; in ~/.zshrc, after compinit: source <(bntui completion zsh)",
        "_bntui_scenarios() {",
        f"    local -a scenarios=({' '.join(map(_quoted, scenarios))})",
        "    _describe -t scenarios scenario scenarios",
        "    _files",
        "}",
        "_bntui() {",
        f"    local -a commands=({' '.join(described)})",
        "    (( CURRENT == 2 )) && _describe -t commands command commands",
        "    local command=$words[2]",
        "    case $command in",
        *(line for command in commands if command.name for line in _zsh_case(command)),
    ]
    for command in commands:
        if not command.name:
            lines += ["        *)", f"            _arguments -s {_zsh_arguments(command)} ;;"]
    lines += [
        "    esac",
        "}",
        'if [[ $funcstack[1] == _bntui ]]; then _bntui "$@"; else compdef _bntui bntui; fi',
    ]
    return "\n".join(lines) + "\n"


def _zsh_case(command: Asked) -> Iterator[str]:
    yield f"        {command.name})"
    yield "            (( CURRENT > 2 )) || return"
    yield "            shift words; (( CURRENT-- ))"
    yield f"            _arguments -s {_zsh_arguments(command)} ;;"


def _zsh_arguments(command: Asked) -> str:
    """The options and the rest, as _arguments has them."""
    specs = []
    for word in command.options:
        others = f"({' '.join(word.spellings)})" if len(word.spellings) > 1 else ""
        for spelling in word.spellings:
            sign = "=" if spelling.startswith("--") and word.kind != "nothing" else ""
            value = "" if word.kind == "nothing" else f":value:{_zsh_action(word)}"
            specs.append(_quoted(f"{others}{spelling}{sign}[{_zsh_escaped(word.says)}]{value}"))
    if command.typed is not None:
        specs.append(_quoted(f"{'*' if command.typed.many else '1'}:value:{_zsh_action(command.typed)}"))
    return " ".join(specs)


def _zsh_action(word: Word) -> str:
    if word.kind == "choices":
        return f"({' '.join(word.choices)})"
    return {"files": "_files", "scenarios": "_bntui_scenarios"}.get(word.kind, " ")


def _zsh_escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in r"\[]:" else character for character in text)


def fish(commands: Sequence[Asked], scenarios: Sequence[str]) -> str:
    """The script for fish."""
    names = [command.name for command in commands if command.name]
    alone = f"not __fish_seen_subcommand_from {' '.join(names)}"
    lines = ["# bntui's completion for fish; in config.fish: bntui completion fish | source", "complete -c bntui -f"]
    for command in commands:
        when = f"__fish_seen_subcommand_from {command.name}" if command.name else alone
        if command.name:
            lines.append(f"complete -c bntui -n {_fish('__fish_is_first_token')} -a {command.name} -d {_fish(command.says)}")
        for word in command.options:
            spelled = " ".join(f"-l {each[2:]}" if each.startswith("--") else f"-s {each[1:]}" for each in word.spellings)
            what = "" if word.kind == "nothing" else f" {_fish_value(word, scenarios)}"
            lines.append(f"complete -c bntui -n {_fish(when)} {spelled}{what} -d {_fish(word.says)}")
        if command.typed is not None and command.typed.kind != "other":
            lines.append(f"complete -c bntui -n {_fish(when)} {_fish_value(command.typed, scenarios, '')}")
    return "\n".join(lines) + "\n"


def _fish_value(word: Word, scenarios: Sequence[str], required: str = "-r ") -> str:
    """What may stand for a word: of files fish knows itself."""
    if word.kind == "choices":
        return f"{required}-f -a {_fish(' '.join(word.choices))}"
    if word.kind == "scenarios":
        return f"{required}-F -a {_fish(' '.join(scenarios))}"
    return f"{required}-F" if word.kind == "files" else f"{required}-f"


def _fish(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _spellings(command: Asked) -> Iterable[str]:
    return (spelling for word in command.options for spelling in word.spellings)


def _quoted(text: str) -> str:
    """As one word of bash or zsh."""
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


SHELLS: dict[str, Callable[[Sequence[Asked], Sequence[str]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
