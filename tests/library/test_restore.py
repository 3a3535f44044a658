"""A backup becomes the library it was; nothing else ever does, and nothing that was there is lost."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from random import Random

import pytest

from searcher.errors import InputError, LibraryBusy, SearcherError, SourceUnreadable
from searcher.library import restore as module
from searcher.library.backup import seal
from searcher.library.restore import restore
from tests.library.safe import FailingAt, history, unguarded, with_history
from tests.library.samples import NOW, article, new_library


@pytest.fixture
def backup(tmp_path):
    """A backup of a library with a history and settings; the library is in `home`."""
    with with_history(tmp_path / "home") as library:
        (tmp_path / "home" / "searcher.toml").write_text("[fusion]\ndepth = 300\n")
        library.backup(tmp_path / "b.tar", now=NOW)
    return tmp_path / "b.tar"


def names(directory):
    """Give what is in a directory, but for the lock."""
    return sorted(path.name for path in directory.iterdir() if path.name != "writer.lock")


def test_a_restored_library_is_the_one_that_was_backed_up(tmp_path, backup):
    """Every revision with its number, moment and withdrawal, and the settings; it can be written to and searched."""
    made = restore(backup, tmp_path / "new", now=NOW)
    assert (made.articles, made.revisions, made.made_at, made.kept) == (6, 11, NOW, None)
    assert history(tmp_path / "new") == history(tmp_path / "home")
    assert names(tmp_path / "new") == ["articles.db", "searcher.toml"]
    with new_library(tmp_path / "new") as library:
        with library.store._connections.bare() as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        library.update()
        assert library.search("harbour strike", now=NOW).total > 0
        assert library.add(article("next"), now=NOW).added == 1


def test_an_empty_home_is_restored_into_and_a_library_is_not(tmp_path, backup):
    """What else is in the home stays; where a library is, the message says how to replace it, and nothing changes."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").touch()
    restore(backup, tmp_path / "new", now=NOW)
    assert "notes.txt" in names(tmp_path / "new")
    before = history(tmp_path / "home")
    with pytest.raises(InputError, match=r"library in .* already.*--force"):
        restore(backup, tmp_path / "home", now=NOW)
    assert history(tmp_path / "home") == before


def test_a_library_that_is_replaced_is_kept_beside(tmp_path, backup):
    """With its settings and every revision, also those in SQLite's journal; the index says that it is another's."""
    home = tmp_path / "home"
    with new_library(home) as library:
        library.add(article("after the backup"), now=NOW)
    before, wanted = history(home), history(home)[:-1]
    made = restore(backup, home, replace=True, now=NOW)
    assert history(home) == wanted
    assert made.kept is not None and made.kept.parent == home
    assert history(made.kept) == before
    assert (made.kept / "searcher.toml").read_text() == "[fusion]\ndepth = 300\n"
    with new_library(home) as library:
        with pytest.raises(SearcherError, match="searcher rebuild"):
            library.search("harbour", now=NOW)
        library.rebuild()
        assert library.search("harbour strike", now=NOW).total > 0


def test_settings_that_the_backup_does_not_have_go_with_the_old_library(tmp_path):
    """The restored library behaves as the one that was backed up."""
    with with_history(tmp_path / "home") as library:
        library.backup(tmp_path / "b.tar", now=NOW)
    (tmp_path / "home" / "searcher.toml").write_text("[chunks]\nwords = 50\n")
    made = restore(tmp_path / "b.tar", tmp_path / "home", replace=True, now=NOW)
    assert not (tmp_path / "home" / "searcher.toml").exists()
    assert (made.kept / "searcher.toml").exists()


def test_a_library_in_use_is_not_replaced(tmp_path, backup):
    """Whoever has it open would mix both: restoring is refused, and nothing changes."""
    home = tmp_path / "home"
    with new_library(home) as library:
        library.store.last_seq()
        before = list(library.store.all())
        with pytest.raises(LibraryBusy, match="Stop all programs"):
            restore(backup, home, replace=True, now=NOW)
        assert list(library.store.all()) == before
    assert "articles.db" in names(home) and not [name for name in names(home) if name.startswith("replaced")]


def test_a_damaged_library_is_replaced_and_kept_as_it_is(tmp_path, backup):
    """Damage is why one restores."""
    home = tmp_path / "home"
    (home / "articles.db").write_bytes(b"not a database" * 1000)
    (home / "articles.db-wal").write_bytes(b"journal")
    made = restore(backup, home, replace=True, now=NOW)
    assert (made.kept / "articles.db").read_bytes() == b"not a database" * 1000
    assert (made.kept / "articles.db-wal").read_bytes() == b"journal"
    assert len(history(home)) == 11


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"])
def test_a_restore_that_fails_leaves_the_old_library_or_the_new(tmp_path, backup, monkeypatch, error):
    """At whichever change of the disk it fails, the home holds one of both, whole; and restoring again succeeds."""
    with new_library(tmp_path / "home") as library:
        library.add(article("after the backup"), now=NOW)
    old, new = history(tmp_path / "home"), history(tmp_path / "home")[:-1]
    disk = FailingAt(monkeypatch, error)
    shutil.copytree(tmp_path / "home", tmp_path / "whole")
    disk.begin()
    restore(backup, tmp_path / "whole", replace=True, now=NOW)
    total = disk.done
    assert total > 8
    for step in range(1, total + 1):
        home = tmp_path / f"trial {step}"
        shutil.copytree(tmp_path / "home", home)
        disk.begin(step)
        try:
            restore(backup, home, replace=True, now=NOW)
        except type(error):
            pass
        disk.begin()
        assert history(home) in (old, new)
        kept = list(home.glob("replaced-*/articles.db"))
        assert history(home) == old or [history(path.parent) for path in kept] == [old]
        later = NOW.replace(hour=13)
        restore(backup, home, replace=True, now=later)
        assert history(home) == new
        assert old in [history(path.parent) for path in home.glob("replaced-*/articles.db")]
        assert ".restoring" not in names(home)


