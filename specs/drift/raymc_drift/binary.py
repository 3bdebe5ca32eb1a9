"""Calls and texts of the functions of a compiled program. The programs of Ray's releases keep their symbols, so that a function's machine
code is found by its name: its calls of other functions, and the texts that it refers to. Conditions, numbers and virtual calls are not
seen."""

from __future__ import annotations

import re
import struct
import subprocess
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

from raymc_drift.places import MISSING_TOOL, DriftError
from raymc_drift.tools import program

_TEXT_MIN = 6
"""Shorter runs of characters are found in any table of numbers."""
_TEXT_MAX = 400
_CLONE = re.compile(r" ?\[(?:clone [^\]]*|abi:\w+)\]")
_OPERATOR = re.compile(r"operator(?:<<|>>|->|<=|>=|<|>|\(\))")
_LAMBDA = re.compile(r"((?:\w+::)+~?\w+)(?:<[^()]*>)?\([^{}]*\)(?: const)?::\{lambda")
_PATH = re.compile(r"(?:src/|external/|bazel-|/)")
_RELATIVE = re.compile(r"\[rip ([+-]) (0x[0-9a-f]+|\d+)\]")
_FUNCTION = 2
"""STT_FUNC."""


@dataclass
class Facts:
    """What one function calls and says, with the lambdas that are written in it."""

    calls: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    size: int = 0
    """Of its machine code, in bytes."""

    def add(self, other: Facts) -> None:
        self.calls |= other.calls
        self.texts |= other.texts
        self.size += other.size


def bare(name: str) -> str:
    """A demangled name without template arguments, parameters and type of the result: "ray::raylet::NodeManager::HandleDrainRaylet"."""
    name = _CLONE.sub("", name).replace("(anonymous namespace)::", "")
    out, depth, at = "", 0, 0
    while at < len(name):
        sign = _OPERATOR.match(name, at)
        if sign:
            out += sign.group() if depth == 0 else ""
            at = sign.end()
            continue
        c = name[at]
        if c == "(" and depth == 0:
            break
        depth += (c == "<") - (c == ">")
        if depth == 0 and c != ">":
            out += c
        at += 1
    return out.strip().rsplit(" ", 1)[-1]


def owners(name: str) -> set[str]:
    """The functions whose source a compiled function belongs to: its own, and those in which its lambda is written."""
    found = {bare(name)}
    # What only copies or destroys a lambda says nothing of what it does.
    if "::_M_manager(" not in name:
        found |= {match.group(1) for match in _LAMBDA.finditer(name.replace("(anonymous namespace)::", ""))}
    return found


