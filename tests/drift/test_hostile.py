"""Trees, diffs and locks that are wrong, and machines that lack something: a message, a hint, a code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import HEADER, NODE_MANAGER, Drift, Ray, run


def _refused(ran: object, code: int, *words: str) -> None:
    assert (ran.code, ran.out) == (code, ""), ran  # type: ignore[attr-defined]
    for word in words:
        assert word in ran.err, ran  # type: ignore[attr-defined]
    assert "Traceback" not in ran.err  # type: ignore[attr-defined]


def test_no_tree_of_ray(drift: Drift, tmp_path: Path) -> None:
    _refused(drift(tree=tmp_path / "nowhere"), 65, "is no folder", "hint")
    empty = tmp_path / "empty"
    empty.mkdir()
    _refused(drift(tree=empty), 65, "has no src/ray")
    run(empty, "init", "-q", "--bare", "bare.git")
    _refused(drift(tree=empty / "bare.git"), 65, "is no revision")
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q")
    (other / "a").write_text("a")
    run(other, "add", "a")
    run(other, "commit", "-q", "-m", "a")
    run(other, "clone", "-q", "--bare", ".", "../other.git")
    _refused(drift(tree=tmp_path / "other.git"), 65, "not one of Ray")


def test_a_bare_repository_is_a_tree(drift: Drift, ray: Ray, tmp_path: Path) -> None:
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    ray.commit()
    run(ray.folder, "clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    assert drift(tree=tmp_path / "bare.git").code == 10


@pytest.mark.parametrize("revision", ["nonsense", "--output=/tmp/x", "-h", "HEAD:src", "HEAD~99", ""])
def test_a_revision_that_is_none(drift: Drift, revision: str) -> None:
    ran = drift(f"--since={revision}")
    assert ran.code == 65, ran
    assert "is no revision" in ran.err


def test_since_needs_a_repository(drift: Drift, ray: Ray) -> None:
    (ray.folder / ".git").rename(ray.folder / "../elsewhere")
    _refused(drift("--since", "HEAD"), 65, "no git repository")
    _refused(drift("--replay", "HEAD~1..HEAD"), 65, "needs a git repository")
    _refused(drift("--accept", "raylet.R45.drain", "--reader", "B"), 65, "no git repository")


@pytest.mark.parametrize("text", [b"", b"hello\n", b"\0\1\2" * 1000, b"@@ -1 +1 @@\n-a\n+b\n", b"--- a\n", "Grüße".encode("latin1")])
def test_a_diff_that_is_none(drift: Drift, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pr.diff").write_bytes(text)
    _refused(drift("--diff", str(tmp_path / "pr.diff")), 65, "is no unified diff")


def test_a_diff_that_cannot_be_read(drift: Drift, tmp_path: Path) -> None:
    _refused(drift("--diff", str(tmp_path / "no.diff")), 65, "is no file")
    _refused(drift("--diff", str(tmp_path)), 65, "is no file")
    huge = tmp_path / "huge.diff"
    with huge.open("wb") as file:
        file.truncate(300 << 20)
    _refused(drift("--diff", str(huge)), 65, "larger than", "--since")


def test_a_diff_of_another_tree(drift: Drift, ray: Ray) -> None:
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    ray.write("../pr.diff", ray.diff().replace("resources_.IsIdle", "others_.IsBusy"))
    _refused(drift("--diff", str(ray.folder / "../pr.diff")), 65, "does not fit the tree")


def test_a_diff_that_the_tree_has_already(drift: Drift, ray: Ray) -> None:
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    ray.write("../pr.diff", ray.diff())
    ran = drift("--diff", str(ray.folder / "../pr.diff"))
    assert ran.code == 10
    assert "NodeManager::HandleDrainRaylet" in ran.out


def test_a_diff_with_much_else_in_it(drift: Drift, ray: Ray) -> None:
    """Binaries, deletions and files that cite nothing are passed over."""
    ray.write("doc/picture.png", "\0\1\2")
    ray.write("doc/old.txt", "old\n")
    ray.write("src/ray/raylet/tests/node_manager_test.cc", "int a;\n")
    ray.commit()
    ray.write("doc/picture.png", "\0\1\3")
    (ray.folder / "doc/old.txt").unlink()
    ray.write("src/ray/raylet/tests/node_manager_test.cc", "int b;\n")
    ray.write("src/ray/raylet/new.cc", "void NodeManager::HandleNews() { f(); }\n")
    run(ray.folder, "add", "-A")
    ray.write("../pr.diff", ray.diff("--cached"))
    run(ray.folder, "reset", "-q", "--hard")
    ran = drift("--diff", str(ray.folder / "../pr.diff"))
    assert ran.code == 0
    assert "not in the model: handler NodeManager::HandleNews (src/ray/raylet/new.cc:1)" in ran.out


def test_a_diff_without_git_lines(drift: Drift, ray: Ray) -> None:
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    lines = [line for line in ray.diff().splitlines(keepends=True) if not line.startswith(("diff --git", "index "))]
    run(ray.folder, "checkout", "-q", ".")
    ray.write("../pr.diff", "".join(lines))
    assert drift("--diff", str(ray.folder / "../pr.diff")).code == 10


def test_a_diff_that_would_leave_its_folder(drift: Drift, ray: Ray, tmp_path: Path) -> None:
    target = tmp_path / "target"
    for path in (f"src/ray/../../../../{target.name}.cc", "/etc/x.cc"):
        text = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+owned\n"
        (tmp_path / "pr.diff").write_text(text)
        assert drift("--diff", str(tmp_path / "pr.diff")).code in (0, 65)
    assert not target.with_suffix(".cc").exists()


def test_a_link_is_not_followed(drift: Drift, ray: Ray, tmp_path: Path) -> None:
    """Neither one of the tree nor one that a diff makes."""
    secret = tmp_path / "secret.cc"
    secret.write_text((ray.folder / NODE_MANAGER).read_text())
    diff = f"diff --git a/{NODE_MANAGER} b/{NODE_MANAGER}\ndeleted file mode 100644\n--- a/{NODE_MANAGER}\n+++ /dev/null\n"
    text = (ray.folder / NODE_MANAGER).read_text().splitlines()
    diff += f"@@ -1,{len(text)} +0,0 @@\n" + "".join(f"-{line}\n" for line in text)
    diff += f"diff --git a/{NODE_MANAGER} b/{NODE_MANAGER}\nnew file mode 120000\n--- /dev/null\n+++ b/{NODE_MANAGER}\n@@ -0,0 +1 @@\n+{secret}\n"
    diff += "\\ No newline at end of file\n"
    (tmp_path / "pr.diff").write_text(diff)
    ran = drift("--diff", str(tmp_path / "pr.diff"))
    assert ran.code == 11, ran
    (ray.folder / NODE_MANAGER).unlink()
    (ray.folder / NODE_MANAGER).symlink_to(secret)
    assert drift().code == 11


def test_code_that_is_none(drift: Drift, ray: Ray) -> None:
    """Unbalanced, binary, without an end: it ends with a verdict."""
    for text in ("((((" * 5000, "}" * 5000, "\0\xff" * 3000, 'void NodeManager::HandleDrainRaylet() { "', "R" + '"' * 9999, "/*" * 9999):
        ray.write(NODE_MANAGER, text)
        assert drift().code in (10, 11)


def test_a_file_that_is_too_large_is_none(drift: Drift, ray: Ray) -> None:
    ray.write(NODE_MANAGER, (ray.folder / NODE_MANAGER).read_text() + "// x\n" * (2 << 20))
    assert drift().code == 11


@pytest.mark.parametrize("missing", ["ctags", "git"])
def test_a_program_is_missing(drift: Drift, ray: Ray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    for folder in os.environ["PATH"].split(":"):
        for name in ("ctags", "git"):
            if name != missing and (Path(folder) / name).exists() and not (place / name).exists():
                (place / name).symlink_to(Path(folder) / name)
    monkeypatch.setenv("PATH", str(place))
    _refused(drift(), 74, f"{missing} is not installed", "apt-get install")


def test_another_ctags(drift: Drift, ray: Ray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    (place / "ctags").write_text("#!/bin/sh\necho 'Exuberant Ctags 5.8'\n")
    (place / "ctags").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    ray.edit(NODE_MANAGER, "IsIdle", "IsBusy")
    _refused(drift(), 74, "not universal-ctags")


def test_the_repositorys_own_configuration_runs_nothing(drift: Drift, ray: Ray, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.cc.textconv"):
        run(ray.folder, "config", key, str(trap))
    ray.write(".gitattributes", "*.cc diff=cc\n")
    run(ray.folder, "-c", "core.fsmonitor=false", "add", ".gitattributes")
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    (tmp_path / "sprung").unlink(missing_ok=True)
    assert drift("--since", "HEAD").code == 10
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--accept", "raylet.R45.drain"), "go together"),
        (("--reader", "B"), "go together"),
        (("--since", "a", "--diff", "b"), "not allowed with"),
        (("--format", "xml"), "invalid choice"),
        (("--sinc", "a"), "unrecognized"),
    ],
)
def test_a_wrong_command_line(drift: Drift, arguments: tuple[str, ...], word: str) -> None:
    _refused(drift(*arguments), 64, word, "--help")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("schema = 2", "schema = 1", "schema 1"),
        ("scheme = 1", "scheme = 9", "scheme 9"),
        ("revision = ", "revision = 7 # ", "revision is missing"),
        ("cites = [", "cites = [[", "sources.toml"),
        ("{ symbol", '{ colour = "red", symbol', "unknown colour"),
        ('reader = "B"', "also = 3", "unknown"),
    ],
)
def test_a_wrong_lock(drift: Drift, project: Path, old: str, new: str, word: str) -> None:
    lock = project / "model/sources.toml"
    text = lock.read_text()
    assert old in text
    lock.write_text(text.replace(old, new, 1))
    _refused(drift(), 65, word)


def test_a_project_without_its_tables(drift: Drift, project: Path) -> None:
    (project / "results/transitions.json").write_text("[{}]")
    _refused(drift(), 65, "transitions.json", "./raymc golden")


def test_a_header_alone_changes_nothing(drift: Drift, ray: Ray) -> None:
    ray.edit(HEADER, "int usage_ = 0;", "int usage_ = 1;")
    assert drift().code == 0