def test_any_flipped_bit_and_any_cut_is_refused(tmp_path, backup):
    """
    Whatever is changed in the file: it is refused and leaves nothing, or (in tar's own padding and owner's names) what
    is restored is what was backed up.
    """
    wanted = history(tmp_path / "home")
    data = backup.read_bytes()
    random = Random(0)
    bad = tmp_path / "bad.tar"
    refused = 0
    for trial in range(150):
        flipped = bytearray(data)
        # Half of the trials in headers and manifest, which are small.
        place = random.randrange(2048 if trial % 2 else len(data))
        flipped[place] ^= 1 << random.randrange(8)
        bad.write_bytes(flipped if trial % 5 else data[:place])
        home = tmp_path / f"bad {trial}"
        try:
            restore(bad, home, now=NOW)
        except SourceUnreadable as error:
            refused += 1
            assert "Nothing was changed" in str(error)
            assert not home.exists()
        else:
            assert history(home) == wanted
    assert refused > 100


def tar_of(path, *members, manifest=None, files=None):
    """Write a tar of these members: (name, data) or TarInfo; before them a manifest that is right about `files`."""
    if files is not None:
        import hashlib

        manifest = {
            "format": "searcher backup 1",
            "made_at": NOW.isoformat(),
            "articles": 6,
            "revisions": 11,
            "files": {
                name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in files.items()
            },
        }
        manifest["seal"] = seal(manifest)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        first = [("manifest.json", json.dumps(manifest).encode())] if manifest is not None else []
        for member in (*first, *members):
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return path