class Program:
    """One executable or shared library for x86-64, of which the functions with these names, the last part alone, are wanted."""

    def __init__(self, where: str, data: bytes, wanted: Collection[str]) -> None:
        elffile, capstone = _readers()
        self.where = where
        self._data = data
        self._wanted = re.compile("|".join(sorted(f"{len(name.encode())}{re.escape(name)}" for name in wanted)) or "$.")
        try:
            self._elf = elffile.ELFFile(BytesIO(data))
            if self._elf.get_machine_arch() != "x64":
                raise DriftError(f"{where} is for {self._elf.get_machine_arch()}, and drift reads programs for x86-64")
            self._sections = sorted(
                (s for s in self._elf.iter_sections() if s["sh_addr"] and s["sh_type"] != "SHT_NOBITS"), key=lambda s: int(s["sh_addr"])
            )
            self._starts = [int(s["sh_addr"]) for s in self._sections]
            self._read_symbols()
        except DriftError:
            raise
        except Exception as error:  # the reader raises whatever a damaged file makes it trip over
            raise DriftError(f"{where} is no program that can be read: {error or type(error).__name__}") from None
        self._decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)

    def _read_symbols(self) -> None:
        table = self._elf.get_section_by_name(".symtab")
        if table is None:
            raise DriftError(f"{self.where} has no symbols: it is stripped")
        strings = self._elf.get_section(table["sh_link"]).data()
        mangled: dict[int, str] = {}
        sizes: dict[int, int] = {}
        pieces = []
        for at, info, _, section, value, size in struct.iter_unpack("<IBBHQQ", table.data()):
            if info & 15 != _FUNCTION or not section or not size:
                continue
            name = strings[at : strings.index(b"\0", at)].decode("utf8", "replace")
            if value not in mangled:
                mangled[value], sizes[value] = name, size
                if self._wanted.search(name):
                    pieces.append(value)
        names = demangled(list(mangled.values()))
        self._names = {at: names[name] for at, name in mangled.items()}
        self.functions: dict[str, list[tuple[int, int]]] = {}
        """Of the wanted functions, by name with classes and namespaces, the pieces of code: addresses and sizes."""
        for value in pieces:
            for owner in owners(self._names[value]):
                self.functions.setdefault(owner, []).append((value, sizes[value]))
        self._sizes = sizes

    @cached_property
    def handlers(self) -> set[str]:
        """Functions whose name says that they answer a request."""
        named = (bare(name) for name in self._names.values() if "::Handle" in name and "{lambda" not in name)
        return {name for name in named if re.fullmatch(r"ray::(?:\w+::)+Handle[A-Z]\w+", name)}

    def facts(self, name: str) -> Facts:
        """Of a wanted function."""
        found = Facts()
        for at, size in self.functions.get(name, []):
            found.add(self._read(at, size, name))
        return found

    def facts_of_callee(self, name: str) -> Facts:
        """Of any function that has code of its own here: what it does without its lambdas."""
        found = Facts()
        for at, size in self._by_bare_name.get(name, []):
            found.add(self._read(at, size, name))
        return found

    @cached_property
    def _by_bare_name(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        for at, name in self._names.items():
            if name.startswith("ray::") and "{lambda" not in name:
                found.setdefault(bare(name), []).append((at, self._sizes[at]))
        return found

    def _read(self, at: int, size: int, owner: str) -> Facts:
        found = Facts(size=size)
        in_lambda = "{lambda" in self._names[at]
        for address, length, word, operands in self._decoder.disasm_lite(self._bytes(at, size), at):
            target = None
            if word in ("call", "jmp"):
                if operands.startswith("0x"):
                    goal = int(operands, 16)
                    if not at <= goal < at + size or goal == at:
                        target = self._names.get(goal) or self._through_table(goal)
                elif (slot := _relative(operands, address + length)) is not None:
                    target = self._slots.get(slot)
            elif word == "lea" and (place := _relative(operands, address + length)) is not None and (text := self._text(place)):
                found.texts.add(text)
            if target and (callee := bare(target)) and (callee != owner or in_lambda):
                found.calls.add(callee)
        return found

    def _section(self, at: int) -> tuple[Any, int] | None:
        """The section in which an address lies, and where in it."""
        i = bisect_right(self._starts, at) - 1
        if i < 0 or at - self._starts[i] >= self._sections[i]["sh_size"]:
            return None
        return self._sections[i], at - self._starts[i]

    def _bytes(self, at: int, size: int) -> bytes:
        place = self._section(at)
        if place is None:
            return b""
        section, start = place
        first = int(section["sh_offset"])
        return self._data[first + start : first + min(start + size, int(section["sh_size"]))]

    def _text(self, at: int) -> str | None:
        """The text that begins at an address of read-only data, if one does."""
        place = self._section(at)
        if place is None or not place[0].name.startswith(".rodata"):
            return None
        raw = self._bytes(at, _TEXT_MAX).split(b"\0", 1)[0]
        if len(raw) < _TEXT_MIN or not all(32 <= c < 127 or c in b"\n\t" for c in raw):
            return None
        text = raw.decode()
        return None if _PATH.match(text) else text

    @cached_property
    def _slots(self) -> dict[int, str]:
        """By address of a slot that the loader fills, the function whose address it puts there."""
        found: dict[int, str] = {}
        imported: dict[int, str] = {}
        dynamic = self._elf.get_section_by_name(".dynsym")
        strings = self._elf.get_section(dynamic["sh_link"]).data() if dynamic else b""
        entries = dynamic.data() if dynamic else b""
        for section in self._elf.iter_sections():
            if section["sh_type"] != "SHT_RELA":
                continue
            for offset, info, addend in struct.iter_unpack("<QQq", section.data()):
                which = info >> 32
                if which and entries:
                    at = struct.unpack_from("<I", entries, which * 24)[0]
                    imported[offset] = strings[at : strings.index(b"\0", at)].decode("utf8", "replace")
                elif not which and addend in self._names:
                    found[offset] = self._names[addend]
        names = demangled(list(imported.values()))
        return found | {at: names[name] for at, name in imported.items()}

    def _through_table(self, at: int) -> str | None:
        """The function that a stub of the procedure linkage table jumps to."""
        place = self._section(at)
        if place is None or not place[0].name.startswith(".plt"):
            return None
        for address, length, word, operands in self._decoder.disasm_lite(self._bytes(at, 16), at):
            if word.endswith("jmp") and (slot := _relative(operands, address + length)) is not None:
                return self._slots.get(slot)
        return None


def _relative(operands: str, after: int) -> int | None:
    """The address of an operand that is relative to the next instruction."""
    match = _RELATIVE.search(operands)
    if match is None:
        return None
    return after + int(match.group(2), 0) * (1 if match.group(1) == "+" else -1)


def demangled(names: list[str]) -> dict[str, str]:
    """Names as C++ writes them."""
    wanted = sorted({name for name in names if name.startswith("_Z")})
    run = subprocess.run(
        [program("c++filt", "apt-get install binutils")], input="".join(name + "\n" for name in wanted), capture_output=True, text=True, check=False
    )
    lines = run.stdout.splitlines()
    if run.returncode != 0 or len(lines) != len(wanted):
        raise DriftError("c++filt does not answer", MISSING_TOOL, "apt-get install binutils")
    return {name: name for name in names} | dict(zip(wanted, lines, strict=True))


def _readers() -> tuple[Any, Any]:
    try:
        import capstone  # type: ignore[import-untyped]
        from elftools.elf import elffile
    except ImportError as error:
        raise DriftError(f"the Python package {error.name} is not installed", MISSING_TOOL, "./raymc drift --wheels installs it") from None
    return elffile, capstone