def special(name, kind, target=""):
    """Give a member that is no plain file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def articles(backup):
    """The bytes of a good articles.db."""
    with tarfile.open(backup) as tar:
        return tar.extractfile("articles.db").read()


def hostile(name, articles):
    """Give the members of a backup that a stranger made, and which files its manifest names."""
    good = ("articles.db", articles)
    return {
        "path": (
            [good, ("../../evil", b"x")],
            {"articles.db": articles, "../../evil": b"x"},
        ),
        "absolute": ([good, ("/tmp/evil", b"x")], {"articles.db": articles, "/tmp/evil": b"x"}),
        "link": ([special("articles.db", tarfile.SYMTYPE, "/etc/passwd")], {"articles.db": articles}),
        "hard-link": ([special("articles.db", tarfile.LNKTYPE, "/etc/passwd")], {"articles.db": articles}),
        "device": ([special("articles.db", tarfile.CHRTYPE)], {"articles.db": articles}),
        "directory": ([special("articles.db", tarfile.DIRTYPE)], {"articles.db": articles}),
        "pipe": ([special("articles.db", tarfile.FIFOTYPE)], {"articles.db": articles}),
        "twice": ([good, good], {"articles.db": articles}),
        "more": ([good, ("extra", b"x")], {"articles.db": articles}),
        "less": ([], {"articles.db": articles}),
        "settings-alone": ([("searcher.toml", b"")], {"searcher.toml": b""}),
        "wrong-settings": (
            [good, ("searcher.toml", b"[x]")],
            {"articles.db": articles, "searcher.toml": b"[x]"},
        ),
        "endless-settings": (
            [good, ("searcher.toml", b"#" * 2_000_000)],
            {"articles.db": articles, "searcher.toml": b"#" * 2_000_000},
        ),
        "another-size": ([good], {"articles.db": articles + b"x"}),
        "no-database": ([("articles.db", b"x" * 9000)], {"articles.db": b"x" * 9000}),
        "empty-database": ([("articles.db", b"")], {"articles.db": b""}),
    }[name]


HOSTILE = str.split(
    "path absolute link hard-link device directory pipe twice more less settings-alone wrong-settings endless-settings "
    "another-size no-database empty-database"
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_strangers_file_is_refused_and_leaves_nothing(tmp_path, articles, name):
    """However it was made: no file of it appears anywhere, and the home that was made for it is gone again."""
    members, files = hostile(name, articles)
    before = sorted(tmp_path.rglob("*"))
    bad = tar_of(tmp_path / "bad.tar", *members, files=files)
    with pytest.raises(SourceUnreadable, match=r"bad\.tar"):
        restore(bad, tmp_path / "new", now=NOW)
    bad.unlink()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "manifest",
    [[], {}, {"format": "searcher backup 2"}, {"format": "searcher backup 1", "seal": "x", "files": {}}, 7],
)
def test_a_manifest_that_is_not_ours_is_refused(tmp_path, articles, manifest):
    """Of another shape, format or seal."""
    bad = tar_of(tmp_path / "bad.tar", ("articles.db", articles), manifest=manifest)
    with pytest.raises(SourceUnreadable, match=r"no whole backup"):
        restore(bad, tmp_path / "new", now=NOW)


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"\0" * 10240, b"\x1f\x8b" + b"x" * 2000])
def test_what_is_no_tar_is_refused(tmp_path, content):
    """Nor is anything unpacked: a packed file may be a thousand times its size."""
    (tmp_path / "bad.tar").write_bytes(content)
    with pytest.raises(SourceUnreadable, match="no whole backup"):
        restore(tmp_path / "bad.tar", tmp_path / "new", now=NOW)


def test_a_header_that_claims_gigabytes_costs_nothing(tmp_path, articles):
    """A name or comment of a tar that says it is 8 GB long is not read into memory."""
    data = bytearray(tar_of(tmp_path / "bad.tar", ("manifest.json", b"{}")).read_bytes())
    for kind in (b"L", b"K", b"x", b"g"):
        header = tarfile.TarInfo("long")
        header.type, header.size = kind, 8_000_000_000
        (tmp_path / "bad.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + data)
        with pytest.raises(SourceUnreadable, match="larger than it may be"):
            restore(tmp_path / "bad.tar", tmp_path / "new", now=NOW)


def refused(tmp_path, path, said):
    """A backup of these articles.db, whose digests are right, is refused with this, and no home is made."""
    data = path.read_bytes()
    bad = tar_of(tmp_path / "bad.tar", ("articles.db", data), files={"articles.db": data})
    with pytest.raises(SourceUnreadable, match=rf"cannot be restored.*{said}"):
        restore(bad, tmp_path / "new", now=NOW)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER evil AFTER INSERT ON revisions BEGIN DELETE FROM rejections; END",
        "CREATE VIEW evil AS SELECT * FROM bodies",
        "CREATE TABLE evil (x)",
        "DROP TRIGGER revisions_stay",
        "PRAGMA user_version = 99",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 0",
    ],
)
def test_a_database_that_is_not_ours_is_refused(tmp_path, articles, statement):
    """Another's trigger would run when we write; a missing one guards nothing; a newer version we do not know."""
    path = tmp_path / "articles.db"
    path.write_bytes(articles)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute(statement)
    raw.close()
    refused(tmp_path, path, "Nothing was changed")


def test_a_file_that_is_not_there_is_named(tmp_path):
    """And no home is made."""
    with pytest.raises(SourceUnreadable, match=r"nowhere\.tar cannot be read"):
        restore(tmp_path / "nowhere.tar", tmp_path / "new", now=NOW)
    assert not (tmp_path / "new").exists()


def test_a_home_that_cannot_be_made_is_named(tmp_path, backup):
    """With what to do; nothing is left."""
    (tmp_path / "file").touch()
    with pytest.raises(SearcherError, match=r"file/new cannot be written to"):
        restore(backup, tmp_path / "file" / "new", now=NOW)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DELETE FROM bodies"], "Nothing was changed"),
        (["DELETE FROM revisions WHERE seq = 11"], "Revision 11 not there any more"),
        (
            [
                "DELETE FROM revisions WHERE seq = 11",
                "UPDATE sqlite_sequence SET seq = 10 WHERE name = 'revisions'",
            ],
            "another number of articles than it says",
        ),
    ],
)
def test_a_backup_is_read_to_its_last_article(tmp_path, articles, statements, said):
    """Its digests are right and its tables are ours; and yet texts are gone, or there are other counts."""
    path = tmp_path / "articles.db"
    path.write_bytes(articles)
    with unguarded(path) as raw:
        for statement in statements:
            assert raw.execute(statement).rowcount > 0
    refused(tmp_path, path, said)


def test_where_there_is_nothing_to_replace_nothing_is_kept(tmp_path, backup):
    """A home may be empty, or hold settings alone: those are kept."""
    assert restore(backup, tmp_path / "new", replace=True, now=NOW).kept is None
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "searcher.toml").write_text("[fusion]\ndepth = 50\n")
    kept = restore(backup, tmp_path / "other", replace=True, now=NOW).kept
    assert names(kept) == ["searcher.toml"] and "depth = 50" in (kept / "searcher.toml").read_text()


def test_what_somebody_put_into_the_new_home_meanwhile_stays(tmp_path, backup, monkeypatch):
    """A restore that fails takes back what it made, and nothing else."""

    def fail(*_):
        (tmp_path / "new" / "theirs").touch()
        raise SourceUnreadable("no")

    monkeypatch.setattr(module, "_unpack", fail)
    with pytest.raises(SourceUnreadable):
        restore(backup, tmp_path / "new", now=NOW)
    assert names(tmp_path / "new") == ["theirs"]
